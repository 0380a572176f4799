"""Whether the parts of a clinic file fit together: capabilities, locations, people, rooms, hours."""

from collections.abc import Iterable, Iterator
from itertools import combinations

from coordinator import times
from coordinator.errors import UnknownZone
from coordinator.files.clinics import Clinic, Group, Location, Practitioner, Room, WorkingHours
from coordinator.files.naming import (
    all_unknown,
    repeated,
    therapy_capabilities,
    unknown,
    unknown_sources,
)
from coordinator.files.values import Fault, WeekHours


def faults(clinic: Clinic) -> Iterator[Fault]:
    """All that does not fit together."""
    yield from repeated((one.key for one in clinic.capabilities), "capabilities")
    yield from repeated((one.key for one in clinic.locations), "locations")
    yield from repeated((one.key for one in clinic.therapies), "therapies")
    yield from _resource_keys(clinic)
    for number, location in enumerate(clinic.locations):
        yield from _location(location, number)
    for number, practitioner in enumerate(clinic.practitioners):
        yield from _practitioner(practitioner, number, clinic)
    yield from _places("rooms", clinic.rooms, clinic)
    yield from _places("devices", clinic.devices, clinic)
    for number, group in enumerate(clinic.groups):
        yield from _group(group, number, clinic)
    yield from _therapies(clinic)
    yield from unknown_sources(clinic.model_dump(mode="json", by_alias=True), clinic.sources)


def _capability_keys(clinic: Clinic) -> set[str]:
    return {capability.key for capability in clinic.capabilities}


def _location_keys(clinic: Clinic) -> set[str]:
    return {location.key for location in clinic.locations}


def _resource_keys(clinic: Clinic) -> Iterator[Fault]:
    """People, rooms, devices and places of groups share one set of keys, pools spelt out."""
    seen: dict[str, str] = {}
    for place, number, keys in _all_resources(clinic):
        if twice := next((key for key in keys if key in seen), None):
            yield Fault((place, number, "key"), f"'{twice}' is there twice (also in {seen[twice]})")
        seen |= dict.fromkeys(keys, place)


def _all_resources(clinic: Clinic) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    for number, practitioner in enumerate(clinic.practitioners):
        yield "practitioners", number, (practitioner.key,)
    for place, rooms in (("rooms", clinic.rooms), ("devices", clinic.devices)):
        for number, room in enumerate(rooms):
            yield place, number, tuple(key for key, _ in room.each())
    for number, group in enumerate(clinic.groups):
        yield "groups", number, group.places()


def _location(location: Location, number: int) -> Iterator[Fault]:
    try:
        times.zone(location.timezone)
    except UnknownZone as error:
        yield Fault(("locations", number, "timezone"), str(error))
    if location.holidays:
        import holidays  # here, because it takes a while and pages start without it

        try:
            holidays.country_holidays(location.holidays.country, subdiv=location.holidays.subdivision)
        except NotImplementedError:
            text = (
                f"no holidays are known for {location.holidays.country} {location.holidays.subdivision or ''}"
            )
            yield Fault(("locations", number, "holidays"), text.rstrip())


def _practitioner(practitioner: Practitioner, number: int, clinic: Clinic) -> Iterator[Fault]:
    place = ("practitioners", number)
    known = _capability_keys(clinic)
    yield from all_unknown("capability", practitioner.capabilities, known, (*place, "capabilities"))
    for at, hours in enumerate(practitioner.hours):
        inner = (*place, "hours", at)
        yield from unknown("location", hours.location, _location_keys(clinic), (*inner, "location"))
        for which, key in enumerate(hours.only):
            if key not in practitioner.capabilities:
                yield Fault((*inner, "only", which), f"'{key}' is none of this practitioner's capabilities")
    for at, exception in enumerate(practitioner.exceptions):
        there = (*place, "exceptions", at, "location")
        yield from unknown("location", exception.location, _location_keys(clinic), there)
    yield from _in_one_place(practitioner, number)


def _in_one_place(practitioner: Practitioner, number: int) -> Iterator[Fault]:
    for (_, one), (at, other) in combinations(enumerate(practitioner.hours), 2):
        if _same_time_of_year(one, other) and (day := _overlap(one.days, other.days)):
            text = f"overlaps with the hours at {one.location} on {day}"
            yield Fault(("practitioners", number, "hours", at, "days"), text)


def _same_time_of_year(one: WorkingHours, other: WorkingHours) -> bool:
    ends_before = one.last_day and other.first_day and one.last_day < other.first_day
    begins_after = one.first_day and other.last_day and one.first_day > other.last_day
    return not (ends_before or begins_after)


def _overlap(one: WeekHours, other: WeekHours) -> str | None:
    for weekday, name in enumerate(WeekHours.model_fields):
        for part in one.on(weekday):
            if any(part.starts < with_.ends and with_.starts < part.ends for with_ in other.on(weekday)):
                return name
    return None


def _places(place: str, rooms: Iterable[Room], clinic: Clinic) -> Iterator[Fault]:
    known = _capability_keys(clinic)
    for number, room in enumerate(rooms):
        yield from unknown("location", room.location, _location_keys(clinic), (place, number, "location"))
        yield from all_unknown("capability", room.capabilities, known, (place, number, "capabilities"))


def _group(group: Group, number: int, clinic: Clinic) -> Iterator[Fault]:
    place = ("groups", number)
    yield from unknown("location", group.location, _location_keys(clinic), (*place, "location"))
    yield from unknown("capability", group.capability, _capability_keys(clinic), (*place, "capability"))
    people = {practitioner.key: practitioner for practitioner in clinic.practitioners}
    yield from all_unknown("practitioner", group.led_by, people, (*place, "led_by"))
    for at, key in enumerate(group.led_by):
        if key in people and group.location not in {hours.location for hours in people[key].hours}:
            yield Fault((*place, "led_by", at), f"'{key}' does not work at {group.location}")
    if group.room:
        rooms = {key for room in clinic.rooms if room.location == group.location for key, _ in room.each()}
        yield from unknown(f"room at {group.location}", group.room, rooms, (*place, "room"))


def _therapies(clinic: Clinic) -> Iterator[Fault]:
    known = _capability_keys(clinic)
    for number, therapy in enumerate(clinic.therapies):
        for key, place in therapy_capabilities(therapy, ("therapies", number)):
            yield from unknown("capability", key, known, place)

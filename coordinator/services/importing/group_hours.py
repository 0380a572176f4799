"""Keeping leaders and rooms free for their groups: weekly hours with the groups' times cut out."""

from collections.abc import Iterable, Iterator

from coordinator.files.clinics import Group, Practitioner, Room, WorkingHours
from coordinator.files.values import WEEKDAYS, DayPart, WeekHours
from coordinator.services.stretches import without


def cut_parts(parts: Iterable[DayPart], taken: Iterable[DayPart]) -> tuple[DayPart, ...]:
    """What is left of the hours of one day when others are taken away."""
    return tuple(DayPart(*part) for part in without(parts, taken))


def cut(hours: WeekHours, taken: Iterable[WeekHours]) -> WeekHours:
    """What is left of a week's hours when others are taken away."""
    gone = tuple(taken)
    left = {
        day: cut_parts(hours.on(number), (part for week in gone for part in week.on(number)))
        for number, day in enumerate(WEEKDAYS)
    }
    return WeekHours(**left)


def of_practitioner(practitioner: Practitioner, groups: Iterable[Group]) -> Iterator[WorkingHours]:
    """A practitioner's hours around the groups they lead, and those of the groups, kept for these alone."""
    led = [group for group in groups if practitioner.key in group.led_by]
    for hours in practitioner.hours:
        if left := cut(hours.days, (group.hours for group in led)):
            yield hours.model_copy(update={"days": left})
    yield from map(_kept, led)


def of_room(key: str, room: Room, opening: WeekHours, groups: Iterable[Group]) -> Iterator[WorkingHours]:
    """A room's hours around the groups held in it; none where it simply is open with its location."""
    held = [group for group in groups if group.room == key]
    if room.hours is None and not held:
        return
    if left := cut(room.hours or opening, (group.hours for group in held)):
        yield WorkingHours(location=room.location, days=left)
    yield from map(_kept, held)


def _kept(group: Group) -> WorkingHours:
    return WorkingHours(location=group.location, days=group.hours, only=(group.capability,))

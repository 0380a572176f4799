"""The entries of a problem file: weights, locations, resources, plans; each refused by its place where it is wrong."""

from collections.abc import Callable
from graphlib import CycleError, TopologicalSorter
from typing import Any

from coordinator import times
from coordinator.errors import UnknownZone
from coordinator.scheduling import reading
from coordinator.scheduling.problem import (
    Gap,
    Link,
    Location,
    Need,
    Phase,
    Placement,
    Plan,
    Resource,
    Series,
    Step,
    Weights,
)
from coordinator.scheduling.reading import Entry, refuse

DEAREST = 1_000_000_000


def weights(value: Any, place: str) -> Weights:
    entry = Entry(value, place, Weights.__slots__)
    return Weights(**{name: entry.read(name, reading.whole(0, DEAREST)) for name in entry.value})


def location(value: Any, place: str) -> Location:
    entry = Entry(value, place, ("id", "timezone"))
    zone = entry.read("timezone", reading.name)
    try:
        times.zone(zone)
    except UnknownZone:
        refuse(entry.at("timezone"), f"no time zone {zone!r}")
    return Location(key=entry.read("id", reading.name), timezone=zone)


def resource(value: Any, place: str, locations: list[str]) -> Resource:
    entry = Entry(value, place, ("id", "location", "capabilities", "free", "is"))
    same = entry.read("is", reading.name) if "is" in entry.value else None
    return Resource(
        key=entry.read("id", reading.name),
        location=entry.read("location", reading.known(locations, "location")),
        capabilities=frozenset(entry.many("capabilities", reading.name, needed=True)),
        free=entry.read("free", reading.apart),
        same_as=same,
    )


def _need(value: Any, place: str) -> Need:
    entry = Entry(value, place, ("all", "as", "before", "after"))
    turnover = reading.whole(0)
    return Need(
        capabilities=entry.many("all", reading.name, needed=True),
        label=entry.read("as", reading.name) if "as" in entry.value else None,
        before=entry.maybe("before", turnover, 0),
        after=entry.maybe("after", turnover, 0),
    )


def _phase(value: Any, place: str) -> Phase:
    entry = Entry(value, place, ("minutes", "needs", "patient"))
    needs = entry.many("needs", _need, needed=True)
    seen: set[str] = set()
    for index, need in enumerate(needs):
        if need.label in seen:
            refuse(f"{place}.needs[{index}].as", f"label {need.label!r} twice in one phase")
        seen |= {need.label} if need.label else set()
    return Phase(
        minutes=entry.read("minutes", reading.whole(1)),
        needs=needs,
        patient=entry.maybe("patient", reading.truth, True),
    )


def _step(value: Any, place: str, resources: list[str]) -> Step:
    entry = Entry(value, place, ("id", "phases", "prefer", "windows", "remote"))
    prefer = entry.many("prefer", reading.known(resources, "resource"))
    if "prefer" in entry.value and not prefer:
        refuse(entry.at("prefer"), "must not be empty")
    return Step(
        key=entry.read("id", reading.name),
        phases=entry.many("phases", _phase, needed=True),
        prefer=prefer,
        windows=entry.many("windows", reading.interval) if "windows" in entry.value else None,
        remote=entry.maybe("remote", reading.truth, False),
    )


def _gap(value: Any, place: str) -> Gap:
    if not isinstance(value, list) or len(value) != 2:
        refuse(place, "expected [min, max]")
    least = reading.whole(0)(value[0], f"{place}[0]")
    most = None if value[1] is None else reading.whole(0)(value[1], f"{place}[1]")
    if most is not None and most < least:
        refuse(place, f"min {least} is more than max {most}")
    return Gap(least=least, most=most)


def _link(value: Any, place: str, steps: list[str]) -> Link:
    entry = Entry(value, place, ("from", "to", "days", "minutes"))
    step = reading.known(steps, "step")
    return Link(
        first=entry.read("from", step),
        then=entry.read("to", step),
        days=entry.maybe("days", _gap, None),
        minutes=entry.maybe("minutes", _gap, None),
    )


def _series(value: Any, place: str, steps: list[str]) -> Series:
    entry = Entry(value, place, ("steps", "capability", "same"))
    return Series(
        steps=entry.read("steps", _group(steps)),
        capability=entry.read("capability", reading.name),
        same=entry.read("same", reading.truth),
    )


def _group(steps: list[str]) -> Callable[[Any, str], tuple[str, ...]]:
    """A reader of a list of different steps, at least one."""

    def reader(value: Any, place: str) -> tuple[str, ...]:
        group = reading.list_of(reading.known(steps, "step"))(value, place)
        reading.no_twice(group, place, "step")
        if not group:
            refuse(place, "must not be empty")
        return group

    return reader


def placement(value: Any, place: str) -> Placement:
    """A reader of ``{"start", "uses"}``."""
    entry = Entry(value, place, ("start", "uses"))
    uses = entry.many("uses", reading.list_of(reading.name), needed=True)
    return Placement(start=entry.read("start", reading.whole()), uses=uses)


def _booked(value: Any, place: str, steps: list[str]) -> dict[str, Placement]:
    entry = Entry(value, place, steps)
    return {key: entry.read(key, placement) for key in entry.value}


def plan_reader(locations: list[str], resources: list[str]) -> Callable[[Any, str], Plan]:
    keys = ("id", "patient", "locations", "free", "earliest", "max_day_minutes", "steps", "links", "series",
            "same_day", "not_same_day", "booked", "booked_location", "pinned")  # fmt: skip
    known = reading.known(locations, "location")

    def reader(value: Any, place: str) -> Plan:
        entry = Entry(value, place, keys)
        where = entry.many("locations", known, needed=True)
        reading.no_twice(where, entry.at("locations"), "location")
        if not where:
            refuse(entry.at("locations"), "must not be empty")
        steps = entry.many("steps", lambda item, at: _step(item, at, resources), needed=True)
        names = [step.key for step in steps]
        reading.no_twice(names, entry.at("steps"), "step", ".id")
        plan = Plan(
            key=entry.read("id", reading.name),
            locations=where,
            steps=steps,
            patient=entry.read("patient", reading.name) if "patient" in entry.value else None,
            free=entry.read("free", reading.apart) if "free" in entry.value else None,
            earliest=entry.maybe("earliest", reading.whole(0), 0),
            max_day_minutes=entry.maybe("max_day_minutes", reading.whole(0), None),
            links=entry.many("links", lambda item, at: _link(item, at, names)),
            series=entry.many("series", lambda item, at: _series(item, at, names)),
            same_day=entry.many("same_day", _group(names)),
            not_same_day=entry.many("not_same_day", _group(names)),
            booked=entry.maybe("booked", lambda item, at: _booked(item, at, names), {}),
            booked_location=entry.read("booked_location", known)
            if "booked_location" in entry.value
            else None,
            pinned=entry.many("pinned", reading.known(names, "step")),
        )
        _no_circle(plan.links, entry.at("links"))
        _whole_booking(plan, entry)
        return plan

    return reader


def _no_circle(links: tuple[Link, ...], place: str) -> None:
    order: TopologicalSorter[str] = TopologicalSorter()
    for link in links:
        order.add(link.then, link.first)
    try:
        order.prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        steps = set(error.args[1])
        index = next(i for i, link in enumerate(links) if {link.first, link.then} <= steps)
        refuse(f"{place}[{index}]", f"the links go round in a circle: {circle}")


def _whole_booking(plan: Plan, entry: Entry) -> None:
    """``booked`` and ``booked_location`` come together, and what is pinned is booked."""
    for one, other in (("booked", "booked_location"), ("booked_location", "booked")):
        if one in entry.value and other not in entry.value:
            refuse(entry.at(other), f"is missing beside {one!r}")
    for index, key in enumerate(plan.pinned):
        if key not in plan.booked:
            refuse(f"{entry.at('pinned')}[{index}]", f"step {key!r} is not booked")

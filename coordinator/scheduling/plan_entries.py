"""A plan of a problem file, with its steps and all that ties them; refused where it is wrong."""

from collections.abc import Collection
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Any

from coordinator.errors import FileProblem
from coordinator.scheduling.problem import Gap, Link, Need, Phase, Placement, Plan, Series, Step
from coordinator.scheduling.reading import (
    FAR,
    Entry,
    Reader,
    any_whole,
    apart,
    bound,
    filled,
    interval,
    key,
    known,
    list_of,
    name,
    no_twice,
    refuse,
    shown,
    truth,
    whole,
)

NEED = frozenset({"all", "as", "before", "after"})
PHASE = frozenset({"minutes", "needs", "patient"})
STEP = frozenset({"id", "phases", "prefer", "windows", "remote"})
LINK = frozenset({"from", "to", "days", "minutes"})
SERIES = frozenset({"steps", "capability", "same"})
PLACEMENT = frozenset({"start", "uses"})
PLAN = frozenset(
    {"id", "patient", "locations", "free", "earliest", "max_day_minutes", "steps", "links", "series", "same_day",
     "not_same_day", "booked", "booked_location", "pinned"}
)  # fmt: skip

SHOWN = 12  # steps of a circle that a message names

amount, length, names = whole(0), whole(1), list_of(name)


def plan_reader(locations: Collection[str], resources: Collection[str]) -> Reader[Plan]:
    """A reader of one plan in a clinic of these locations and resources."""
    place = known(locations, "location")
    wanted, steps = filled(different(place, "location")), list_of(_step_reader(known(resources, "resource")))

    def read(value: Any) -> Plan:
        entry = Entry(value, PLAN)
        made = Plan(
            key=entry.read("id", name),
            locations=entry.read("locations", wanted),
            steps=entry.read("steps", steps),
            patient=entry.maybe("patient", name, None),
            free=entry.maybe("free", apart, None),
            earliest=entry.maybe("earliest", amount, 0),
            max_day_minutes=entry.maybe("max_day_minutes", bound, None),
            booked_location=entry.maybe("booked_location", place, None),
        )
        made = replace(made, **_ties(entry, [step.key for step in made.steps]))
        _whole_booking(made, entry)
        return made

    return read


def _ties(entry: Entry, steps: list[str]) -> dict[str, Any]:
    """What a plan says of its steps by their names."""
    entry.read("steps", lambda _: no_twice(steps, "step", ".id"))
    step = known(steps, "step")
    group = filled(different(step, "step"))
    readers: dict[str, Reader[Any]] = {
        "links": _links_reader(step),
        "series": list_of(_series_reader(group)),
        "same_day": list_of(group),
        "not_same_day": list_of(group),
        "booked": _booked_reader(frozenset(steps)),
        "pinned": list_of(step),
    }
    return {tie: entry.read(tie, reader) for tie, reader in readers.items() if tie in entry.value}


def different(reader: Reader[str], what: str) -> Reader[tuple[str, ...]]:
    """A reader of a list in which nothing comes twice."""
    several = list_of(reader)

    def read(value: Any) -> tuple[str, ...]:
        made = several(value)
        no_twice(made, what)
        return made

    return read


def _need(value: Any) -> Need:
    entry = Entry(value, NEED)
    return Need(
        capabilities=entry.read("all", names),
        label=entry.maybe("as", name, None),
        before=entry.maybe("before", amount, 0),
        after=entry.maybe("after", amount, 0),
    )


def _needs(value: Any) -> tuple[Need, ...]:
    needs, seen = _several_needs(value), set[str]()
    for index, need in enumerate(needs):
        if need.label in seen:
            refuse(f"label {shown(need.label)} twice in one phase", f"[{index}].as")
        seen |= {need.label} if need.label else set()
    return needs


_several_needs = list_of(_need)


def _phase(value: Any) -> Phase:
    entry = Entry(value, PHASE)
    return Phase(
        minutes=entry.read("minutes", length),
        needs=entry.read("needs", _needs),
        patient=entry.maybe("patient", truth, True),
    )


def _step_reader(resource: Reader[str]) -> Reader[Step]:
    phases, windows, liked = list_of(_phase), list_of(interval), filled(list_of(resource))

    def read(value: Any) -> Step:
        entry = Entry(value, STEP)
        return Step(
            key=entry.read("id", name),
            phases=entry.read("phases", phases),
            prefer=entry.maybe("prefer", liked, ()),
            windows=entry.maybe("windows", windows, None),
            remote=entry.maybe("remote", truth, False),
        )

    return read


def _gap(value: Any) -> Gap:
    if not isinstance(value, list) or len(value) != 2:
        refuse("expected [min, max]")
    least, most = list_of(any_whole)(value if value[1] is not None else [value[0], FAR])
    if most < least:
        refuse(f"min {shown(least)} is more than max {shown(most)}")
    least, most = list_of(bound)([least, most])
    return Gap(least=least, most=None if value[1] is None else most)


def _links_reader(step: Reader[str]) -> Reader[tuple[Link, ...]]:
    def read(value: Any) -> Link:
        entry = Entry(value, LINK)
        return Link(
            first=entry.read("from", step),
            then=entry.read("to", step),
            days=entry.maybe("days", _gap, None),
            minutes=entry.maybe("minutes", _gap, None),
        )

    several = list_of(read)

    def read_all(value: Any) -> tuple[Link, ...]:
        links = several(value)
        _no_circle(links)
        return links

    return read_all


def _series_reader(group: Reader[tuple[str, ...]]) -> Reader[Series]:
    def read(value: Any) -> Series:
        entry = Entry(value, SERIES)
        return Series(
            steps=entry.read("steps", group),
            capability=entry.read("capability", name),
            same=entry.read("same", truth),
        )

    return read


def _placement(value: Any) -> Placement:
    entry = Entry(value, PLACEMENT)
    return Placement(start=entry.read("start", whole(-FAR)), uses=entry.read("uses", list_of(names)))


def _booked_reader(steps: frozenset[str]) -> Reader[dict[str, Placement]]:
    def read(value: Any) -> dict[str, Placement]:
        entry = Entry(value, steps, "step")
        return {step: entry.read(step, _placement) for step in entry.value}

    return read


def _no_circle(links: tuple[Link, ...]) -> None:
    order: TopologicalSorter[str] = TopologicalSorter()
    for link in links:
        order.add(link.then, link.first)
    try:
        order.prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        pairs = set(pairwise(circle))
        index = next(i for i, link in enumerate(links) if (link.first, link.then) in pairs)
        several = " → ".join(shown(step)[1:-1] for step in circle[:SHOWN])
        raise FileProblem(
            f"the links go round in a circle: {several}{' …' * (len(circle) > SHOWN)}", field=f"[{index}]"
        ) from None


def _whole_booking(plan: Plan, entry: Entry) -> None:
    """``booked`` and ``booked_location`` come together, and what is pinned is booked."""
    for one, other in (("booked", "booked_location"), ("booked_location", "booked")):
        if one in entry.value and other not in entry.value:
            refuse(f"is missing beside {one!r}", key(other))
    for index, step in enumerate(plan.pinned):
        if step not in plan.booked:
            refuse(f"step {shown(step)} is not booked", f".pinned[{index}]")

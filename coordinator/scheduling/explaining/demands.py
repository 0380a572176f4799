"""What a plan asks for that could be given up, and the plan with only some of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

from coordinator.scheduling.problem import Interval, Phase, Placement, Plan, Step

Windows = tuple[Interval, ...]
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One rule of a plan: at which step, which rule, and which of the plan's items of that kind."""

    rule: str
    step: str
    index: int = 0


class Demands:
    """Every rule of a plan that could be given up. ``frame`` are windows of steps that stay whatever is given up."""

    def __init__(self, plan: Plan, frame: Mapping[str, Windows] | None = None) -> None:
        self.plan, self.frame = plan, frame or {}
        self.all = tuple(_of(plan))
        self._made: dict[tuple[str, bool, bool], Step] = {}

    @cached_property
    def _needing(self) -> set[str]:
        return {each.step for each in self.all if each.rule == "resources"}

    @cached_property
    def _bare(self) -> dict[str, Step]:
        return {step.key: replace(step, phases=tuple(map(_bare, step.phases))) for step in self.plan.steps}

    def keep(self, kept: Iterable[Demand]) -> Plan:
        """The plan with only some of its rules. A step without resources, if booked, was booked with none."""
        plan, stay = self.plan, set(kept)
        index: dict[str, set[int]] = {rule: set() for rule in LISTS}
        named: dict[str, set[str]] = {rule: set() for rule in OWN}
        for each in stay:
            if each.rule in index:
                index[each.rule].add(each.index)
            elif each.rule in named:
                named[each.rule].add(each.step)
        bare, windowed = self._needing - named["resources"], named["window"]
        return replace(
            plan,
            steps=tuple(self._step(step, step.key in bare, step.key in windowed) for step in plan.steps),
            free=plan.free if PATIENT in stay else None,
            max_day_minutes=plan.max_day_minutes if DAY_LENGTH in stay else None,
            pinned=tuple(key for key in dict.fromkeys(plan.pinned) if key in named["pinned"]),
            booked={key: _alone(was) if key in bare else was for key, was in plan.booked.items()},
            links=_among(plan.links, index["link"]),
            series=tuple(each for number, each in enumerate(plan.series)
                         if not each.same or number in index["series"]),
            same_day=_among(plan.same_day, index["same-day"]),
            not_same_day=_among(plan.not_same_day, index["not-same-day"]),
        )  # fmt: skip

    def without(self, *dropped: Demand) -> Plan:
        """The plan without some of its rules."""
        return self.keep(each for each in self.all if each not in dropped)

    def _step(self, step: Step, bare: bool, windowed: bool) -> Step:
        """A step with only some of its rules; asked again, it is the same object."""
        asked = step.key, bare, windowed
        if asked not in self._made:
            self._made[asked] = self._make(step, bare, windowed)
        return self._made[asked]

    def _make(self, step: Step, bare: bool, windowed: bool) -> Step:
        made = self._bare[step.key] if bare else step
        frame = self.frame.get(step.key)
        windows = step.windows if windowed else None
        if frame is not None:
            windows = frame if windows is None else common(frame, windows, step.minutes)
        return made if windows == made.windows else replace(made, windows=windows)


OWN = ("resources", "window", "pinned")  # rules of one step by itself
LISTS = ("link", "series", "same-day", "not-same-day")
PATIENT, DAY_LENGTH = Demand(rule="patient", step="-"), Demand(rule="day-length", step="-")


def _of(plan: Plan) -> Iterator[Demand]:
    for step in plan.steps:
        if any(phase.needs for phase in step.phases):
            yield Demand(rule="resources", step=step.key)
    for step in plan.steps:
        if step.windows is not None:
            yield Demand(rule="window", step=step.key)
    if plan.free is not None:
        yield PATIENT
    if plan.max_day_minutes is not None:
        yield DAY_LENGTH
    for key in dict.fromkeys(plan.pinned):
        yield Demand(rule="pinned", step=key)
    for index, link in enumerate(plan.links):
        yield Demand(rule="link", step=link.then, index=index)
    for index, series in enumerate(plan.series):
        if series.same:
            yield Demand(rule="series", step=series.steps[0], index=index)
    for rule, groups in (("same-day", plan.same_day), ("not-same-day", plan.not_same_day)):
        for index, group in enumerate(groups):
            yield Demand(rule=rule, step=group[0], index=index)


def common(some: Windows, others: Windows, minutes: int) -> Windows:
    """The windows in which a step of that length lies in one of each."""
    pairs = ((max(a, c), min(b, d)) for a, b in some for c, d in others)
    return tuple(sorted({(low, high) for low, high in pairs if high - low >= minutes}))


def _bare(phase: Phase) -> Phase:
    return replace(phase, needs=())


def _alone(was: Placement) -> Placement:
    return replace(was, uses=tuple(() for _ in was.uses))


def _among(items: tuple[Item, ...], index: Collection[int]) -> tuple[Item, ...]:
    return tuple(item for number, item in enumerate(items) if number in index)

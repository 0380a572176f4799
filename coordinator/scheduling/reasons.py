"""Why a plan does not fit: a smallest set of rules that cannot be kept together, in words for a coordinator."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from coordinator.scheduling import search, wording
from coordinator.scheduling.answer import Reason
from coordinator.scheduling.problem import Phase, Plan, Problem, Step
from coordinator.scheduling.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """One rule of a plan that can be given up: which step, which rule, and the plan without it."""

    step: str
    rule: str
    relax: Callable[[Plan], Plan]
    about: object = None


def why(problem: Problem, plan: Plan, run: Run) -> tuple[Reason, ...]:
    """A smallest set of rules: together they cannot be kept, without any one of them the others can.

    Where time runs out the set may be larger than it has to be.
    """
    demands = list(_demands(plan))
    if search.fits(*_with(problem, plan, demands, []), run) is False:
        return (wording.no_room(problem, plan),)
    needed = _conflict(problem, plan, demands, run)
    return tuple(_reason(problem, plan, demands, needed, each) for each in needed)


def _reason(
    problem: Problem, plan: Plan, demands: list[Demand], needed: list[Demand], demand: Demand
) -> Reason:
    """A demand in words, with what the other ones of the set leave of its step's time."""
    others = [each for each in needed if each is not demand]
    return wording.reason(problem, plan, demand.step, demand.rule, demand.about, _keep(plan, demands, others))


def _keep(plan: Plan, demands: Sequence[Demand], kept: Sequence[Demand]) -> Plan:
    """The plan with only some of its demands."""
    stay = {id(each) for each in kept}
    for demand in demands:
        if id(demand) not in stay:
            plan = demand.relax(plan)
    return plan


def _with(
    problem: Problem, plan: Plan, demands: Sequence[Demand], kept: Sequence[Demand]
) -> tuple[Problem, Plan]:
    """The problem and the plan with only some of its demands."""
    relaxed = _keep(plan, demands, kept)
    plans = tuple(relaxed if each.key == plan.key else each for each in problem.plans)
    return replace(problem, plans=plans), relaxed


def _conflict(problem: Problem, plan: Plan, demands: list[Demand], run: Run) -> list[Demand]:
    """A smallest conflict. Where narrowing alone proves one, only the few rules of that proof are searched further."""

    def fits(kept: Sequence[Demand]) -> bool:
        """What time does not allow to know counts as fitting."""
        return search.fits(*_with(problem, plan, demands, kept), run) is not False

    def may_fit(kept: Sequence[Demand]) -> bool:
        return not search.never_fits(*_with(problem, plan, demands, kept))

    return _smallest(demands if may_fit(demands) else _smallest(demands, may_fit), fits)


def _smallest(demands: list[Demand], fits: Callable[[Sequence[Demand]], bool]) -> list[Demand]:
    """A smallest part of demands that do not fit together, by halves (Junker's QuickXplain)."""

    def explain(background: list[Demand], added: bool, among: list[Demand]) -> list[Demand]:
        if added and not fits(background):
            return []
        if len(among) == 1:
            return among
        half = len(among) // 2
        second = explain(background + among[:half], True, among[half:])
        first = explain(background + second, bool(second), among[:half])
        return first + second

    return explain([], False, demands)


def _demands(plan: Plan) -> Iterator[Demand]:
    """Everything a plan asks for that could be given up."""
    for step in plan.steps:
        if any(phase.needs for phase in step.phases):
            yield Demand(step=step.key, rule="resources", relax=_without_resources(step.key))
    for step in plan.steps:
        if step.windows is not None:
            yield Demand(step=step.key, rule="window", relax=_without_windows(step.key), about=step.windows)
    if plan.free is not None:
        yield Demand(step="-", rule="patient", relax=lambda each: replace(each, free=None))
    if plan.max_day_minutes is not None:
        about = plan.max_day_minutes
        yield Demand(
            step="-", rule="day-length", relax=lambda each: replace(each, max_day_minutes=None), about=about
        )
    for key in dict.fromkeys(plan.pinned):
        yield Demand(step=key, rule="pinned", relax=_unpinned(key), about=plan.booked[key])
    for link in plan.links:
        yield Demand(step=link.then, rule="link", relax=_without("links", link), about=link)
    for series in plan.series:
        if series.same:
            yield Demand(step=series.steps[0], rule="series", relax=_without("series", series), about=series)
    for name, rule in (("same_day", "same-day"), ("not_same_day", "not-same-day")):
        for group in getattr(plan, name):
            yield Demand(step=group[0], rule=rule, relax=_without(name, group), about=group)


def _without(name: str, item: object) -> Callable[[Plan], Plan]:
    """Drop one item of a plan's list."""

    def relax(plan: Plan) -> Plan:
        left: dict[str, Any] = {name: tuple(each for each in getattr(plan, name) if each is not item)}
        return replace(plan, **left)

    return relax


def _changed(plan: Plan, key: str, change: Callable[[Step], Step]) -> Plan:
    return replace(plan, steps=tuple(change(step) if step.key == key else step for step in plan.steps))


def _without_windows(key: str) -> Callable[[Plan], Plan]:
    return lambda plan: _changed(plan, key, lambda step: replace(step, windows=None))


def _unpinned(key: str) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, pinned=tuple(each for each in plan.pinned if each != key))


def _without_resources(key: str) -> Callable[[Plan], Plan]:
    """The step needs no one; where it is booked, it was booked with no one."""

    def bare(phase: Phase) -> Phase:
        return replace(phase, needs=())

    def relax(plan: Plan) -> Plan:
        plan = _changed(
            plan, key, lambda step: replace(step, phases=tuple(bare(each) for each in step.phases))
        )
        if key not in plan.booked:
            return plan
        was = plan.booked[key]
        return replace(plan, booked={**plan.booked, key: replace(was, uses=tuple(() for _ in was.uses))})

    return relax

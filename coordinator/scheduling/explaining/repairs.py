"""What would help a plan that does not fit: changes that make it fit, each of them tried, the cheapest plan first."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from coordinator.scheduling import days, rules, search
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.explaining import change as changing
from coordinator.scheduling.explaining import conflict, easing, loosening, patience, said, staffing
from coordinator.scheduling.explaining.change import Change
from coordinator.scheduling.explaining.demands import Demand, Demands
from coordinator.scheduling.explaining.easing import Easing
from coordinator.scheduling.explaining.fitting import Fitting
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Plan, Problem
from coordinator.scheduling.run import Run

PAIRS = 8  # changes of two rules that are tried

Repair = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Tried:
    """A change with the best plan that it allows."""

    change: Change
    proposal: Proposal
    cost: int


def of(fitting: Fitting, demands: Demands, needed: list[Demand] | None, most: int) -> tuple[Repair, ...]:
    """At most so many changes of a plan or its clinic; ``needed`` are the reasons why it does not fit."""
    problem, run = fitting.problem, fitting.run
    found = _tried(problem, _singles(Easing(fitting, demands), needed), run, most)
    if not found and needed:
        pairs = _pairs(problem, demands.plan, needed, run)
        found = _tried(problem, islice(pairs, PAIRS), run, most)
    return tuple(_written(problem, each) for each in found)


def _singles(asked: Easing, needed: list[Demand] | None) -> Iterator[Change]:
    """Changes of one rule, or of those who serve."""
    yield from staffing.elsewhere(asked)
    yield from easing.earlier(asked)
    for demand in needed or ():
        yield from _changes(asked, demand)


def _changes(asked: Easing, demand: Demand) -> Iterator[Change]:
    if demand.rule == "patient":
        return patience.changes(asked)
    if demand.rule == "resources":
        return staffing.changes(asked, demand.step)
    return asked.of(demand)


def _pairs(problem: Problem, plan: Plan, needed: list[Demand], run: Run) -> Iterator[Change]:
    """Changes of two rules, where one is not enough: what would help without one rule, and that one eased on top."""
    for demand in sorted(needed, key=lambda each: each.rule == "resources"):
        loose = loosening.without(plan, demand)
        asked = Easing(Fitting(problem, loose, run), Demands(loose))
        for other in conflict.smallest(asked.demands, asked.fitting) or ():
            for change in _changes(asked, other):
                if run.over:
                    return
                yield from _on_top(
                    problem, replace(change, plan=loosening.again(change.plan, plan, demand)), demand, run
                )


def _on_top(problem: Problem, first: Change, demand: Demand, run: Run) -> Iterator[Change]:
    """A change together with the smallest ones of a rule that it does not suffice for."""
    changed = changing.apply(problem, first)
    asked = Easing(Fitting(changed, first.plan, run), Demands(first.plan))
    for second in _changes(asked, demand):
        yield changing.both(first, second)


def _tried(problem: Problem, changes: Iterator[Change], run: Run, most: int) -> list[Tried]:
    """The changes that lead to the cheapest plans; of equals the smallest first.

    What may be cheap is tried first. What only the solver can price is left out where enough else helps.
    """
    found: list[Tried] = []
    for trial in sorted(_trials(problem, changes), key=Trial.order):
        enough = len(found) >= most
        if run.over or (enough and (not trial.plain or trial.floor > found[-1].cost)):
            break
        tried = _try(trial, run, Limits(below=found[-1].cost + 1) if enough else Limits())
        if tried is not None:
            found = sorted([*found, tried], key=lambda each: (each.cost, each.change.size))[:most]
    return found


@dataclass(frozen=True, slots=True)
class Trial:
    """A change that dates allow: its locations, and what any plan with it costs at least."""

    change: Change
    prospects: search.Prospects
    floor: int

    @property
    def plain(self) -> bool:
        """Whether it is searched from date to date."""
        return all(self.prospects[each].window.plain for each in self.change.plan.locations)

    def order(self) -> tuple[bool, int, int]:
        """What is tried first."""
        return not self.plain, self.floor, self.change.size


def _trials(problem: Problem, changes: Iterator[Change]) -> Iterator[Trial]:
    """The changes that dates allow, each once."""
    known: set[str] = set()
    for change in changes:
        key = repr((change.plan, change.resources))
        if key not in known:
            known.add(key)
            prospects = search.Prospects(changing.apply(problem, change), change.plan)
            floor = prospects.floor()
            if floor is not None:
                yield Trial(change, prospects, floor)


def _try(trial: Trial, run: Run, limits: Limits) -> Tried | None:
    """The best plan with a change, if there is one and it is proven and keeps every rule."""
    best, changed = search.best(trial.prospects, run, limits), trial.prospects.problem
    if best.proposal is None or not best.done or any(rules.violations(changed, best.proposal)):
        return None
    return Tried(trial.change, best.proposal, rules.cost(changed, best.proposal).total)


def _written(problem: Problem, tried: Tried) -> Repair:
    """A repair as the answer has it."""
    proposal, change = tried.proposal, tried.change
    calendar = days.of(problem, proposal.location)
    timed = [step.key for step in change.plan.steps if step.phases]
    end = max((proposal.steps[key].start for key in timed), default=change.plan.earliest)
    where = f" at {proposal.location}" if len(change.plan.locations) > 1 else ""
    text = f"{change.text}: done by {said.date(calendar.wall(end))}{where}."
    return {"change": change.word, "text": text, "cost": tried.cost, "patch": changing.patch(problem, change)}

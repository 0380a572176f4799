"""Why a plan that fits is not over sooner, or why a step is not on another day; and what it would cost if it were."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from coordinator.scheduling import answer as answers
from coordinator.scheduling import days, reasons, rules, search
from coordinator.scheduling.answer import Alternative, Answer, Change, Cost, PlanAnswer, Proposal, Reason
from coordinator.scheduling.explaining import conflict
from coordinator.scheduling.explaining.demands import Demands, Windows
from coordinator.scheduling.explaining.fitting import Fitting
from coordinator.scheduling.problem import Plan, Problem
from coordinator.scheduling.run import Run

FORMAT = "coordinator-why-not/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhyNot:
    """``reasons`` why it cannot be at the proposal's location, or the best proposal as it was asked for, in any.

    Neither, where time ran out.
    """

    reasons: tuple[Reason, ...] = ()
    alternative: Alternative | None = None


def sooner(problem: Problem, proposal: Proposal, run: Run) -> WhyNot:
    """Why the last step does not start on an earlier date."""
    plan, most = problem.plan[proposal.plan], rules.cost(problem, proposal).finish_day - 1

    def frame(location: str) -> Mapping[str, Windows]:
        calendar = days.of(problem, location)
        last = calendar.ordinal(plan.earliest) - calendar.first + most
        timed = (step for step in plan.steps if step.phases)
        return {step.key: _starting(problem, location, 0, last, step.minutes) for step in timed}

    frames = {location: frame(location) for location in plan.locations}
    return _asked(problem, proposal, "sooner", frames, run)


def on_day(problem: Problem, proposal: Proposal, step: str, day: date, run: Run) -> WhyNot:
    """Why a step does not start on a date."""
    plan = problem.plan[proposal.plan]

    def frame(location: str) -> Mapping[str, Windows]:
        index = day.toordinal() - days.of(problem, location).first
        return {step: _starting(problem, location, index, index, plan.step(step).minutes)}

    return _asked(problem, proposal, "day", {location: frame(location) for location in plan.locations}, run)


def _starting(problem: Problem, location: str, first: int, last: int, minutes: int) -> Windows:
    """The window of a step that starts on one of some dates (by index), and on none where the horizon has none."""
    calendar = days.of(problem, location)
    first, last = max(first, 0), min(last, calendar.count - 1)
    return ((calendar.begins[first], calendar.begins[last + 1] - 1 + minutes),) if first <= last else ()


def _asked(
    problem: Problem, first: Proposal, kind: str, frames: Mapping[str, Mapping[str, Windows]], run: Run
) -> WhyNot:
    """The best proposal within windows, which depend on the location; or why there is none where the first one is."""
    plan, sure, found = problem.plan[first.plan], True, list[Proposal]()
    for location, frame in frames.items():
        here = replace(plan, locations=(location,))
        framed = Demands(here, frame).keep(Demands(here).all)
        best = search.best(search.Prospects(_with(problem, framed), framed), run)
        found += [best.proposal] if best.proposal is not None else []
        sure &= best.done
    if found:
        best_of = min(found, key=lambda each: rules.cost(problem, each).total)
        return WhyNot(alternative=_beside(problem, kind, first, best_of, sure))
    if not sure:
        return WhyNot()
    here = replace(plan, locations=(first.location,))
    demands, fitting = Demands(here, frames[first.location]), Fitting(_with(problem, here), here, run)
    return WhyNot(reasons=reasons.said(demands, fitting, conflict.smallest(demands, fitting)))


def _with(problem: Problem, plan: Plan) -> Problem:
    made = replace(problem, plans=tuple(plan if each.key == plan.key else each for each in problem.plans))
    made.__dict__["openings"] = problem.openings
    return made


def _beside(problem: Problem, kind: str, first: Proposal, other: Proposal, sure: bool) -> Alternative:
    """Another proposal, with what is better and what is worse about it."""
    before, cost = rules.cost(problem, first), rules.cost(problem, other)
    return Alternative(
        kind=kind,
        proposal=other,
        cost=cost.total,
        bound=cost.total if sure else min(before.total, cost.total),
        better=tuple(_less(cost, before)),
        worse=tuple(_less(before, cost)),
    )


def _less(one: Cost, other: Cost) -> Iterator[Change]:
    """The parts of which ``one`` has fewer units."""
    mine, theirs = one.units(), other.units()
    return (Change(what=name, by=theirs[name] - mine[name]) for name in mine if mine[name] < theirs[name])


def to_json(first: PlanAnswer, found: WhyNot) -> dict[str, Any]:
    """What was found, as a plan of an answer file: its ``alternatives`` are at most the one that was asked for, with
    ``more``, what it costs beyond the first."""
    other = found.alternative
    beside = replace(first, why=found.reasons, alternatives=() if other is None else (other,))
    made: dict[str, Any] = answers.to_json(Answer(seconds=0, plans=(beside,)))["plans"][0]
    del made["repairs"]
    for each in made["alternatives"]:
        each["more"] = each["cost"] - (first.cost or 0)
    return made

"""The core's front: a problem in, an answer out."""

import time
from collections.abc import Callable
from concurrent.futures import Executor
from datetime import date

from coordinator.scheduling import alternatives as others
from coordinator.scheduling import reasons as whys
from coordinator.scheduling import rules, search, why_not
from coordinator.scheduling.answer import Answer, PlanAnswer, Proposal
from coordinator.scheduling.batch import solving
from coordinator.scheduling.batch.solving import Progress
from coordinator.scheduling.problem import Plan, Problem
from coordinator.scheduling.run import Run


def solve(
    problem: Problem,
    *,
    seconds: float = 10.0,
    alternatives: int = 0,
    repairs: int = 0,
    reasons: bool = True,
    seed: int = 1,
    cancelled: Callable[[], bool] | None = None,
    told: Callable[[Progress], None] | None = None,
    executor: Executor | None = None,
) -> Answer:
    """The best proposal for each plan, within about ``seconds``; that nothing fits is an answer too.

    The same problem, ``seconds`` and ``seed`` have the same answer on every machine that is not too slow: what is done
    is counted, and ends after so much work as a slow one does in that time.

    ``alternatives``: at most so many others of different kinds for a single plan. ``repairs``: at most so many
    changes that would make a single plan fit, where it does not. ``reasons``: whether it is worth the search for why.
    ``cancelled`` is asked now and then; once it says yes the best so far is the answer. ``told`` hears how far a batch
    of several plans is, first when there is a complete schedule. On an ``executor`` a batch of several locations is
    spread, one task a location.
    """
    began = time.monotonic()
    run = Run.lasting(seconds, seed=seed, cancelled=cancelled)
    plans: tuple[PlanAnswer, ...]
    bound: int | None
    if len(problem.plans) == 1:
        found = _alone(problem, problem.plans[0], run, alternatives, repairs, reasons)
        plans, bound = (found,), _of_total(found, problem.weights.unplaced)
    else:
        plans, bound = solving.solve(problem, run, told, executor, explain=reasons)
    check(problem, [found.proposal for found in plans if found.proposal is not None])
    return Answer(seconds=round(time.monotonic() - began, 3), plans=plans, bound=bound)


def why_not_sooner(problem: Problem, proposal: Proposal, *, seconds: float = 10.0) -> why_not.WhyNot:
    """Why the plan of a proposal is not over on an earlier date; if it could be, the best proposal that is."""
    return why_not.sooner(problem, proposal, Run.lasting(seconds))


def why_not_on(
    problem: Problem, proposal: Proposal, step: str, day: date, *, seconds: float = 10.0
) -> why_not.WhyNot:
    """Why a step of a proposal is not on a date; if it could be, the best proposal with it there."""
    return why_not.on_day(problem, proposal, step, day, Run.lasting(seconds))


def _of_total(found: PlanAnswer, unplaced: int) -> int | None:
    """The bound of the total, in which a plan that is left out has its own price."""
    return found.bound if found.bound is None or found.placed else min(found.bound, unplaced)


def check(problem: Problem, proposals: list[Proposal]) -> None:
    """Hold what was found against the rules before anyone sees it; a broken one is an error of the core."""
    for broken in rules.violations(problem, *proposals):
        raise RuntimeError(
            f"the core proposed what is not allowed: {broken.step}: {broken.rule}: {broken.text}"
        )


def _alone(
    problem: Problem, plan: Plan, run: Run, alternatives: int, repairs: int, reasons: bool
) -> PlanAnswer:
    """The answer for one plan that has the calendars for itself."""
    prospects = search.Prospects(problem, plan)
    found = search.best(prospects, run.part(0.5) if alternatives else run)
    if found.proposal is None:
        if not found.done:
            return PlanAnswer(plan=plan.key, status="unknown", bound=found.bound)
        if not (reasons or repairs):
            return PlanAnswer(plan=plan.key, status="infeasible")
        why, changes = whys.explain(problem, plan, run, repairs, prospects.sites())
        return PlanAnswer(plan=plan.key, status="infeasible", why=why, repairs=changes)
    cost = rules.cost(problem, found.proposal)
    if cost.total != found.cost:
        raise RuntimeError(f"the core states cost {found.cost}, it is {cost}")
    status = "optimal" if found.done else "feasible"
    chosen = others.of(prospects, found.proposal, run, alternatives)
    return PlanAnswer(plan=plan.key, status=status, proposal=found.proposal, cost=found.cost,
                      bound=found.bound, alternatives=chosen)  # fmt: skip

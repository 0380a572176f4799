"""Several plans in one clinic: one after another, each the best that the ones before it leave."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import permutations

from coordinator.scheduling import reasons, remainder, rules, search
from coordinator.scheduling.answer import PlanAnswer
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Plan, Problem
from coordinator.scheduling.run import Run
from coordinator.scheduling.search import Best

FEW = 3  # plans of which every order is tried


@dataclass(frozen=True, slots=True, kw_only=True)
class Insertion:
    """What one order of plans came to: for each plan its proposal or none, and the total."""

    placed: dict[str, Best]
    total: int


def solve(problem: Problem, run: Run) -> tuple[tuple[PlanAnswer, ...], int]:
    """An answer for each plan, and the proven bound of the total: what each would cost if it were alone."""
    unplaced = problem.weights.unplaced
    alone = {}
    for index, plan in enumerate(problem.plans):
        alone[plan.key] = search.best(
            search.Prospects(problem, plan), _share(run, 2 * (len(problem.plans) - index))
        )
    bound = sum(_least(found, unplaced) for found in alone.values())
    best = _insert(problem, problem.plans, alone, run)
    if len(problem.plans) <= FEW:
        for order in list(permutations(problem.plans))[1:]:
            if best.total == bound or run.over:
                break
            other = _insert(problem, order, alone, run)
            best = min(best, other, key=lambda each: each.total)
    answers = (
        _answer(problem, plan, alone[plan.key], best, best.total == bound, run) for plan in problem.plans
    )
    return tuple(answers), bound


def _share(run: Run, parts: int) -> Run:
    """One part of the time that is left."""
    return replace(run, until=min(run.until, time.monotonic() + run.left / max(1, parts)))


def _least(found: Best, unplaced: int) -> int:
    """What a plan adds to the total at least: alone in the clinic, or left out."""
    if found.done and found.proposal is None:
        return unplaced
    return min(found.bound, unplaced)


def _insert(problem: Problem, order: Sequence[Plan], alone: dict[str, Best], run: Run) -> Insertion:
    """Place the plans in an order, each as well as the ones before allow; leave out what costs more placed."""
    left, placed, total = problem, {}, 0
    for index, plan in enumerate(order):
        found = _next(left, left.plan[plan.key], alone[plan.key], _share(run, len(order) - index))
        placed[plan.key] = found
        total += problem.weights.unplaced if found.cost is None else found.cost
        if found.proposal is not None:
            left = remainder.after(left, found.proposal)
    return Insertion(placed=placed, total=total)


def _next(left: Problem, plan: Plan, alone: Best, run: Run) -> Best:
    """The best of one plan in what is left: as if it were alone, where that still fits."""
    nothing = Best(proposal=None, cost=None, bound=0, done=True)
    if alone.done and (alone.cost is None or alone.cost > left.weights.unplaced):
        return nothing
    affordable = alone.proposal if alone.cost is not None and alone.cost <= left.weights.unplaced else None
    if affordable is not None and not any(rules.violations(left, affordable)):
        return alone
    return search.best(search.Prospects(left, plan), run, Limits(below=left.weights.unplaced + 1))


def _answer(problem: Problem, plan: Plan, alone: Best, best: Insertion, proven: bool, run: Run) -> PlanAnswer:
    found = best.placed[plan.key]
    if found.proposal is not None:
        status = "optimal" if proven else "feasible"
        return PlanAnswer(plan=plan.key, status=status, proposal=found.proposal, cost=found.cost,
                          bound=min(alone.bound, found.cost or 0))  # fmt: skip
    if alone.done and alone.proposal is None:
        return PlanAnswer(plan=plan.key, status="infeasible", why=reasons.why(problem, plan, run))
    return PlanAnswer(plan=plan.key, status="unknown")

"""Many plans at once: a complete schedule soon, then better ones until the time is up, and how good it is at least."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import permutations
from typing import TypeAlias

from coordinator.scheduling import reasons
from coordinator.scheduling.answer import PlanAnswer, Proposal
from coordinator.scheduling.batch import spread
from coordinator.scheduling.batch.floors import Floors
from coordinator.scheduling.batch.improving import improved
from coordinator.scheduling.batch.schedule import Schedule
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.run import Run

FEW = 3  # plans of which every order is tried
APART = 0.6  # of what is left, for locations by themselves where they are filled at once
SOME = 60  # plans that are placed one after another as well as can be, and for which prices are found in time
ORDERS = 5  # orders that are tried of those


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a batch is: plans that have a place, the total, and what no schedule goes below."""

    placed: int
    total: int
    bound: int


Told: TypeAlias = Callable[[Progress], None]


def solve(
    problem: Problem,
    run: Run,
    told: Told | None = None,
    executor: Executor | None = None,
    *,
    explain: bool = True,
) -> tuple[tuple[PlanAnswer, ...], int]:
    """An answer for each plan, and the proven bound of the total.

    ``told`` hears of every better schedule; ``explain`` asks why what cannot be placed cannot. On an ``executor``
    several locations are filled at once, a task for each.
    """
    floors = Floors(problem)
    best = Schedule.empty(problem)
    for schedule in _schedules(problem, floors, run, executor):
        best = min(best, schedule, key=lambda each: each.total)
        if told is not None:
            told(Progress(placed=len(best.placed), total=best.total, bound=min(floors.total, best.total)))
        if best.total <= floors.total:
            break
    bound = min(floors.total, best.total)
    return tuple(
        _answer(problem, key, best, floors, bound, run if explain else None) for key in problem.plan
    ), bound


def _schedules(problem: Problem, floors: Floors, run: Run, executor: Executor | None) -> Iterator[Schedule]:
    """Schedules, mostly better ones; in between the floors grow."""
    schedule = Schedule.empty(problem)
    if executor is not None and len(problem.locations) > 1 and len(problem.plans) > FEW:
        floors.look(run)
        work = APART * run.work_left
        place = partial(_in_one_place, seconds=APART * run.left, work=work, seed=run.seed)
        for proposal in spread.proposals(problem, floors, executor, place):
            schedule = schedule.with_proposal(proposal)
        run.did(work)
        yield schedule
    if not any(plan.booked for plan in problem.plans) and len(problem.plans) > FEW:
        for key in problem.plan:
            schedule = schedule if run.over or key in schedule.placed else schedule.soon(key, run)
        yield schedule
    floors.look(run)
    for _ in floors.sharpen(run.part(0.3)):
        pass
    yield schedule
    if len(problem.plans) <= SOME and not run.over:
        for other in _in_orders(problem, floors, run):
            schedule = min(schedule, other, key=lambda each: each.total)
            yield schedule
    if len(problem.plans) <= SOME and not run.over:
        from coordinator.scheduling.batch.agreeing import by_prices  # its solver takes long to load

        for other in by_prices(schedule, floors, run):
            schedule = min(schedule, other, key=lambda each: each.total)
            yield schedule
    if len(problem.plans) > FEW:
        yield from improved(schedule, floors.of, run)


def _in_one_place(problem: Problem, seconds: float, work: float, seed: int) -> list[Proposal]:
    """The task of one location: a batch of its own, within so many seconds and so much work."""
    found, _ = solve(problem, Run(until=time.monotonic() + seconds, most=work, seed=seed), explain=False)
    return [each.proposal for each in found if each.proposal is not None]


def _in_orders(problem: Problem, floors: Floors, run: Run) -> Iterator[Schedule]:
    """Schedules in which plans are placed one after another, each as well as those before allow: of few plans in every
    order, else those first that had to give way."""
    if len(problem.plans) <= FEW:
        for some in permutations(problem.plan):
            if not run.over:
                yield _in_order(problem, some, floors, run)
        return
    order = list(problem.plan)
    for _ in range(ORDERS):
        if run.over:
            return
        schedule = _in_order(problem, order, floors, run)
        yield schedule
        gave_way = [
            key for key in order if key not in schedule.placed or schedule.placed[key].cost > floors.of[key]
        ]
        order = [*gave_way, *(key for key in order if key not in gave_way)]


def _in_order(problem: Problem, order: Sequence[str], floors: Floors, run: Run) -> Schedule:
    """The plans one after another, each where it would be alone if that is still free."""
    schedule = Schedule.empty(problem)
    for index, key in enumerate(order):
        share = run.part(2 / (len(order) - index + 1))
        if key in floors.alone:
            alone = floors.alone[key]
            schedule = schedule if alone is None else schedule.like(key, alone, share)
        else:
            schedule = schedule.best(key, share)
    return schedule


def _answer(
    problem: Problem, key: str, best: Schedule, floors: Floors, bound: int, run: Run | None
) -> PlanAnswer:
    placed = best.placed.get(key)
    if placed is not None:
        status = "optimal" if best.total == bound else "feasible"
        return PlanAnswer(plan=key, status=status, proposal=placed.proposal, cost=placed.cost,
                          bound=min(floors.of[key], placed.cost))  # fmt: skip
    if floors.never(key):
        why = () if run is None or run.over else reasons.why(problem, problem.plan[key], run)
        return PlanAnswer(plan=key, status="infeasible", why=why)
    return PlanAnswer(plan=key, status="unknown")

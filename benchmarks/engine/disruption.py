"""Many plans at once, and what happens to them when somebody is away."""

import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from coordinator.scheduling import claims, engine, problem_file, remainder
from coordinator.scheduling.answer import Answer
from coordinator.scheduling.problem import Problem

if TYPE_CHECKING:
    from benchmarks.engine.rows import Bench

WEEK = 7 * 1440
HIT = 40  # appointments that somebody's absence should hit


def gap(bench: "Bench", made: dict[str, Any], seconds: float) -> tuple[float, float]:
    """By which part the total lies above the bound after some seconds, and when the first whole schedule was there."""
    firsts: list[float] = []
    problem = problem_file.from_json(made)
    began = time.perf_counter()
    answer = engine.solve(
        problem, seconds=seconds, reasons=False, told=lambda _: firsts.append(time.perf_counter() - began)
    )
    _judge(bench, made, problem, answer)
    return _gap(problem, answer), firsts[0]


def _gap(problem: Problem, answer: Answer) -> float:
    total = sum(each.cost if each.cost is not None else problem.weights.unplaced for each in answer.plans)
    return 1 - (answer.bound or 0) / total


def _judge(bench: "Bench", made: dict[str, Any], problem: Problem, answer: Answer) -> None:
    if faults := bench.source.faults(made, problem, answer):
        raise AssertionError(f"an answer is wrong: {faults[:3]}")


def repaired(bench: "Bench", made: dict[str, Any], seconds: float) -> tuple[float, float]:
    """The same for plans that are booked; the second figure is the time that it took."""
    problem = problem_file.from_json(made)
    began = time.perf_counter()
    answer = engine.solve(problem, seconds=seconds, reasons=False)
    took = time.perf_counter() - began
    _judge(bench, made, problem, answer)
    return _gap(problem, answer), took


def away(bench: "Bench", seed: int) -> dict[str, Any]:
    """The plans of a batch that were booked with one practitioner in one week, in which he is away now."""
    made = bench.make(seed, "mixed", plans=200, scale=2, days=98, load=0.5)
    problem = problem_file.from_json(made)
    booked = engine.solve(problem, seconds=15, reasons=False)
    hits = _hits(problem, booked)
    staff = [name for name, _ in hits if problem.resource[name].capabilities & _served(problem)]
    who, week = min(
        (each for each in hits if each[0] in staff), key=lambda each: (abs(hits[each] - HIT), each)
    )
    return _without(made, problem, booked, who, week)


def _served(problem: Problem) -> set[str]:
    """The capabilities that series name: those of people."""
    return {series.capability for plan in problem.plans for series in plan.series}


def _hits(problem: Problem, booked: Answer) -> Counter[tuple[str, int]]:
    """How many steps each resource serves in each week."""
    found: Counter[tuple[str, int]] = Counter()
    for each in booked.plans:
        for step in problem.plan[each.plan].steps if each.proposal else ():
            assert each.proposal is not None
            taken = claims.of_step(step, each.proposal.steps[step.key])
            found.update({(claim.resource, claim.start // WEEK) for claim in taken})
    return found


def _without(made: dict[str, Any], problem: Problem, booked: Answer, who: str, week: int) -> dict[str, Any]:
    """The plans that are hit, with what they have booked, in a clinic that keeps all others' appointments."""
    hit, left = [], problem
    for each in booked.plans:
        if each.proposal is None:
            continue
        steps = problem.plan[each.plan].steps
        taken = [claim for step in steps for claim in claims.of_step(step, each.proposal.steps[step.key])]
        if any(claim.resource == who and claim.start // WEEK == week for claim in taken):
            hit.append(each)
        else:
            left = remainder.after(left, each.proposal)
    gone = remainder.less(left.resource[who].free, [(week * WEEK, (week + 1) * WEEK)])
    free = {key: each.free for key, each in left.resource.items()} | {who: gone}
    plans = {plan["id"]: plan for plan in made["plans"]}
    again = [plans[each.plan] | {"booked_location": each.proposal.location, "booked": {
        key: {"start": placed.start, "uses": [list(names) for names in placed.uses]}
        for key, placed in each.proposal.steps.items()}} for each in hit if each.proposal]  # fmt: skip
    resources = [each | {"free": [list(span) for span in free[each["id"]]]} for each in made["resources"]]
    return made | {"resources": resources, "plans": again}

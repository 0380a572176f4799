"""The best of tiny plans by trying everything: no bound, no propagation, only the rules.

No rule ties more than two steps, so what fits by twos fits as a whole; the best is held against the rules once more.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, product
from math import prod
from typing import TypeAlias

from coordinator.scheduling import rules
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.problem import Placement, Plan, Problem, Step

Priced: TypeAlias = tuple[int, Proposal | None]


class TooMany(Exception):
    """There is more to try than is worth the wait."""


def least(problem: Problem, most: int = 1_000_000) -> int | None:
    """The least cost of the only plan, or None where nothing fits. Raises TooMany above ``most`` combinations."""
    (plan,) = problem.plans
    cost, best = min(priced(problem, plan, most), default=(None, None), key=lambda way: way[0])
    assert best is None or not list(rules.violations(problem, best))
    return cost


def least_of_all(problem: Problem, most: int = 1_000_000) -> int:
    """The least total of all plans together, each of which may be left out at its price. Raises TooMany."""
    left_out: Priced = (problem.weights.unplaced, None)
    ways = [[*priced(problem, plan, most), left_out] for plan in problem.plans]
    _no_more_than(most, [len(some) for some in ways])
    together = sorted(product(*ways), key=lambda way: sum(cost for cost, _ in way))
    fitting = (
        way for way in together if not any(rules.violations(problem, *(each for _, each in way if each)))
    )
    return sum(cost for cost, _ in next(fitting))


def priced(problem: Problem, plan: Plan, most: int) -> Iterator[Priced]:
    """Every proposal for one plan that breaks no rule, with its cost."""
    for location in plan.locations:
        ways = [list(_placements(problem, step, location)) for step in plan.steps]
        _no_more_than(most, [len(some) for some in ways])
        part = replace(problem, plans=(plan,))
        for steps in _fitting(part, plan, ways, location):
            proposal = Proposal(plan=plan.key, location=location, steps=steps)
            yield rules.cost(part, proposal).total, proposal


def _fitting(
    problem: Problem, plan: Plan, ways: list[list[Placement]], location: str
) -> Iterator[dict[str, Placement]]:
    """The combinations of placements in which every two steps break no rule, nor does one alone."""
    keys = [step.key for step in plan.steps]
    fits = {}
    for some in [*combinations(range(len(keys)), 1), *combinations(range(len(keys)), 2)]:
        part = _of_steps(problem, plan, {keys[index] for index in some})
        tried = product(*(enumerate(ways[index]) for index in some))
        fits[some] = {
            tuple(number for number, _ in chosen)
            for chosen in tried
            if _is_good(
                part, location, {keys[index]: placed for index, (_, placed) in zip(some, chosen, strict=True)}
            )
        }
    for numbers in product(*(range(len(some)) for some in ways)):
        if all(tuple(numbers[index] for index in some) in good for some, good in fits.items()):
            yield {key: some[number] for key, some, number in zip(keys, ways, numbers, strict=True)}


def _is_good(problem: Problem, location: str, steps: dict[str, Placement]) -> bool:
    proposal = Proposal(plan=problem.plans[0].key, location=location, steps=steps)
    return not any(rules.violations(problem, proposal))


def _of_steps(problem: Problem, plan: Plan, keys: set[str]) -> Problem:
    """The problem with a plan of some of its steps, and what ties them."""

    def ours(group: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(key for key in group if key in keys)

    series = (replace(each, steps=ours(each.steps)) for each in plan.series)
    part = replace(
        plan,
        steps=tuple(step for step in plan.steps if step.key in keys),
        links=tuple(link for link in plan.links if {link.first, link.then} <= keys),
        series=tuple(each for each in series if each.steps),
        same_day=tuple(filter(None, map(ours, plan.same_day))),
        not_same_day=tuple(filter(None, map(ours, plan.not_same_day))),
        booked={key: was for key, was in plan.booked.items() if key in keys},
        pinned=ours(plan.pinned),
    )
    return replace(problem, plans=(part,))


def _placements(problem: Problem, step: Step, location: str) -> Iterator[Placement]:
    """Every start on the grid with every way to fill the needs, as far as the step alone allows it."""
    here = [each for each in problem.resources if each.location == location]
    able = [
        [[each.key for each in here if each.capabilities >= set(need.capabilities)] for need in phase.needs]
        for phase in step.phases
    ]
    uses = [tuple(way) for way in product(*(list(product(*needs)) for needs in able))]
    alone = replace(problem, plans=(Plan(key="alone", locations=(location,), steps=(step,)),))
    for start in range(0, problem.minutes - step.minutes + 1, problem.grid):
        for way in uses:
            placed = Placement(start=start, uses=way)
            if _is_good(alone, location, {step.key: placed}):
                yield placed


def _no_more_than(most: int, counts: list[int]) -> None:
    if prod(counts) > most:
        raise TooMany

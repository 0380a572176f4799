"""The best proposal of a tiny plan by trying everything: no bound, no propagation, only the rules."""

from collections.abc import Iterator
from itertools import product

from coordinator.scheduling import rules
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.problem import Placement, Plan, Problem, Step


def least(problem: Problem) -> int | None:
    """The least cost of the only plan, or None where nothing fits."""
    (plan,) = problem.plans
    found: int | None = None
    for location in plan.locations:
        ways = [list(_placements(problem, step, location)) for step in plan.steps]
        for chosen in product(*ways):
            found = _better(problem, plan, location, chosen, found)
    return found


def _better(
    problem: Problem, plan: Plan, location: str, chosen: tuple[Placement, ...], least_so_far: int | None
) -> int | None:
    steps = {step.key: placed for step, placed in zip(plan.steps, chosen, strict=True)}
    proposal = Proposal(plan=plan.key, location=location, steps=steps)
    cost = rules.cost(problem, proposal).total
    if least_so_far is not None and cost >= least_so_far:
        return least_so_far
    return least_so_far if any(rules.violations(problem, proposal)) else cost


def _placements(problem: Problem, step: Step, location: str) -> Iterator[Placement]:
    """Every start on the grid with every way to fill the needs, as far as the step alone allows it."""
    here = [each for each in problem.resources if each.location == location]
    able = [
        [[each.key for each in here if each.capabilities >= set(need.capabilities)] for need in phase.needs]
        for phase in step.phases
    ]
    uses = [tuple(way) for way in product(*(list(product(*needs)) for needs in able))]
    for start in range(0, problem.minutes - step.minutes + 1, problem.grid):
        for way in uses:
            placed = Placement(start=start, uses=way)
            if _alone(problem, step, placed, location):
                yield placed


def _alone(problem: Problem, step: Step, placed: Placement, location: str) -> bool:
    plan = Plan(key="alone", locations=(location,), steps=(step,))
    alone = Problem(start=problem.start, minutes=problem.minutes, grid=problem.grid, locations=problem.locations,
                    resources=problem.resources, plans=(plan,))  # fmt: skip
    proposal = Proposal(plan="alone", location=location, steps={step.key: placed})
    return not any(rules.violations(alone, proposal))

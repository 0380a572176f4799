"""What a placed plan leaves of the calendars."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from coordinator.scheduling import claims
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.problem import Interval, Plan, Problem


def after(problem: Problem, proposal: Proposal) -> Problem:
    """The problem once a proposal is booked: its resources and its patient are not free then."""
    plan = problem.plan[proposal.plan]
    taken: dict[tuple[str, str], list[Interval]] = defaultdict(list)
    present: list[Interval] = []
    for step in plan.steps:
        for claim in claims.of_step(step, proposal.steps[step.key]):
            taken[claims.thing(problem, claim.resource)].append((claim.start, claim.end))
        present += claims.with_patient(step, proposal.steps[step.key].start)
    resources = tuple(
        replace(each, free=less(each.free, taken[each.thing])) if each.thing in taken else each
        for each in problem.resources
    )
    plans = tuple(_without(problem, other, plan, present) for other in problem.plans)
    return replace(problem, resources=resources, plans=plans)


def _without(problem: Problem, other: Plan, plan: Plan, present: list[Interval]) -> Plan:
    if other.key == plan.key or other.person != plan.person:
        return other
    free = ((0, problem.minutes),) if other.free is None else other.free
    return replace(other, free=less(free, present))


def less(free: Iterable[Interval], taken: Iterable[Interval]) -> tuple[Interval, ...]:
    """The parts of sorted free intervals that none of the taken ones touches."""
    left = list(free)
    for start, end in taken:
        made = []
        for low, high in left:
            if end <= low or high <= start:
                made.append((low, high))
                continue
            made += [part for part in ((low, start), (end, high)) if part[0] < part[1]]
        left = made
    return tuple(left)

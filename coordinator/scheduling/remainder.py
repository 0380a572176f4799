"""What a placed plan leaves of the calendars."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
    return _changed(problem, plan, {key: less(problem.resource[key].free, taken[thing])
                                    for key, thing in problem.things.items() if thing in taken}, present)  # fmt: skip


def _changed(
    problem: Problem, plan: Plan, free: Mapping[str, tuple[Interval, ...]], present: list[Interval]
) -> Problem:
    """The problem with other free times of some resources; what is known of all others stays known."""
    resources = tuple(
        replace(each, free=free[each.key]) if each.key in free else each for each in problem.resources
    )
    plans = tuple(_without(problem, other, plan, present) for other in problem.plans)
    made = replace(problem, resources=resources, plans=plans)
    made.__dict__["openings"] = problem.openings.without(free)
    return made


def _without(problem: Problem, other: Plan, plan: Plan, present: list[Interval]) -> Plan:
    if other.key == plan.key or other.person != plan.person:
        return other
    free = ((0, problem.minutes),) if other.free is None else other.free
    return replace(other, free=less(free, present))


def less(free: Sequence[Interval], taken: Iterable[Interval]) -> tuple[Interval, ...]:
    """The parts of sorted free intervals that none of the taken ones touches."""
    left = list(free)
    for start, end in taken:
        first = max(0, bisect_right(left, (start, start)) - 1)
        last = bisect_left(left, (end,))
        cut = [part for low, high in left[first:last] for part in ((low, min(high, start)), (max(low, end), high))
               if part[0] < part[1]]  # fmt: skip
        left[first:last] = cut
    return tuple(left)

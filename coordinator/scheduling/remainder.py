"""What a placed plan leaves of the calendars, and what it gives back."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeAlias

from coordinator.scheduling import claims, rosters
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.openings import Openings
from coordinator.scheduling.problem import Interval, Plan, Problem, Resource

Free: TypeAlias = tuple[Interval, ...]


def after(problem: Problem, proposal: Proposal) -> Problem:
    """The problem once a proposal is booked: its resources and its patient are not free then."""
    used = _Used(problem, proposal)

    def without(free: Free, was: Free, taken: list[Interval]) -> Free:
        return less(free, taken)

    return _changed(problem, problem, used, without, problem.openings.less(used.spans))


def before(problem: Problem, clinic: Problem, proposal: Proposal) -> Problem:
    """The problem once a proposal that was booked is no more; ``clinic`` is the problem before anything was booked."""
    used = _Used(problem, proposal)

    def with_again(free: Free, was: Free, given: list[Interval]) -> Free:
        return more(free, [part for span in given for part in _within(was, span)])

    return _changed(problem, clinic, used, with_again, problem.openings.without(used.spans))


class _Used:
    """The times that a proposal uses: of resources, by name, and of its patient."""

    def __init__(self, problem: Problem, proposal: Proposal) -> None:
        self.plan = problem.plan[proposal.plan]
        self.with_patient: list[Interval] = []
        by_thing: dict[tuple[str, str], list[Interval]] = defaultdict(list)
        for step in self.plan.steps:
            if step.key not in proposal.steps:
                continue
            for claim in claims.of_step(step, proposal.steps[step.key]):
                by_thing[claims.thing(problem, claim.resource)].append((claim.start, claim.end))
            self.with_patient += claims.with_patient(step, proposal.steps[step.key].start)
        self.spans = {key: by_thing[thing] for key, thing in problem.things.items() if thing in by_thing}


def _changed(
    problem: Problem,
    clinic: Problem,
    used: _Used,
    change: Callable[[Free, Free, list[Interval]], Free],
    openings: Openings,
) -> Problem:
    """The problem with other free times of what a proposal uses; what is known of all else stays known."""
    always, person = ((0, problem.minutes),), used.plan.person

    def changed(each: Resource) -> Resource:
        if each.key not in used.spans:
            return each
        return replace(each, free=change(each.free, clinic.resource[each.key].free, used.spans[each.key]))

    def other(each: Plan) -> Plan:
        if each.key == used.plan.key or each.person != person:
            return each
        free, was = (always if times is None else times for times in (each.free, clinic.plan[each.key].free))
        return replace(each, free=change(free, was, used.with_patient))

    resources = tuple(map(changed, problem.resources))
    made = replace(problem, resources=resources, plans=tuple(map(other, problem.plans)))
    made.__dict__["openings"] = openings
    made.__dict__["rosters"] = rosters.kept(problem)
    for known in ("things", "location"):
        made.__dict__[known] = getattr(problem, known)
    return made


def _within(free: Free, span: Interval) -> list[Interval]:
    """The parts of a stretch that lie in sorted free intervals."""
    first = max(0, bisect_right(free, (span[0], span[0])) - 1)
    parts = (
        (max(low, span[0]), min(high, span[1])) for low, high in free[first : bisect_left(free, (span[1],))]
    )
    return [part for part in parts if part[0] < part[1]]


def covers(free: Sequence[Interval], span: Interval) -> bool:
    """Whether a stretch lies in one of sorted free intervals."""
    at = bisect_right(free, (span[0], span[1])) - 1
    return any(low <= span[0] and span[1] <= high for low, high in free[max(at, 0) : at + 2])


def less(free: Sequence[Interval], taken: Iterable[Interval]) -> Free:
    """The parts of sorted free intervals that none of the taken ones touches."""
    left = list(free)
    for start, end in taken:
        first = max(0, bisect_right(left, (start, start)) - 1)
        last = bisect_left(left, (end,))
        parts = [
            part
            for low, high in left[first:last]
            for part in ((low, min(high, start)), (max(low, end), high))
        ]
        left[first:last] = [part for part in parts if part[0] < part[1]]
    return tuple(left)


def more(free: Sequence[Interval], given: Iterable[Interval]) -> Free:
    """Sorted free intervals together with others that none of them overlaps; what touches becomes one."""
    left = list(free)
    for start, end in given:
        at = bisect_left(left, (start, end))
        if at < len(left) and left[at][0] == end:
            end = left.pop(at)[1]
        if at and left[at - 1][1] == start:
            at -= 1
            start = left.pop(at)[0]
        left.insert(at, (start, end))
    return tuple(left)

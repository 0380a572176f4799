"""What a finished proposal costs, part by part."""

from coordinator.scheduling import claims, days
from coordinator.scheduling.answer import Cost, Proposal
from coordinator.scheduling.days import Days
from coordinator.scheduling.problem import Plan, Problem, Step


def cost(problem: Problem, proposal: Proposal) -> Cost:
    """The cost of one proposal by the problem's weights (bench/FORMAT.md, "Cost of a plan")."""
    plan, calendar = problem.plan[proposal.plan], days.of(problem, proposal.location)
    visits = claims.visits(plan, proposal, calendar)
    moved, reassigned = _changes(plan, proposal)
    units = {
        "finish_day": _finish(plan, proposal, calendar),
        "visit_day": len(visits),
        "wait_minute": sum(_wait(spans) for spans in visits.values()),
        "preference": sum(not _is_liked(problem, step, proposal) for step in plan.steps if step.prefer),
        "continuity": _further(problem, plan, proposal),
        "location_rank": plan.locations.index(proposal.location),
        "moved": moved,
        "reassigned": reassigned,
    }
    total = sum(getattr(problem.weights, name) * count for name, count in units.items())
    return Cost(**units, total=total)


def _finish(plan: Plan, proposal: Proposal, calendar: Days) -> int:
    """Days from the date of ``earliest`` to the date of the last start among steps with phases."""
    first = calendar.ordinal(plan.earliest)
    starts = [calendar.ordinal(proposal.steps[step.key].start) for step in plan.steps if step.phases]
    return max(starts, default=first) - first


def _wait(spans: list[tuple[int, int]]) -> int:
    """Minutes of one date's visit in which nothing runs."""
    length = max(end for _, end in spans) - min(start for start, _ in spans)
    return length - sum(end - start for start, end in spans)


def _is_liked(problem: Problem, step: Step, proposal: Proposal) -> bool:
    """Whether a step uses one of the things it prefers; a task has nothing to prefer."""
    liked = {claims.thing(problem, name) for name in step.prefer}
    used = {claims.thing(problem, name) for names in proposal.steps[step.key].uses for name in names}
    return not step.phases or bool(liked & used)


def _further(problem: Problem, plan: Plan, proposal: Proposal) -> int:
    """How many more than one serve each series that wishes for one."""
    served = (
        claims.things_of(problem, proposal, series.steps, series.capability)
        for series in plan.series
        if not series.same
    )
    return sum(max(0, len(things) - 1) for things in served)


def _changes(plan: Plan, proposal: Proposal) -> tuple[int, int]:
    """How many booked steps have another start or location, and how many only other resources."""
    moved = reassigned = 0
    for key, was in plan.booked.items():
        now = proposal.steps[key]
        if was.start != now.start or plan.booked_location != proposal.location:
            moved += 1
        elif was.uses != now.uses:
            reassigned += 1
    return moved, reassigned

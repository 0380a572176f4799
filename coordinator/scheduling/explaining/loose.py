"""Steps of which nothing is asked but the patient's time: they fit wherever there is a gap."""

from dataclasses import replace

from coordinator.scheduling.problem import Plan, Problem


def keys(plan: Plan) -> set[str]:
    """The loose steps of a plan; none where the patient's hours or days are bounded."""
    if plan.free is not None or plan.max_day_minutes is not None:
        return set()
    asked = {key for link in plan.links for key in (link.first, link.then)}
    asked.update(plan.pinned, *plan.same_day, *plan.not_same_day)
    return {
        step.key
        for step in plan.steps
        if step.windows is None and step.key not in asked and not any(phase.needs for phase in step.phases)
    }


def without(problem: Problem, plan: Plan) -> Plan:
    """The plan without them, if they fit whatever becomes of the others; or else the plan as it is."""
    loose = keys(plan)
    length = sum(step.minutes for step in plan.steps)
    # gaps too short for the longest step are no more than there are steps, and one
    lost = (len(plan.steps) + 1) * (max((step.minutes for step in plan.steps), default=0) + 2 * problem.grid)
    if not loose or len(loose) == len(plan.steps) or length + lost > problem.minutes - plan.earliest:
        return plan
    series = (
        replace(each, steps=tuple(key for key in each.steps if key not in loose)) for each in plan.series
    )
    return replace(
        plan,
        steps=tuple(step for step in plan.steps if step.key not in loose),
        series=tuple(each for each in series if each.steps),
        booked={key: was for key, was in plan.booked.items() if key not in loose},
    )

"""Better schedules from a good one: take out some plans that are in each other's way, and place them anew."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping

from coordinator.scheduling import claims, days
from coordinator.scheduling.batch.schedule import Schedule
from coordinator.scheduling.run import Run

FEWEST, MOST = 2, 5  # plans that are taken out at a time


def improved(
    schedule: Schedule, floors: Mapping[str, int], run: Run, tries: int | None = None, seed: object = None
) -> Iterator[Schedule]:
    """Ever better schedules, until time is up or after some tries; ``floors`` has what each plan costs at least."""
    draw = random.Random(f"{run.seed} {seed}")
    uses = {key: _uses(schedule, key) for key in schedule.placed}
    tried = 0
    while not run.over and schedule.placed and tried != tries:
        tried += 1
        keys = _neighbours(schedule, floors, uses, draw)
        other = schedule.without(keys)
        for key in keys:
            if not run.over:
                other = other.soon(key, run)
        if other.total < schedule.total:
            schedule = other
            uses |= {key: _uses(schedule, key) for key in keys if key in schedule.placed}
            yield schedule


def _neighbours(
    schedule: Schedule, floors: Mapping[str, int], uses: Mapping[str, Counter[object]], draw: random.Random
) -> list[str]:
    """A plan that costs more than it would alone, and others that use what it uses, on the same dates."""
    keys = list(schedule.placed)
    regret = [1 + max(0, schedule.placed[key].cost - floors[key]) for key in keys]
    first = draw.choices(keys, regret)[0]
    near = [sum((uses[first] & uses[key]).values()) if key != first else 0 for key in keys]
    chosen = [first]
    for _ in range(draw.randint(FEWEST, MOST) - 1):
        if not any(near):
            break
        other = draw.choices(range(len(keys)), near)[0]
        chosen.append(keys[other])
        near[other] = 0
    return chosen


def _uses(schedule: Schedule, key: str) -> Counter[object]:
    """The minutes for which a plan uses each sort of resource on each date."""
    problem, proposal = schedule.clinic, schedule.placed[key].proposal
    calendar, found = days.of(problem, proposal.location), Counter[object]()
    for step in problem.plan[key].steps:
        for claim in claims.of_step(step, proposal.steps[step.key]):
            sort = problem.resource[claim.resource].capabilities
            found[sort, calendar.index(claim.start)] += claim.end - claim.start
    return found

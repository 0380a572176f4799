"""Better schedules by prices: what is short gets dearer until the plans agree on who has it."""

from collections.abc import Iterator

from coordinator.scheduling.batch.floors import Floors
from coordinator.scheduling.batch.improving import improved
from coordinator.scheduling.batch.pricing import Pricing
from coordinator.scheduling.batch.schedule import Schedule
from coordinator.scheduling.run import Run

TRIES = 0.2  # to improve the schedule by chance after each round, for each plan


def by_prices(schedule: Schedule, floors: Floors, run: Run) -> Iterator[Schedule]:
    """Ever better schedules, and a better floor of the total; until prices bring nothing more."""
    if schedule.total <= floors.total:
        return
    pricing = Pricing(schedule.clinic, floors)
    pricing.know(each.proposal for each in schedule.placed.values())
    tries = round(TRIES * len(schedule.placed))
    for number, found in enumerate(pricing.rounds(run)):
        floors.raise_total(found.bound)
        schedule = min(schedule, _agreed(pricing, schedule, run), key=lambda each: each.total)
        yield schedule
        if found.last or schedule.total <= floors.total:
            return
        for better in improved(schedule, floors.of, run, tries, number):
            schedule = better
        pricing.know(each.proposal for each in schedule.placed.values())


def _agreed(pricing: Pricing, schedule: Schedule, run: Run) -> Schedule:
    """The plans as the cheapest choice of known ways has them, where that is better than what there is."""
    chosen, problem = pricing.choice(run), schedule.clinic
    left_out = problem.weights.unplaced * (len(problem.plans) - len(chosen))
    if sum(each.cost for each in chosen.values()) + left_out >= schedule.total:
        return schedule
    made = Schedule.empty(problem, hold=False)
    named = pricing.named((each.proposal for each in chosen.values()), run)
    if named is not None:
        for proposal in named:
            made = made.with_proposal(proposal)
        return made
    for key, placed in chosen.items():
        made = schedule if run.over else made.like(key, placed, run)
    return made

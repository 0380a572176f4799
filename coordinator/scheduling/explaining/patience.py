"""How much more of the patient's time would do."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from coordinator.scheduling import claims, days, search
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.explaining import said
from coordinator.scheduling.explaining.change import Change
from coordinator.scheduling.explaining.easing import Easing
from coordinator.scheduling.problem import Interval, Plan

WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
LONGEST = 12 * 60  # minutes by which all the patient's times may be longer
FEW = 3  # dates on which more is asked for by themselves

Free = tuple[Interval, ...]


def changes(easing: Easing) -> Iterator[Change]:
    """All times a little longer; one more day of the week; or a few hours on a few dates."""
    plan = easing.plan
    if plan.free is None:
        return
    for early, late in ((1, 0), (0, 1)):
        yield from _longer(easing, plan.free, early, late)
    yield from _one_more_weekday(easing, plan.free)
    yield from _some_dates(easing, plan.free)


def _longer(easing: Easing, free: Free, early: int, late: int) -> Iterator[Change]:
    minutes = easing.fitting.problem.minutes
    grid = max(easing.fitting.problem.grid, 30)

    def longer(more: int) -> Plan:
        spans = [
            (max(0, low - early * more * grid), min(minutes, high + late * more * grid)) for low, high in free
        ]
        return replace(easing.plan, free=merged(spans))

    more = easing.enough(longer, LONGEST // grid)
    if more is not None:
        how = "come {} earlier" if early else "stay {} longer"
        text = f"Let the patient {how.format(said.minutes(more * grid))} on each day"
        yield Change(word="patient-time", text=text, size=_added(free, longer(more)), plan=longer(more))


def _one_more_weekday(easing: Easing, free: Free) -> Iterator[Change]:
    """At the hours of the other days, from the earliest to the latest."""
    calendar = days.of(easing.fitting.problem, easing.plan.locations[0])
    walls = [(calendar.wall(low), calendar.wall(high)) for low, high in free]
    usual = {low.weekday() for low, _ in walls}
    if len(usual) > FEW or any(low.date() != high.date() for low, high in walls):
        return
    first = min(low.time() for low, _ in walls)
    last = max(high.time() for _, high in walls)
    begin, end = (each.hour * 60 + each.minute for each in (first, last))
    for weekday in sorted(set(range(7)) - usual):
        at = [index for index in range(calendar.count) if (calendar.first + index - 1) % 7 == weekday]
        more = [(max(0, calendar.begins[index] + begin), calendar.begins[index] + end) for index in at]
        more = [(low, min(high, easing.fitting.problem.minutes)) for low, high in more]
        plan = replace(easing.plan, free=merged([*free, *(span for span in more if span[0] < span[1])]))
        if easing.fits(plan):
            text = f"Let the patient come on {WEEKDAYS[weekday]} too, from {first:%H:%M} to {last:%H:%M}"
            yield Change(word="patient-time", text=text, size=_added(free, plan), plan=plan)


def _some_dates(easing: Easing, free: Free) -> Iterator[Change]:
    """What the best plan of a patient who can always come asks for beyond the times there are."""
    fitting, always = easing.fitting, replace(easing.plan, free=None)
    found = search.best(search.Prospects(fitting.with_plan(always), always), fitting.run).proposal
    if found is None:
        return
    plan = replace(easing.plan, free=merged([*free, *_present(always, found)]))
    extra = less(plan.free or (), free)
    calendar = days.of(fitting.problem, found.location)
    dates = {calendar.ordinal(low) for low, _ in extra}
    if extra and len(dates) <= FEW:
        times = (f"{said.moment(calendar.wall(low))} to {calendar.wall(high):%H:%M}" for low, high in extra)
        text = f"Let the patient come on {' and '.join(times)} too"
        yield Change(word="patient-time", text=text, size=_added(free, plan), plan=plan)


def _present(plan: Plan, proposal: Proposal) -> list[Interval]:
    return [span for step in plan.steps for span in claims.with_patient(step, proposal.steps[step.key].start)]


def _added(free: Free, plan: Plan) -> int:
    return sum(high - low for low, high in plan.free or ()) - sum(high - low for low, high in free)


def merged(spans: Sequence[Interval]) -> Free:
    """Intervals, sorted, that neither touch nor overlap."""
    made: list[Interval] = []
    for low, high in sorted(spans):
        if made and low <= made[-1][1]:
            made[-1] = made[-1][0], max(high, made[-1][1])
        else:
            made.append((low, high))
    return tuple(made)


def less(spans: Free, taken: Free) -> Free:
    """The parts of sorted intervals that are in none of the others."""
    left = list(spans)
    for start, end in taken:
        left = [
            part
            for low, high in left
            for part in ((low, min(high, start)), (max(low, end), high))
            if part[0] < part[1]
        ]
    return tuple(left)

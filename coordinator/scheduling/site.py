"""One plan in one of its locations: roles, feasible starts and calendar days, before anything is searched."""

import copy
import itertools
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

from coordinator.scheduling import bits, days, roles
from coordinator.scheduling.days import Days
from coordinator.scheduling.problem import Plan, Problem, Step

Domains = Mapping[str, int]
"""For each step the ticks at which it may start, as in ``bits``."""


class Site:
    """A plan in a location, with what can be known of each step by itself."""

    def __init__(self, problem: Problem, plan: Plan, location: str) -> None:
        self.problem, self.plan, self.location = problem, plan, location
        self.days = days.of(problem, location)
        self.grid, self.most = problem.grid, problem.minutes // problem.grid
        begins = [-(-minute // self.grid) for minute in self.days.begins]
        self.day_ticks = [(max(low, 0), high - 1) for low, high in itertools.pairwise(begins)]
        """First and last tick of each date; the last is less than the first where a date has none."""
        self.steps = {step.key: step for step in plan.steps}
        self.roles = {step.key: roles.of_step(problem, plan, step, location) for step in plan.steps}
        self.things = {each.key: each.thing for each in problem.resources}

    @property
    def rank(self) -> int:
        """How far the location is from the most wanted."""
        return self.plan.locations.index(self.location)

    @cached_property
    def first_day(self) -> int:
        """The index of the date of ``earliest``; beyond the horizon where that is."""
        return self.days.ordinal(self.plan.earliest) - self.days.first

    @cached_property
    def domains(self) -> Domains:
        """The ticks at which each step could start if it were alone."""
        return {step.key: self._domain(step) for step in self.plan.steps}

    def without(self, barred: Iterable[tuple[str, set[str]]], domains: Domains) -> "Site":
        """The same, with resources (by name) barred from steps; ``domains`` are the starts left without that."""
        made, left = copy.copy(self), dict(domains)
        made.roles = dict(self.roles)
        for key, names in barred:
            made.roles[key] = [role.without(names) for role in made.roles[key]]
            for role in made.roles[key]:
                left[key] &= role.anyone()
        made.domains = left
        return made

    def _domain(self, step: Step) -> int:
        earliest = -(-self.plan.earliest // self.grid)
        ticks = bits.span(earliest, (self.problem.minutes - step.minutes) // self.grid)
        if step.key in self.plan.pinned:
            ticks &= self._pinned(step)
        if step.windows is not None:
            ticks &= self._in_windows(step)
        for role in self.roles[step.key]:
            ticks &= role.anyone()
        if self.plan.free is not None:
            for offset, minutes in patient_runs(step):
                ticks &= bits.starts(self.plan.free, offset, minutes, self.grid, self.most)
        return ticks

    def _pinned(self, step: Step) -> int:
        was = self.plan.booked[step.key]
        asked = [len(phase.needs) for phase in step.phases]
        fits = self.plan.booked_location == self.location and asked == [len(names) for names in was.uses]
        return 1 << was.start // self.grid if fits and was.start >= 0 and was.start % self.grid == 0 else 0

    def _in_windows(self, step: Step) -> int:
        made = 0
        for low, high in step.windows or ():
            made |= bits.starts(((low, high),), 0, step.minutes, self.grid, self.most)
        return made

    def days_of(self, ticks: int) -> int:
        """The dates (as a set of indexes) that a set of ticks touches."""
        return _days_of(self.days, self.grid, ticks)

    def on_days(self, ticks: int, allowed: int) -> int:
        """Those of a set of ticks that lie on allowed dates."""
        spans = ((self.day_ticks[low][0], self.day_ticks[high][1]) for low, high in bits.runs(allowed))
        return ticks & bits.union(spans, self.most)


@lru_cache(maxsize=2_000)
def _days_of(days: Days, grid: int, ticks: int) -> int:
    found, text = 0, bin(ticks)[:1:-1]
    tick = text.find("1")
    while tick >= 0:
        day = days.index(grid * tick)
        found |= 1 << day
        tick = text.find("1", -(-days.begins[day + 1] // grid))
    return found


def patient_runs(step: Step) -> list[tuple[int, int]]:
    """Offset and minutes of each stretch of phases, without a break, in which the patient is there."""
    made: list[tuple[int, int]] = []
    for phase, offset in zip(step.phases, step.offsets(), strict=True):
        if phase.patient and made and sum(made[-1]) == offset:
            made[-1] = (made[-1][0], made[-1][1] + phase.minutes)
        elif phase.patient:
            made.append((offset, phase.minutes))
    return made

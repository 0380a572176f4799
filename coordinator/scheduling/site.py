"""One plan in one of its locations: roles, feasible starts and calendar days, before anything is searched."""

import copy
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from coordinator.scheduling import bits, dates, days, roles, rosters
from coordinator.scheduling.openings import Openings
from coordinator.scheduling.problem import Phase, Plan, Problem, Step
from coordinator.scheduling.roles import Role

Domains = Mapping[str, int]
"""For each step the ticks at which it may start, as in ``bits``."""


class Site:
    """A plan in a location, with what can be known of each step by itself."""

    def __init__(self, problem: Problem, plan: Plan, location: str, until: int | None = None) -> None:
        """``until``: the index of a date; later starts are left out."""
        self.problem, self.plan, self.location = problem, plan, location
        self.days = days.of(problem, location)
        self.grid = problem.grid
        self.last_day = self.days.count - 1 if until is None else min(until, self.days.count - 1)
        self.dates = dates.of(self.days, self.grid, problem.minutes // self.grid, self.last_day)
        self.most, self.day_ticks = self.dates.most, self.dates.ticks
        self.steps = {step.key: step for step in plan.steps}
        self.roles = self._roles()
        self.things = problem.things

    @property
    def window(self) -> tuple[Openings, int]:
        """The free time of all resources, and up to which tick it is asked for."""
        return self.problem.openings, self.most

    def _roles(self) -> dict[str, list[Role]]:
        """The roles of each step; steps that ask for the same share what was found."""
        known: dict[tuple[Phase, ...], Sequence[Role]] = {}
        made = {}
        for step in self.plan.steps:
            if step.key in self.plan.pinned:
                made[step.key] = roles.of_step(self.problem, self.plan, step, self.location, *self.window)
                continue
            if step.phases not in known:
                known[step.phases] = self._found(step)
            made[step.key] = [role.within(step.key) for role in known[step.phases]]
        return made

    def _found(self, step: Step) -> Sequence[Role]:
        """The roles of a step that is not pinned; of a batch they are kept for the plans to come."""
        openings, most = self.window
        if most <= openings.far:
            return rosters.kept(self.problem).of(self.problem, step, self.location)
        return roles.of_step(self.problem, self.plan, step, self.location, openings, most)

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
        ticks = bits.span(earliest, min(self.most, (self.problem.minutes - step.minutes) // self.grid))
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

    def day_at(self, tick: int) -> int:
        """The index of the date in which a tick lies."""
        return self.days.index(tick * self.grid)

    def days_of(self, ticks: int) -> int:
        """The dates (as a set of indexes) that a set of ticks touches."""
        return self.dates.touched(ticks)

    def on_days(self, ticks: int, allowed: int) -> int:
        """Those of a set of ticks that lie on allowed dates."""
        spans = ((self.day_ticks[low][0], self.day_ticks[high][1]) for low, high in bits.runs(allowed))
        return ticks & bits.union(spans, self.most)


def patient_runs(step: Step) -> list[tuple[int, int]]:
    """Offset and minutes of each stretch of phases, without a break, in which the patient is there."""
    made: list[tuple[int, int]] = []
    for phase, offset in zip(step.phases, step.offsets(), strict=True):
        if phase.patient and made and sum(made[-1]) == offset:
            made[-1] = (made[-1][0], made[-1][1] + phase.minutes)
        elif phase.patient:
            made.append((offset, phase.minutes))
    return made

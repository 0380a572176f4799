"""One plan in one of its locations: roles, feasible starts and calendar days, before anything is searched."""

import copy
import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from coordinator.scheduling import bits, days, roles, rosters
from coordinator.scheduling.openings import Openings
from coordinator.scheduling.problem import Phase, Plan, Problem, Step
from coordinator.scheduling.roles import Role

Domains = Mapping[str, int]
"""For each step the ticks at which it may start, as in ``bits``."""

FEW = 12  # dates that are found faster one by one


class Site:
    """A plan in a location, with what can be known of each step by itself."""

    def __init__(self, problem: Problem, plan: Plan, location: str, until: int | None = None) -> None:
        """``until``: the index of a date; later starts are left out."""
        self.problem, self.plan, self.location = problem, plan, location
        self.days = days.of(problem, location)
        self.grid, self.most = problem.grid, problem.minutes // problem.grid
        begins = [-(-minute // self.grid) for minute in self.days.begins]
        self.day_ticks = [(max(low, 0), high - 1) for low, high in itertools.pairwise(begins)]
        """First and last tick of each date; the last is less than the first where a date has none."""
        self.last_day = self.days.count - 1 if until is None else min(until, self.days.count - 1)
        self.most = max(0, min(self.most, self.day_ticks[self.last_day][1]))
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
        below, tops = self._tops
        # within each date, adding all lower ticks to them carries into the last one if there is any
        touched = (((ticks & below) + below) | ticks) & tops
        if not touched:
            return 0
        if touched.bit_count() < FEW:
            return sum(1 << self._day_of_top[top] for top in bits.each(touched))
        text, found = touched.to_bytes(tops.bit_length() // 8 + 1, "little"), 0
        for day, byte, bit in self._top_bytes:
            if text[byte] & bit:
                found |= 1 << day
        return found

    @cached_property
    def _day_of_top(self) -> dict[int, int]:
        return {high: day for _, high, day in self._open_days}

    def late(self, length: int) -> int:
        """The ticks from which so many ticks last until the next date begins."""
        if length not in self._late:
            spans = ((max(low, high - length + 1), high) for low, high, _ in self._open_days)
            self._late[length] = bits.union(spans, self.most)
        return self._late[length]

    @cached_property
    def _late(self) -> dict[int, int]:
        return {}

    @cached_property
    def _tops(self) -> tuple[int, int]:
        """All ticks but the last one of each date, and those."""
        tops = sum(1 << high for _, high, _ in self._open_days)
        return bits.span(0, self._open_days[-1][1]) & ~tops, tops

    @cached_property
    def _open_days(self) -> list[tuple[int, int, int]]:
        """First and last tick and index of each date that has ticks."""
        days = enumerate(self.day_ticks[: self.last_day + 1])
        return [(low, high, day) for day, (low, high) in days if low <= high]

    @cached_property
    def _top_bytes(self) -> list[tuple[int, int, int]]:
        return [(day, high >> 3, 1 << (high & 7)) for _, high, day in self._open_days]

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

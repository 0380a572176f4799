"""One step of a booked plan that may move while the others stay, as the search for its time wants to know it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import Refusal
from coordinator.models import Appointment, AppointmentState
from coordinator.scheduling import engine
from coordinator.scheduling.answer import Answer
from coordinator.scheduling.problem import Placement, Plan, Problem
from coordinator.scheduling.problem import Step as CoreStep
from coordinator.services.as_booked import AsBooked
from coordinator.services.availability import DAY, SOONEST
from coordinator.services.stretches import Stretch, common

DAYS_LOOKED_AT = 60
MOST_CHOICES = 10
HALVES = ((0, 12 * 60), (12 * 60, 24 * 60))
"""Of each day the mornings and the afternoons are offered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One checked time to which an appointment could move while everything else stays."""

    starts_at: datetime
    ends_at: datetime
    placement: Placement


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseStep:
    """One step that is to move within a plan whose other steps stay."""

    booked: AsBooked
    key: str
    soonest: datetime
    today: date

    @classmethod
    def of(cls, session: Session, appointment: Appointment, now: datetime) -> "LooseStep":
        """Raises Refusal for an appointment that is cancelled, has begun, or whose therapy has changed since."""
        if appointment.state == AppointmentState.CANCELLED:
            raise Refusal("This appointment is cancelled already.")
        if appointment.starts_at <= now:
            raise Refusal("This appointment has begun; it can no longer be moved.")
        moving = appointment.id
        booked = AsBooked.read(session, appointment.plan_id, lambda each: each.id == moving, now=now)
        return cls(
            booked=booked,
            key=next(iter(booked.loose)),
            soonest=now + SOONEST,
            today=times.local_date(now, booked.zone),
        )

    @property
    def problem(self) -> Problem:
        """The plan's problem, all other steps pinned."""
        return self.booked.problem

    @property
    def zone(self) -> times.Zone:
        """Whose clocks say what a day is."""
        return self.booked.zone

    @property
    def length(self) -> int:
        """In minutes."""
        return self.booked.plan.step(self.key).minutes

    def minute(self, instant: datetime) -> int:
        """The minute of an instant in the problem. Raises Refusal for one that is over or not on the grid."""
        minute = self.booked.minute(instant)
        if instant < self.soonest:
            raise Refusal("That time is over, or too soon for anybody to come.")
        return minute

    def choices(self, seconds: float) -> list[Choice]:
        """The best times, at most one for each half of a day; ``seconds`` is for each search.

        Every search finds one more choice, or rules out all the half days that it was given.
        """
        stretches, found = [list(self.windows())], list[Choice]()
        while stretches and len(found) < MOST_CHOICES:
            windows = stretches.pop(0)
            if choice := self.best_within(windows, seconds):
                found.append(choice)
                begin = self.minute(choice.starts_at)
                at = next(n for n, window in enumerate(windows) if window[0] <= begin < window[1])
                stretches += [rest for rest in (windows[:at], windows[at + 1 :]) if rest]
        return found

    def windows(self) -> Iterator[Stretch]:
        """The halves of the days that the links to the other steps leave open, those that are long enough."""
        first, last = self._dates()
        for number in range(min(DAYS_LOOKED_AT, (last - first).days + 1)):
            begins = self._minute_of(times.day_start(first + number * DAY, self.zone))
            for half in HALVES:
                window = max(begins + half[0], self._minute_of(self.soonest)), begins + half[1]
                if window[1] - window[0] >= self.length:
                    yield window

    def _dates(self) -> tuple[date, date]:
        """The first and the last date that the links to the steps that stay allow."""
        asked = self.problem.plans[0]
        first, last = self.today, self.today + timedelta(days=366)
        for link in asked.links:
            if link.then == self.key and link.first != self.key:
                day = self._date(asked.booked[link.first].start)
                first = max(first, day + timedelta(days=link.days.least if link.days else 0))
                if link.days and link.days.most is not None:
                    last = min(last, day + timedelta(days=link.days.most))
            if link.first == self.key:
                day = self._date(asked.booked[link.then].start)
                last = min(last, day - timedelta(days=link.days.least if link.days else 0))
                if link.days and link.days.most is not None:
                    first = max(first, day - timedelta(days=link.days.most))
        return first, last

    def _date(self, minute: int) -> date:
        return times.local_date(self.problem.start + timedelta(minutes=minute), self.zone)

    def _minute_of(self, instant: datetime) -> int:
        minute = int((instant - self.problem.start).total_seconds() // 60)
        return -(-minute // self.problem.grid) * self.problem.grid

    def solve(self, windows: Sequence[Stretch], seconds: float, *, reasons: bool = True) -> Answer:
        """The best way to have the step in one of the windows, all others where they are."""
        return self._solve(self.booked.plan, windows, seconds, reasons=reasons)

    def solve_alone(self, start: int, seconds: float) -> Answer:
        """Whom and what the step could have at one time, whatever the plan asks for."""
        plan = self.booked.plan
        steps = tuple(replace(each, windows=None) if each.key == self.key else each for each in plan.steps)
        free = replace(
            plan, steps=steps, links=(), series=(), same_day=(), not_same_day=(), max_day_minutes=None
        )
        return self._solve(free, [(start, start + max(self.length, 1))], seconds, reasons=True)

    def _solve(self, plan: Plan, windows: Sequence[Stretch], seconds: float, *, reasons: bool) -> Answer:
        steps = tuple(
            replace(step, windows=_within(step, windows)) if step.key == self.key else step
            for step in plan.steps
        )
        narrowed = replace(self.problem, plans=(replace(plan, steps=steps),))
        return engine.solve(narrowed, seconds=seconds, reasons=reasons)

    def best_within(self, windows: Sequence[Stretch], seconds: float) -> Choice | None:
        """The best time in one of the windows, if there is one."""
        found = self.solve(windows, seconds, reasons=False).plans[0].proposal
        if found is None:
            return None
        placed = found.steps[self.key]
        begin = self.problem.start + timedelta(minutes=placed.start)
        return Choice(starts_at=begin, ends_at=begin + timedelta(minutes=self.length), placement=placed)


def _within(step: CoreStep, windows: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """What is left of the windows where the step has some of its own: a task for office hours, no weekends."""
    return tuple(windows if step.windows is None else common(windows, step.windows))

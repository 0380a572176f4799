"""One step of a booked plan that may move while the others stay, as the search for its time wants to know it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import Refusal
from coordinator.models import Appointment, AppointmentState, Claim, TreatmentPlan
from coordinator.scheduling import engine
from coordinator.scheduling.answer import Answer
from coordinator.scheduling.problem import Placement, Problem
from coordinator.scheduling.problem import Step as CoreStep
from coordinator.services import appointing, availability, planning
from coordinator.services.availability import DAY, SOONEST, Kept
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

    plan_id: int
    plan_version: int
    key: str
    version: int
    length: int
    problem: Problem
    zone: times.Zone
    soonest: datetime
    today: date

    @classmethod
    def of(cls, session: Session, appointment: Appointment, now: datetime) -> "LooseStep":
        if appointment.state == AppointmentState.CANCELLED:
            raise Refusal("This appointment is cancelled already.")
        if appointment.starts_at <= now:
            raise Refusal("This appointment has begun; it can no longer be moved.")
        version = _plan_version(session, appointment.plan_id)  # first: nothing read later is older
        booked = appointing.of_plan(session, appointment.plan_id)
        key = appointment.step.key
        plan = planning.load(session, appointment.plan_id)
        problem = availability.problem(session, plan, now=now, kept=_kept(session, booked, key, now))
        zone = times.zone(appointment.location.timezone)
        return cls(
            plan_id=plan.id,
            plan_version=version,
            key=key,
            version=appointment.version,
            length=problem.plans[0].step(key).minutes,
            problem=problem,
            zone=zone,
            soonest=now + SOONEST,
            today=times.local_date(now, zone),
        )

    def minute(self, instant: datetime) -> int:
        """The minute of an instant in the problem. Raises Refusal for one that is over or not on the grid."""
        minute, rest = divmod(int((instant - self.problem.start).total_seconds()), 60)
        if rest or minute % self.problem.grid:
            raise Refusal("Appointments begin every {minutes} minutes.", minutes=self.problem.grid)
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
        asked = self.problem.plans[0]
        steps = tuple(
            replace(step, windows=_within(step, windows)) if step.key == self.key else step
            for step in asked.steps
        )
        narrowed = replace(self.problem, plans=(replace(asked, steps=steps),))
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


def _plan_version(session: Session, plan_id: int) -> int:
    return session.scalars(select(TreatmentPlan.version).where(TreatmentPlan.id == plan_id)).one()


def _kept(session: Session, booked: Sequence[Appointment], key: str, now: datetime) -> Kept:
    """The booked plan as the search wants to know it; only the step ``key`` may move."""
    location = booked[0].location
    zone = times.zone(location.timezone)
    first = min(now, *(each.starts_at for each in booked))
    start = times.day_start(times.local_date(first, zone), zone).astimezone(UTC)

    def minute(instant: datetime) -> int:
        return int((instant - start).total_seconds() // 60)

    return Kept(
        start=start,
        location=location.key,
        steps={each.step.key: _placement(each, minute(each.starts_at)) for each in booked},
        moving=frozenset({key}),
        claimed=_claimed(session, [each for each in booked if each.step.key != key], start),
    )


def _placement(appointment: Appointment, start: int) -> Placement:
    """Where an appointment is, as the search says it. Raises Refusal where its therapy has other phases by now."""
    phases = appointment.step.therapy.phases if appointment.step.therapy else []
    uses: list[list[str]] = [[] for _ in phases]
    attended = {each.phase for each in appointment.attendances}
    needed = {number for number, phase in enumerate(phases) if phase["needs"]}
    if not needed <= attended <= set(range(len(phases))):
        raise Refusal(
            "What {step} is made of has changed since it was booked. Cancel this plan and book it again.",
            step=appointment.step.key,
        )
    for attendance in appointment.attendances:
        uses[attendance.phase].append(attendance.used_as)
    return Placement(start=start, uses=tuple(map(tuple, uses)))


def _claimed(
    session: Session, stay: Sequence[Appointment], start: datetime
) -> Mapping[str, Sequence[Stretch]]:
    """What appointments that stay have taken, by the names that the search knows."""
    names: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for each in stay:
        names[each.id, each.patient_id].add(each.patient.key)
        for attendance in each.attendances:
            names[each.id, attendance.resource_id].add(attendance.used_as)
    taken: defaultdict[str, list[Stretch]] = defaultdict(list)
    query = select(Claim).where(Claim.active, Claim.appointment_id.in_([each.id for each in stay]))
    for claim in session.scalars(query):
        span = tuple(int((at - start).total_seconds() // 60) for at in (claim.starts_at, claim.ends_at))
        for name in names[claim.appointment_id or 0, claim.resource_id]:
            taken[name].append((span[0], span[1]))
    return taken

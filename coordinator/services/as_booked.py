"""A booked plan as the search knows it: some of its steps loose, the others where they are."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import Conflict, Refusal
from coordinator.models import Appointment, Claim, TreatmentPlan
from coordinator.scheduling import claims, days
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.problem import Placement, Plan, Problem
from coordinator.services import appointing, availability, planning
from coordinator.services.availability import Kept
from coordinator.services.stretches import Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class AsBooked:
    """One booked plan, read at one moment; whoever changes it later says so by its version."""

    plan_id: int
    version: int
    appointments: Mapping[str, Appointment]
    """Those that are booked, by the key of their step."""
    loose: frozenset[str]
    problem: Problem
    zone: times.Zone

    @classmethod
    def read(
        cls,
        session: Session,
        plan_id: int,
        loose: Callable[[Appointment], bool],
        *,
        now: datetime,
        given: Sequence[Appointment] = (),
    ) -> "AsBooked":
        """A plan with those steps ``loose`` that may move; what appointments in ``given`` have taken is free for it.

        Raises NotFound, and Refusal where nothing is booked or a therapy has changed since.
        """
        version = _version(session, plan_id)  # first: nothing read later is older
        booked = appointing.of_plan(session, plan_id)
        if not booked:
            raise Refusal("Nothing of this plan is booked.")
        free = frozenset(each.step.key for each in booked if loose(each))
        plan = planning.load(session, plan_id)
        kept = _kept(session, booked, free, given, now)
        return cls(
            plan_id=plan_id,
            version=version,
            appointments={each.step.key: each for each in booked},
            loose=free,
            problem=_still_binding(availability.problem(session, plan, now=now, kept=kept), free),
            zone=times.zone(booked[0].location.timezone),
        )

    @property
    def plan(self) -> Plan:
        """The plan in its problem."""
        return self.problem.plans[0]

    def minute(self, instant: datetime) -> int:
        """The minute of an instant in the problem. Raises Refusal for one that is not on the clinic's grid."""
        minute, rest = divmod(int((instant - self.problem.start).total_seconds()), 60)
        if rest or minute % self.problem.grid:
            raise Refusal("Appointments begin every {minutes} minutes.", minutes=self.problem.grid)
        return minute

    def proposal(self, changed: Mapping[str, Placement] | None = None) -> Proposal:
        """The plan as it is booked, or with some steps placed anew."""
        steps = {**self.plan.booked, **(changed or {})}
        return Proposal(plan=self.plan.key, location=self.plan.booked_location or "", steps=steps)

    def as_shown(self, key: str, version: int | None) -> Appointment:
        """The appointment of a step, if its page is not older than what was read. Raises Conflict."""
        found = self.appointments.get(key)
        if found is None or (version is not None and found.version != version):
            raise Conflict("This appointment has changed since you opened it. Look at it again.")
        return found


def _version(session: Session, plan_id: int) -> int:
    return session.scalars(select(TreatmentPlan.version).where(TreatmentPlan.id == plan_id)).one()


def _kept(
    session: Session,
    booked: Sequence[Appointment],
    loose: frozenset[str],
    given: Sequence[Appointment],
    now: datetime,
) -> Kept:
    """The booked plan as the search wants to know it."""
    location = booked[0].location
    zone = times.zone(location.timezone)
    first = min(now, *(each.starts_at for each in booked))
    start = times.day_start(times.local_date(first, zone), zone).astimezone(UTC)
    stay = [each for each in booked if each.step.key not in loose]
    return Kept(
        start=start,
        location=location.key,
        steps={each.step.key: placement(each, start) for each in booked},
        moving=loose,
        claimed=_claimed(session, [*stay, *given], start),
    )


def placement(appointment: Appointment, start: datetime) -> Placement:
    """Where an appointment is, as a problem from ``start`` on says it.

    Raises Refusal where its therapy has other phases by now.
    """
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
    minute = (appointment.starts_at - start) // timedelta(minutes=1)
    return Placement(start=minute, uses=tuple(map(tuple, uses)))


def _claimed(
    session: Session, those: Sequence[Appointment], start: datetime
) -> Mapping[str, Sequence[Stretch]]:
    """What some appointments have taken, by the names that the search knows."""
    names: defaultdict[tuple[int, int], set[str]] = defaultdict(set)
    for each in those:
        names[each.id, each.patient_id].add(each.patient.key)
        for attendance in each.attendances:
            names[each.id, attendance.resource_id].add(attendance.used_as)
    taken: defaultdict[str, list[Stretch]] = defaultdict(list)
    query = select(Claim).where(Claim.active, Claim.appointment_id.in_([each.id for each in those]))
    for claim in session.scalars(query):
        span = tuple(int((at - start).total_seconds() // 60) for at in (claim.starts_at, claim.ends_at))
        for name in names[claim.appointment_id or 0, claim.resource_id]:
            taken[name].append((span[0], span[1]))
    return taken


def _still_binding(problem: Problem, loose: frozenset[str]) -> Problem:
    """The problem without what binds only steps that stay: nobody can keep or break that by moving another."""
    plan = problem.plans[0]

    def binds(*keys: str) -> bool:
        return not loose.isdisjoint(keys)

    def date(key: str) -> int:
        return days.of(problem, plan.booked_location or "").ordinal(plan.booked[key].start)

    def staying(group: Iterable[str]) -> list[str]:
        return [key for key in group if key not in loose]

    def can_meet(group: tuple[str, ...]) -> bool:
        return binds(*group) and len({date(key) for key in staying(group)}) < 2

    def can_part(group: tuple[str, ...]) -> bool:
        return binds(*group) and all(
            date(one) != date(other) for one, other in combinations(staying(group), 2)
        )

    def can_be_one(steps: tuple[str, ...], capability: str) -> bool:
        booked = Proposal(plan=plan.key, location=plan.booked_location or "", steps=plan.booked)
        return len(claims.things_of(problem, booked, staying(steps), capability)) < 2

    kept = replace(
        plan,
        links=tuple(each for each in plan.links if binds(each.first, each.then)),
        same_day=tuple(filter(can_meet, plan.same_day)),
        not_same_day=tuple(filter(can_part, plan.not_same_day)),
        series=tuple(
            each for each in plan.series if not each.same or can_be_one(each.steps, each.capability)
        ),
    )
    return replace(problem, plans=(kept,))

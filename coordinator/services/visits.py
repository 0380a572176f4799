"""The patient's own page: coming visits, what to do before them, how to get there."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator import times
from coordinator.database import begin_writing
from coordinator.errors import NotFound
from coordinator.models import Appointment, AppointmentState, Location, Patient, PlanStep, Reply
from coordinator.models.columns import Words
from coordinator.services import trail
from coordinator.services.trail import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What to do, ``lead_days`` before the visit (0: on the day)."""

    lead_days: int
    text: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One appointment of a visit, with the patient's own times."""

    appointment: Appointment
    starts_at: datetime
    ends_at: datetime
    name: Words
    """The therapy's neutral name."""
    number: int | None
    of: int | None
    reply: Reply
    answerable: bool
    """Not begun yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """All appointments of one date at one location: the patient comes once."""

    day: date
    zone: times.Zone
    location: Location
    remote: bool
    parts: tuple[Part, ...]
    preparations: tuple[Preparation, ...]

    @property
    def starts_at(self) -> datetime:
        """When to be there."""
        return self.parts[0].starts_at

    @property
    def ends_at(self) -> datetime:
        """When the last part ends."""
        return max(part.ends_at for part in self.parts)

    @property
    def uids(self) -> list[str]:
        """The appointments that can still be answered."""
        return [part.appointment.uid for part in self.parts if part.answerable]

    @property
    def reply(self) -> Reply:
        """What was said about the visit; open while one part of it is."""
        said = {part.reply for part in self.parts}
        return next(reply for reply in (Reply.OPEN, Reply.NO, Reply.MOVE, Reply.YES) if reply in said)


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientPage:
    """What a patient sees of what is booked."""

    patient: Patient
    visits: tuple[Visit, ...]
    preferred_locations: tuple[str, ...]


def patient_of(session: Session, link_key: str | None) -> Patient:
    """Whose link it is. Raises NotFound; a link that was replaced leads nowhere."""
    found = session.scalars(select(Patient).where(Patient.link_key == (link_key or ""))).one_or_none()
    if found is None or not found.active:
        raise NotFound("This link does not lead anywhere any more. Please ask the clinic for a new one.")
    return found


def unlock(
    session: Session, link_key: str | None, birth_date: date | None, *, by: Actor, now: datetime
) -> bool:
    """Whether the birth date is the patient's; either way, it is written down that somebody tried."""
    begin_writing(session)
    patient = patient_of(session, link_key)
    given = birth_date.isoformat() if birth_date else ""
    right = secrets.compare_digest(given, patient.birth_date.isoformat())
    deed = "patient-page-opened" if right else "patient-page-refused"
    trail.record(session, by, deed, "patient", patient.id, now)
    session.commit()
    return right


def page(session: Session, link_key: str | None, *, now: datetime) -> PatientPage:
    """The patient's coming visits, the next one first. Raises NotFound."""
    patient = patient_of(session, link_key)
    wished = session.scalars(select(Location).where(Location.key.in_(patient.preferred_locations)))
    named = {location.key: location.name for location in wished}
    return PatientPage(
        patient=patient,
        visits=tuple(visit_days(coming(session, patient.id, now=now), now=now)),
        preferred_locations=tuple(named[key] for key in patient.preferred_locations if key in named),
    )


def coming(session: Session, patient_id: int, *, now: datetime) -> Sequence[Appointment]:
    """The booked appointments that are not over and that the patient has a part in, by time."""
    query = (
        select(Appointment)
        .where(
            Appointment.patient_id == patient_id,
            Appointment.state == AppointmentState.BOOKED,
            Appointment.patient_starts_at.is_not(None),
            Appointment.patient_ends_at > now,
        )
        .options(
            selectinload(Appointment.location),
            selectinload(Appointment.patient),
            selectinload(Appointment.plan),
            selectinload(Appointment.step).selectinload(PlanStep.therapy),
        )
        .order_by(Appointment.patient_starts_at, Appointment.id)
    )
    return session.scalars(query).all()


def own_uids(session: Session, link_key: str | None, wished: Iterable[str], *, now: datetime) -> list[str]:
    """Those of the wished appointments that are the patient's own and have not begun. Raises NotFound for none."""
    patient = patient_of(session, link_key)
    own = {
        each.uid
        for each in coming(session, patient.id, now=now)
        if each.patient_starts_at is not None and each.patient_starts_at > now
    }
    found = [uid for uid in dict.fromkeys(wished) if uid in own]
    if not found:
        raise NotFound("There is no such appointment.")
    return found


def visit_days(appointments: Iterable[Appointment], *, now: datetime) -> list[Visit]:
    """Appointments as visits: those of one date at one location are one."""
    days = groupby(appointments, key=lambda each: (_local_day(each), each.location_id, each.step.remote))
    return [_visit(day, remote, list(group), now) for (day, _, remote), group in days]


def _local_day(appointment: Appointment) -> date:
    begin = appointment.patient_starts_at or appointment.starts_at
    return times.local_date(begin, times.zone(appointment.location.timezone))


def _visit(day: date, remote: bool, appointments: Sequence[Appointment], now: datetime) -> Visit:
    location = appointments[0].location
    return Visit(
        day=day,
        zone=times.zone(location.timezone),
        location=location,
        remote=remote,
        parts=tuple(_part(each, now) for each in appointments),
        preparations=tuple(_preparations(appointments)),
    )


def _part(appointment: Appointment, now: datetime) -> Part:
    step = appointment.step
    begin = appointment.patient_starts_at or appointment.starts_at
    return Part(
        appointment=appointment,
        starts_at=begin,
        ends_at=appointment.patient_ends_at or appointment.ends_at,
        name=step.therapy.patient_name if step.therapy else step.title,
        number=step.number,
        of=step.of,
        reply=appointment.reply,
        answerable=begin > now,
    )


def _preparations(appointments: Iterable[Appointment]) -> list[Preparation]:
    """What to do before the appointments, the earliest first; the same text only once."""
    found: dict[tuple[int, str], Preparation] = {}
    for each in appointments:
        therapy = each.step.therapy
        own = each.step.preparations
        for prep in own if own is not None else therapy.preparations if therapy else ():
            text = prep["text"]
            found[prep["lead_days"], str(text)] = Preparation(lead_days=prep["lead_days"], text=text)
    return sorted(found.values(), key=lambda prep: -prep.lead_days)

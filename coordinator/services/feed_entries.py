"""What calendar addresses show of appointments: times, rooms and people, and never a patient."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, selectinload

from coordinator import times
from coordinator.calendars.feeds import FeedEntry, Lead
from coordinator.language import say
from coordinator.models import (
    Appointment,
    AppointmentState,
    Attendance,
    Location,
    PlanLink,
    Practitioner,
    Resource,
    ResourceKind,
)

BACK, AHEAD = timedelta(days=30), timedelta(days=365)
AT_A_LOCATION = timedelta(days=90)
"""So far ahead the calendar of a whole location goes, which has many times as much in a day."""
CANCELLED_FOR = timedelta(days=14)
"""How long a cancelled visit stays, struck through, so that every calendar has taken it out."""
MOST = 10_000
"""So many appointments are shown at most, the first of them; no reader shows more."""


def entries(
    session: Session, whose: Resource | Location, *, language: str, base_url: str, now: datetime
) -> list[FeedEntry]:
    """The appointments of a resource, or of all at a location."""
    booked = _appointments(session, whose, now)
    host = urlsplit(base_url).hostname
    leads = _leads(session, booked, host) if isinstance(whose, Practitioner) else {}
    return [
        _entry(each, whose, language, base_url, leads.get(each.id, ()))
        for each in booked
        if each.ends_at > each.starts_at
    ]


def _appointments(session: Session, whose: Resource | Location, now: datetime) -> Sequence[Appointment]:
    today = datetime.combine(now.date(), time(), now.tzinfo)  # whole days, so that the bytes stay for the day
    shown = or_(
        Appointment.state == AppointmentState.BOOKED,
        and_(Appointment.state == AppointmentState.CANCELLED, Appointment.revised_at > today - CANCELLED_FOR),
    )
    chosen = select(Appointment).where(Appointment.starts_at >= today - BACK, shown)
    if isinstance(whose, Location):
        chosen = chosen.where(
            Appointment.location_id == whose.id, Appointment.starts_at < today + AT_A_LOCATION
        )
    else:
        attended = select(Attendance.appointment_id).where(
            Attendance.resource_id == whose.id, Attendance.starts_at >= today - BACK
        )
        chosen = chosen.where(Appointment.id.in_(attended), Appointment.starts_at < today + AHEAD)
    whole = chosen.options(
        selectinload(Appointment.step),
        selectinload(Appointment.location),
        selectinload(Appointment.attendances).selectinload(Attendance.resource),
    )
    return session.scalars(whole.order_by(Appointment.starts_at, Appointment.id).limit(MOST)).all()


def _entry(
    appointment: Appointment,
    whose: Resource | Location,
    language: str,
    base_url: str,
    leads_to: Sequence[Lead],
) -> FeedEntry:
    own = [
        one for one in appointment.attendances if isinstance(whose, Location) or one.resource_id == whose.id
    ]
    starts_at = min((one.starts_at for one in own), default=appointment.starts_at)
    day = times.local_date(starts_at, times.zone(appointment.location.timezone))
    page = "my/day" if isinstance(whose, Practitioner) else "board"
    return FeedEntry(
        uid=_uid(appointment, urlsplit(base_url).hostname),
        sequence=appointment.sequence,
        revised_at=appointment.revised_at,
        starts_at=starts_at,
        ends_at=max((one.ends_at for one in own), default=appointment.ends_at),
        summary=_summary(appointment, own, whose, language),
        place=appointment.location.name,
        description=f"{base_url}/{page}?day={day}",
        cancelled=appointment.state is AppointmentState.CANCELLED,
        leads_to=leads_to,
    )


def _uid(appointment: Appointment, host: str | None) -> str:
    return f"{appointment.uid}-staff@{host}"


def _summary(
    appointment: Appointment, own: Sequence[Attendance], whose: Resource | Location, language: str
) -> str:
    """``Visit 4 of 12, Gym 1``: what it is, without saying of whom, and with whom or in which room else."""
    _ = partial(say, language)
    step = appointment.step
    if appointment.patient_starts_at is None:
        what = _("Without the patient")
    elif step.number is not None and step.of is not None:
        what = _("Visit {number} of {of}", number=step.number, of=step.of)
    else:
        what = _("Visit")
    return ", ".join([what, *dict.fromkeys(_others(appointment, {one.phase for one in own}, whose))])


def _others(appointment: Appointment, phases: set[int], whose: Resource | Location) -> Iterator[str]:
    """For a practitioner the rooms; for a room or a device who is there; for a location both."""
    kinds = {ResourceKind.ROOM, ResourceKind.PRACTITIONER}
    if isinstance(whose, Practitioner):
        kinds = {ResourceKind.ROOM}
    elif isinstance(whose, Resource):
        kinds = {ResourceKind.PRACTITIONER}
    for one in sorted(appointment.attendances, key=lambda each: each.resource.kind is not ResourceKind.ROOM):
        if one.phase in phases and one.resource.kind in kinds:
            yield one.resource.name


def _leads(session: Session, booked: Sequence[Appointment], host: str | None) -> Mapping[int, Sequence[Lead]]:
    """Which of the appointments shown have to wait for which, by the links of their plans."""
    there = {(each.plan_id, each.step.key): each for each in booked if each.state is AppointmentState.BOOKED}
    links = select(PlanLink).where(PlanLink.plan_id.in_({plan_id for plan_id, _ in there}))
    leads: defaultdict[int, list[Lead]] = defaultdict(list)
    for link in session.scalars(links):
        first, then = (
            there.get((link.plan_id, link.before_key)),
            there.get((link.plan_id, link.after_key)),
        )
        if first is not None and then is not None:
            gap = timedelta(days=link.min_days or 0, minutes=link.min_minutes or 0)
            leads[first.id].append(Lead(uid=_uid(then, host), gap=gap))
    return leads

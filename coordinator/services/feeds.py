"""Feeds: the calendar addresses that practitioners subscribe to, and what they show."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from functools import partial
from urllib.parse import urlsplit

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.orm import Session, selectinload

from coordinator import database, times
from coordinator.calendars.feeds import FeedEntry, feed
from coordinator.calendars.visits import Party
from coordinator.errors import NotFound
from coordinator.language import say
from coordinator.models import (
    Appointment,
    AppointmentState,
    Attendance,
    Clinic,
    Feed,
    Location,
    Practitioner,
    ResourceKind,
    WorkingHours,
)
from coordinator.services import trail
from coordinator.services.trail import Actor

TOKEN_BYTES = 24
BACK, AHEAD = timedelta(days=30), timedelta(days=365)
CANCELLED_FOR = timedelta(days=14)
"""How long a cancelled visit stays, struck through, so that every calendar has taken it out."""


def open_feed(session: Session, practitioner_id: int, *, by: Actor, now: datetime) -> str:
    """Make a practitioner's calendar address and give its token, once: only a hash of it is kept.

    An address that was there before ends. Raises NotFound.
    """
    database.begin_writing(session)
    if session.get(Practitioner, practitioner_id) is None:
        raise NotFound("There is no such practitioner.")
    _end(session, practitioner_id, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    session.add(Feed(practitioner_id=practitioner_id, token_hash=_hash(token), created_at=now))
    trail.record(session, by, "opened-feed", "practitioner", practitioner_id, now)
    session.commit()
    return token


def revoke(session: Session, practitioner_id: int, *, by: Actor, now: datetime) -> None:
    """End a practitioner's calendar address at once."""
    database.begin_writing(session)
    _end(session, practitioner_id, now)
    trail.record(session, by, "revoked-feed", "practitioner", practitioner_id, now)
    session.commit()


def calendar(session: Session, token: str, *, base_url: str, now: datetime) -> tuple[bytes, str]:
    """The calendar behind a token and its ETag; the same appointments give the same bytes. Raises NotFound.

    From 30 days back to a year ahead, without a patient's name: "Visit 4 of 12, Gym 1", with a link to the day.
    Whoever is out of use has none.
    """
    practitioner = session.scalar(
        select(Practitioner)
        .join(Feed, Feed.practitioner_id == Practitioner.id)
        .where(Feed.token_hash == _hash(token), Feed.revoked_at.is_(None), Practitioner.active)
    )
    if practitioner is None:
        raise NotFound("There is no such calendar.")
    booked = _appointments(session, practitioner.id, now)
    entries = [_entry(one, practitioner, base_url) for one in booked]
    _ = partial(say, practitioner.language)
    name = _("Appointments of {name}", name=practitioner.name)
    clinic = session.scalars(select(Clinic)).one()
    written = feed(
        entries,
        name=name,
        zone_name=_zone_name(session, practitioner.id),
        color="teal",
        organizer=Party(email=clinic.email, name=clinic.name),
    )
    return written, hashlib.sha256(written).hexdigest()[:32]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _end(session: Session, practitioner_id: int, now: datetime) -> None:
    open_ones = update(Feed).where(Feed.practitioner_id == practitioner_id, Feed.revoked_at.is_(None))
    session.execute(open_ones.values(revoked_at=now))


def _appointments(session: Session, practitioner_id: int, now: datetime) -> Iterable[Appointment]:
    today = datetime.combine(now.date(), time(), now.tzinfo)  # whole days, so that the bytes stay for the day
    attended = select(Attendance.appointment_id).where(
        Attendance.resource_id == practitioner_id, Attendance.starts_at >= today - BACK
    )
    shown = or_(
        Appointment.state == AppointmentState.BOOKED,
        and_(Appointment.state == AppointmentState.CANCELLED, Appointment.revised_at > today - CANCELLED_FOR),
    )
    chosen = select(Appointment).where(
        Appointment.id.in_(attended),
        Appointment.starts_at < today + AHEAD,
        Appointment.starts_at >= today - BACK,
        Appointment.ends_at > Appointment.starts_at,
        shown,
    )
    return session.scalars(
        chosen.options(
            selectinload(Appointment.step),
            selectinload(Appointment.location),
            selectinload(Appointment.attendances).selectinload(Attendance.resource),
        )
    ).all()


def _entry(appointment: Appointment, practitioner: Practitioner, base_url: str) -> FeedEntry:
    own = [one for one in appointment.attendances if one.resource_id == practitioner.id]
    starts_at, ends_at = min(one.starts_at for one in own), max(one.ends_at for one in own)
    day = times.local_date(starts_at, times.zone(appointment.location.timezone))
    return FeedEntry(
        uid=f"{appointment.uid}-staff@{urlsplit(base_url).hostname}",
        sequence=appointment.sequence,
        revised_at=appointment.revised_at,
        starts_at=starts_at,
        ends_at=ends_at,
        summary=_summary(appointment, own, practitioner.language),
        place=appointment.location.name,
        description=f"{base_url}/my/day?day={day}",
        cancelled=appointment.state is AppointmentState.CANCELLED,
    )


def _summary(appointment: Appointment, own: list[Attendance], language: str) -> str:
    """``Visit 4 of 12, Gym 1``: what it is, without saying of whom, and in which room."""
    _ = partial(say, language)
    step = appointment.step
    if appointment.patient_starts_at is None:
        what = _("Without the patient")
    elif step.number is not None and step.of is not None:
        what = _("Visit {number} of {of}", number=step.number, of=step.of)
    else:
        what = _("Visit")
    return ", ".join([what, *_rooms(appointment, {one.phase for one in own})])


def _rooms(appointment: Appointment, phases: set[int]) -> list[str]:
    rooms = [
        one.resource.name
        for one in appointment.attendances
        if one.phase in phases and one.resource.kind is ResourceKind.ROOM
    ]
    return list(dict.fromkeys(rooms))


def _zone_name(session: Session, practitioner_id: int) -> str:
    """The zone of the location where the practitioner works first, else of the clinic's first location."""
    works = func.coalesce(
        select(func.min(WorkingHours.location_id))
        .where(WorkingHours.resource_id == practitioner_id)
        .scalar_subquery(),
        select(func.min(Location.id)).scalar_subquery(),
    )
    return session.scalar(select(Location.timezone).where(Location.id == works)) or "UTC"

"""Feeds: the calendar addresses of practitioners, rooms, devices and locations."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.calendars.feeds import feed
from coordinator.calendars.visits import Party
from coordinator.errors import NotFound
from coordinator.language import say
from coordinator.models import Clinic, Feed, Location, Practitioner, Resource, ResourceKind, WorkingHours
from coordinator.services import feed_entries, trail
from coordinator.services.trail import Actor

TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose calendar it is: ``resource`` or ``location``, and its number."""

    kind: str
    id: int

    def condition(self) -> ColumnElement[bool]:
        """Its addresses that are open."""
        column = Feed.location_id if self.kind == "location" else Feed.resource_id
        return (column == self.id) & Feed.revoked_at.is_(None)

    def found(self, session: Session) -> Resource | Location:
        """The row. Raises NotFound for what is not there, and for patients."""
        if self.kind == "location":
            location = session.get(Location, self.id)
            if location is not None:
                return location
        elif (resource := session.get(Resource, self.id)) and resource.kind is not ResourceKind.PATIENT:
            return resource
        raise NotFound("There is nothing here that has a calendar.")


def open_feed(session: Session, subject: Subject, *, by: Actor, now: datetime) -> str:
    """Make a calendar address and give its token, once: only a hash of it is kept.

    An address that was there before ends. Raises NotFound.
    """
    database.begin_writing(session)
    subject.found(session)
    _end(session, subject, now)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    made = Feed(token_hash=_hash(token), created_at=now)
    if subject.kind == "location":
        made.location_id = subject.id
    else:
        made.resource_id = subject.id
    session.add(made)
    trail.record(session, by, "opened-feed", subject.kind, subject.id, now)
    session.commit()
    return token


def revoke(session: Session, subject: Subject, *, by: Actor, now: datetime) -> None:
    """End a calendar address at once."""
    database.begin_writing(session)
    _end(session, subject, now)
    trail.record(session, by, "revoked-feed", subject.kind, subject.id, now)
    session.commit()


def since(session: Session, kind: str) -> dict[int, datetime]:
    """Since when an address is open, by the number of the ``resource`` or ``location`` that has one."""
    column = Feed.location_id if kind == "location" else Feed.resource_id
    query = select(column, func.max(Feed.created_at)).where(column.is_not(None), Feed.revoked_at.is_(None))
    return {number: at for number, at in session.execute(query.group_by(column)) if number is not None}


def calendar(session: Session, token: str, *, base_url: str, now: datetime) -> tuple[bytes, str]:
    """The calendar behind a token and its ETag; the same appointments give the same bytes. Raises NotFound.

    Without a patient's name: "Visit 4 of 12, Gym 1", with a link to the day. Who or what is out of use has none.
    """
    subject = _subject(session, token)
    row = subject.found(session)
    if isinstance(row, Resource) and not row.active:
        raise NotFound("There is no such calendar.")
    clinic = session.scalars(select(Clinic)).one()
    language = row.language if isinstance(row, Practitioner) else clinic.language
    written = feed(
        feed_entries.entries(session, row, language=language, base_url=base_url, now=now),
        name=partial(say, language)("Appointments of {name}", name=row.name),
        zone_name=row.timezone if isinstance(row, Location) else _zone_name(session, row),
        color="teal",
        organizer=Party(email=clinic.email, name=clinic.name),
    )
    return written, hashlib.sha256(written).hexdigest()[:32]


def _subject(session: Session, token: str) -> Subject:
    query = select(Feed).where(Feed.token_hash == _hash(token), Feed.revoked_at.is_(None))
    if (found := session.scalars(query).one_or_none()) is None:
        raise NotFound("There is no such calendar.")
    if found.location_id is not None:
        return Subject("location", found.location_id)
    return Subject("resource", found.resource_id or 0)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _end(session: Session, subject: Subject, now: datetime) -> None:
    open_ones = update(Feed).where(subject.condition()).execution_options(synchronize_session=False)
    session.execute(open_ones.values(revoked_at=now))


def _zone_name(session: Session, resource: Resource) -> str:
    """The zone of its location, or where a practitioner works first, else of the clinic's first location."""
    works = func.coalesce(
        resource.location_id,
        select(func.min(WorkingHours.location_id))
        .where(WorkingHours.resource_id == resource.id)
        .scalar_subquery(),
        select(func.min(Location.id)).scalar_subquery(),
    )
    return session.scalar(select(Location.timezone).where(Location.id == works)) or "UTC"

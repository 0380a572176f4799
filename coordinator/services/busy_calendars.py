"""Practitioners' own calendars: which there are, reading them, and when they keep their owner busy."""

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, sessionmaker

from coordinator import fetching, times
from coordinator.calendars.incoming import bounded
from coordinator.calendars.incoming.busy import Busy, Sort, Window
from coordinator.database import begin_writing, clock
from coordinator.errors import NotFound, Refusal
from coordinator.fetching import Fetched, NotFetched
from coordinator.models import BusyCalendar, BusyTime, Clinic, Location, Practitioner, WorkingHours
from coordinator.services import trail
from coordinator.services.trail import Actor

EVERY = timedelta(minutes=15)
LONGEST_PAUSE = timedelta(hours=6)
MOST_CALENDARS = 5
"""Of one practitioner."""
NOT_READ = "What this address answers cannot be read as a calendar."
MOST_OCTETS = 2 * 2**20
"""Of a file that is uploaded; no form may be larger."""
BUSY_TIMES = BusyTime.metadata.tables[BusyTime.__tablename__]


def of(session: Session, practitioner_id: int) -> Sequence[BusyCalendar]:
    """The calendars of a practitioner, in the order in which they were added."""
    query = select(BusyCalendar).where(BusyCalendar.practitioner_id == practitioner_id)
    return session.scalars(query.order_by(BusyCalendar.id)).all()


def add_address(session: Session, practitioner_id: int, address: str, *, by: Actor, now: datetime) -> None:
    """Have a calendar read from an address, from the next minute on. Raises NotFound, Refusal."""
    begin_writing(session)
    if not fetching.looks_like_one(address):
        raise Refusal(
            "Type the secret address of the calendar; it begins with https:// and ends in .ics as a rule."
        )
    made = _made(session, practitioner_id, now)
    made.address, made.next_try_at = address, clock(session)
    session.flush()
    trail.record(session, by, "added-calendar", "practitioner", practitioner_id, now, calendar=made.id)
    session.commit()


def add_file(
    session: Session, practitioner_id: int, octets: bytes, *, by: Actor, now: datetime
) -> BusyCalendar:
    """Keep the busy times of an uploaded calendar file. Raises NotFound, Refusal where it is none."""
    window = _window(session, practitioner_id, now)
    session.rollback()
    read = bounded.busy(octets[: MOST_OCTETS + 1], window)
    if not read.readable:
        raise Refusal("This file cannot be read as a calendar.")
    begin_writing(session)
    made = _made(session, practitioner_id, now)
    session.flush()
    _keep(session, made, read, now)
    trail.record(session, by, "added-calendar", "practitioner", practitioner_id, now, calendar=made.id)
    session.commit()
    return made


def remove(session: Session, practitioner_id: int, calendar_id: int, *, by: Actor, now: datetime) -> None:
    """Forget a calendar and its busy times. Raises NotFound."""
    begin_writing(session)
    found = _one(session, practitioner_id, calendar_id)
    session.execute(delete(BusyTime).where(BusyTime.calendar_id == found.id))
    session.delete(found)
    trail.record(session, by, "removed-calendar", "practitioner", practitioner_id, now, calendar=calendar_id)
    session.commit()


def read_again(session: Session, practitioner_id: int, calendar_id: int, *, by: Actor, now: datetime) -> None:
    """Have a worker read a calendar within the next minute. Raises NotFound."""
    begin_writing(session)
    found = _one(session, practitioner_id, calendar_id)
    if found.address is not None:
        found.next_try_at = clock(session)
    trail.record(session, by, "read-calendar", "practitioner", practitioner_id, now, calendar=calendar_id)
    session.commit()


def read_due(sessions: sessionmaker[Session], fetch: Callable[[str], Fetched] = fetching.fetch) -> int:
    """Read what is due, one calendar after the other; says how many. Any number of workers may do so."""
    done = 0
    while (taken := _take(sessions)) is not None:
        calendar_id, address, window = taken
        try:
            read = bounded.busy(fetch(address).octets, window)
            wrong = "" if read.readable else NOT_READ
        except NotFetched as not_fetched:
            read, wrong = Busy(), str(not_fetched)
        with sessions() as session:
            _note(session, calendar_id, read, wrong)
        done += 1
    return done


def _take(sessions: sessionmaker[Session]) -> tuple[int, str, Window] | None:
    """The calendar that has been due longest; whoever takes it pushes its next try ahead, so that nobody else does."""
    with sessions() as session:
        now = clock(session)
        due = select(BusyCalendar).where(BusyCalendar.next_try_at <= now, BusyCalendar.address.is_not(None))
        due = due.order_by(BusyCalendar.next_try_at).limit(1)
        if session.scalars(due).first() is None:  # as most of the time: nobody has to wait for us
            return None
        begin_writing(session)
        found = session.scalars(due.with_for_update(skip_locked=True)).first()
        if found is None or found.address is None:
            return None
        pause = min(EVERY * 2 ** min(found.failures, 5), LONGEST_PAUSE)
        found.next_try_at = now + pause + timedelta(seconds=random.uniform(0, 60))
        taken = found.id, found.address, _window(session, found.practitioner_id, now)
        session.commit()
        return taken


def _note(session: Session, calendar_id: int, read: Busy, wrong: str) -> None:
    """Keep what was read; where nothing could be, the old times stay, and the page says how old they are."""
    begin_writing(session)
    found = session.get(BusyCalendar, calendar_id, with_for_update=True)
    if found is not None and wrong:
        found.problem, found.failures = wrong[:200], found.failures + 1
    elif found is not None:
        _keep(session, found, read, clock(session))
    session.commit()


def _keep(session: Session, calendar: BusyCalendar, read: Busy, now: datetime) -> None:
    session.execute(delete(BusyTime).where(BusyTime.calendar_id == calendar.id))
    rows = [
        {
            "calendar_id": calendar.id,
            "practitioner_id": calendar.practitioner_id,
            "starts_at": each.starts_at,
            "ends_at": each.ends_at,
            "tentative": each.sort is Sort.TENTATIVE,
        }
        for each in read.times
    ]
    if rows:
        session.execute(insert(BUSY_TIMES), rows)
    calendar.read_at, calendar.failures = now, 0
    calendar.assumed_zone = read.assumed_zone
    calendar.problem = ""


def _made(session: Session, practitioner_id: int, now: datetime) -> BusyCalendar:
    if session.get(Practitioner, practitioner_id) is None:
        raise NotFound("There is no such practitioner.")
    if len(of(session, practitioner_id)) >= MOST_CALENDARS:
        raise Refusal("There can be {most} calendars at most. Remove one first.", most=MOST_CALENDARS)
    made = BusyCalendar(practitioner_id=practitioner_id, added_at=now)
    session.add(made)
    return made


def _one(session: Session, practitioner_id: int, calendar_id: int) -> BusyCalendar:
    found = session.get(BusyCalendar, calendar_id, with_for_update=True)
    if found is None or found.practitioner_id != practitioner_id:
        raise NotFound("There is no such calendar.")
    return found


def _window(session: Session, practitioner_id: int, now: datetime) -> Window:
    """From yesterday on, as far as the clinic plans ahead, by the clocks of where the practitioner works first."""
    works = select(WorkingHours.location_id).where(WorkingHours.resource_id == practitioner_id).limit(1)
    query = select(Location.timezone).order_by(Location.id.in_(works).desc(), Location.id)
    zone = times.zone(session.scalars(query).first() or "UTC")
    days = session.scalars(select(Clinic.horizon_days)).first() or 365
    today = times.local_date(now, zone)
    return Window(today - timedelta(days=1), today + timedelta(days=days + 1), zone)


def between(
    session: Session, practitioner_ids: Collection[int], starts_at: datetime, ends_at: datetime
) -> Mapping[int, list[BusyTime]]:
    """When practitioners are busy, or perhaps so, by their own calendars."""
    query = select(BusyTime).where(
        BusyTime.practitioner_id.in_(practitioner_ids),
        BusyTime.ends_at > starts_at,
        BusyTime.starts_at < ends_at,
    )
    found: defaultdict[int, list[BusyTime]] = defaultdict(list)
    for each in session.scalars(query.order_by(BusyTime.starts_at)):
        found[each.practitioner_id].append(each)
    return found

"""A practitioner's own calendar keeps them free of bookings, tells nothing of what it holds, and says how old it is."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.fetching import REFUSED, Fetched, NotFetched
from coordinator.models import AuditLine, BusyCalendar, BusyTime
from coordinator.services import booking, busy_calendars, days
from coordinator.services.trail import COMMAND
from tests.calendars.test_busy import a_calendar, an_event
from tests.notices.builders import sessions_at
from tests.services import a_pain_clinic as clinic

ADDRESS = "https://calendar.example/private-3f9/basic.ics"
BEGIN = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@pytest.fixture
def vale(db: Session) -> int:
    clinic.set_up(db)
    return clinic.practitioner(db, "dr-vale").id


def all_day_for_weeks(*lines: str) -> bytes:
    end = BEGIN + timedelta(days=200)
    return a_calendar(
        an_event("SUMMARY:Something private", *lines, begin=f"DTSTART:{BEGIN:%Y%m%dT%H%M%SZ}",
                 end=f"DTEND:{end:%Y%m%dT%H%M%SZ}")
    )  # fmt: skip


def add(db: Session, practitioner_id: int) -> int:
    busy_calendars.add_address(db, practitioner_id, ADDRESS, by=COMMAND, now=clinic.NOW)
    number = db.scalars(select(BusyCalendar.id)).one()
    db.rollback()  # what a worker does meanwhile is seen from here on
    return number


def read(engine: Engine, octets: bytes | None, later: timedelta = timedelta()) -> list[str]:
    """What a worker does some time later, and which addresses it asked."""
    asked: list[str] = []

    def fetch(address: str) -> Fetched:
        asked.append(address)
        if octets is None:
            raise NotFetched
        return Fetched(octets)

    busy_calendars.read_due(sessions_at(engine, clinic.NOW + later), fetch)
    return asked


def kept(db: Session) -> BusyCalendar:
    db.rollback()
    return db.scalars(select(BusyCalendar).execution_options(populate_existing=True)).one()


def test_whoever_is_busy_is_not_booked(db: Session, engine: Engine, vale: int) -> None:
    before = clinic.found(db, clinic.a_draft(db))
    assert before.proposals
    add(db, vale)
    assert read(engine, all_day_for_weeks()) == [ADDRESS]
    assert len(db.scalars(select(BusyTime)).all()) == 1
    used = clinic.found(db, clinic.a_draft(db, "uma"))
    assert not any("dr-vale" in str(proposal.steps) for proposal in used.proposals)


def test_what_was_found_before_is_checked_again(db: Session, engine: Engine, vale: int) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    version, proposal = plan.version, clinic.found(db, plan).proposals[0]
    assert "dr-vale" in str(proposal.steps)
    proposal_id = proposal.id
    add(db, vale)
    read(engine, all_day_for_weeks())
    with pytest.raises(Conflict, match="not free"):
        booking.book(db, proposal_id, version=version, delay_seconds=0, by=COMMAND, now=clinic.NOW)


def test_what_is_only_perhaps_keeps_nobody(db: Session, engine: Engine, vale: int) -> None:
    add(db, vale)
    read(engine, all_day_for_weeks("STATUS:TENTATIVE"))
    search = clinic.found(db, clinic.a_draft(db))
    assert "dr-vale" in str(search.proposals[0].steps)
    day = days.day(db, vale, BEGIN.date(), by=COMMAND, now=clinic.NOW)
    assert "perhaps" in {each.kind for each in day.entries}


def test_the_day_shows_when_and_not_what(db: Session, engine: Engine, vale: int) -> None:
    add(db, vale)
    read(engine, all_day_for_weeks())
    day = days.day(db, vale, BEGIN.date(), by=COMMAND, now=clinic.NOW)
    assert "busy" in {each.kind for each in day.entries}
    assert "private" not in str(db.execute(select(BusyTime.__table__)).all())
    assert "private-3f9" not in str(db.execute(select(AuditLine.facts)).all())


def test_a_calendar_that_cannot_be_read_keeps_its_old_times_and_is_tried_less_and_less(
    db: Session, engine: Engine, vale: int
) -> None:
    add(db, vale)
    read(engine, all_day_for_weeks())
    assert read(engine, None) == []  # not due yet
    assert read(engine, None, timedelta(minutes=17)) == [ADDRESS]
    found = kept(db)
    assert (found.problem, found.failures, found.read_at) == (REFUSED, 1, clinic.NOW)
    assert len(db.scalars(select(BusyTime)).all()) == 1
    assert read(engine, None, timedelta(minutes=33)) == [ADDRESS]  # as usual after the first failure was seen
    assert read(engine, None, timedelta(minutes=55)) == []
    assert read(engine, all_day_for_weeks(), timedelta(minutes=66)) == [ADDRESS]
    assert (kept(db).problem, kept(db).failures) == ("", 0)


def test_what_is_no_calendar_changes_nothing(db: Session, engine: Engine, vale: int) -> None:
    add(db, vale)
    read(engine, b"<html>Please sign in</html>")
    assert kept(db).failures == 1


def test_two_workers_read_it_once(db: Session, engine: Engine, vale: int) -> None:
    add(db, vale)
    assert read(engine, all_day_for_weeks()) == [ADDRESS]
    assert read(engine, all_day_for_weeks()) == []


def test_a_file_is_read_at_once_and_removed_with_its_times(db: Session, vale: int) -> None:
    made = busy_calendars.add_file(db, vale, all_day_for_weeks(), by=COMMAND, now=clinic.NOW)
    assert (made.address, made.read_at) == (None, clinic.NOW)
    busy_calendars.remove(db, vale, made.id, by=COMMAND, now=clinic.NOW)
    assert not db.scalars(select(BusyTime)).all()
    assert not db.scalars(select(BusyCalendar)).all()


@pytest.mark.parametrize("octets", [b"", b"hello", b"PK\x03\x04"])
def test_a_file_that_is_no_calendar_is_refused(db: Session, vale: int, octets: bytes) -> None:
    with pytest.raises(Refusal, match="cannot be read"):
        busy_calendars.add_file(db, vale, octets, by=COMMAND, now=clinic.NOW)


@pytest.mark.parametrize("address", ["", "http://calendar.example/a.ics", "file:///etc/passwd"])
def test_an_address_that_is_none_is_refused(db: Session, vale: int, address: str) -> None:
    with pytest.raises(Refusal, match="secret address"):
        busy_calendars.add_address(db, vale, address, by=COMMAND, now=clinic.NOW)


def test_of_another_practitioner_nothing_is_removed(db: Session, vale: int) -> None:
    calendar_id = add(db, vale)
    with pytest.raises(NotFound):
        busy_calendars.remove(db, vale + 1, calendar_id, by=COMMAND, now=clinic.NOW)

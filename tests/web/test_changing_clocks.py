"""The nights in which clocks change: who is booked from 01:30 to 03:30 is there as long as that really is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import database, times
from coordinator.models import Appointment, Location, Notice, NoticeKind, Search, Therapy, WorkingHours
from coordinator.notices import messages
from coordinator.services import appointing, availability, booking, finding, planning
from coordinator.services.trail import COMMAND
from tests.notices.builders import LETTERHEAD
from tests.services import a_pain_clinic as clinic

from .an_app import an_app, signed_in


@dataclass(frozen=True)
class Night:
    """``minutes`` from 01:30 (the first, where there are two) to 03:30, or to when the clocks skip that."""

    zone: str
    day: date
    minutes: int
    until: str = "03:30"

    @property
    def now(self) -> datetime:
        """Some days before."""
        return datetime.combine(self.day - timedelta(days=10), time(12), UTC)


NIGHTS = [
    Night("Europe/Berlin", date(2027, 3, 28), 60),
    Night("Europe/Berlin", date(2027, 10, 31), 180),
    Night("America/New_York", date(2027, 3, 14), 60),
    Night("America/New_York", date(2027, 11, 7), 180),
    Night("Australia/Lord_Howe", date(2027, 10, 3), 90),
    Night("Australia/Lord_Howe", date(2027, 4, 4), 150),
    Night("Pacific/Apia", date(2020, 9, 27), 90, until="04:00"),
    Night("Pacific/Apia", date(2021, 4, 4), 120),
]


@pytest.fixture(params=NIGHTS, ids=lambda night: f"{night.zone}-{night.day}")
def night(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Night:
    chosen: Night = request.param
    monkeypatch.setattr(times, "now", lambda: chosen.now)
    return chosen


@pytest.fixture
def app(night: Night, database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """A clinic that is open from 01:30 to 03:30 only, and a therapy that takes all of it in that night."""
    made = an_app(database_url, tmp_path)
    with made.extensions["sessions"]() as session:
        clinic.set_up(session)
        database.begin_writing(session)
        hours = {day: ["01:30-03:30"] for day in times.WEEKDAYS}
        for location in session.scalars(select(Location)):
            location.timezone, location.holiday_country, location.opening = night.zone, None, hours
        for each in session.scalars(select(WorkingHours)):
            each.days = hours
        therapy = session.scalars(select(Therapy).where(Therapy.key == "physio")).one()
        therapy.phases = [{**therapy.phases[0], "minutes": night.minutes}]
        session.commit()
    yield made
    made.extensions["engine"].dispose()


@pytest.fixture
def db(app: Flask, night: Night) -> Iterator[Session]:
    with app.extensions["sessions"]() as session:
        session.info["now"] = night.now
        yield session


def found(db: Session, night: Night, patient: str) -> Search:
    """The best way to book an approved plan of this one step, on that date or later."""
    plan = planning.draft_by_hand(
        db,
        patient_id=clinic.patient(db, patient).id,
        title="Exercise",
        therapy_keys=["physio"],
        earliest=night.day,
        locations=["north"],
        by=COMMAND,
        now=night.now,
    )
    physician = clinic.practitioner(db, "dr-vale").id
    planning.approve(db, plan.id, practitioner_id=physician, version=plan.version, by=COMMAND, now=night.now)
    return finding.find(db, plan.id, seconds=20, alternatives=0, by=COMMAND, now=night.now)


def booked(db: Session, night: Night, patient: str) -> Appointment:
    search = found(db, night, patient)
    (made,) = booking.book(
        db,
        search.proposals[0].id,
        version=search.plan_version,
        delay_seconds=0,
        by=COMMAND,
        now=night.now,
    )
    return appointing.one(db, made.id)


def test_it_lasts_as_long_as_it_really_takes_and_nobody_else_is_booked_meanwhile(
    db: Session, night: Night
) -> None:
    zone = times.zone(night.zone)
    first = booked(db, night, "uma")
    begins, ends = (times.to_wall(each, zone) for each in (first.starts_at, first.ends_at))
    assert first.ends_at - first.starts_at == timedelta(minutes=night.minutes)
    assert (begins.date(), f"{begins:%H:%M}", begins.fold) == (night.day, "01:30", 0)
    assert (ends.date(), f"{ends:%H:%M}") == (night.day, night.until)
    for proposal in found(db, night, "tom").proposals:
        (step,) = finding.itinerary(db, proposal)
        assert times.local_date(step.starts_at, zone) > night.day


def test_pages_and_the_invite_show_what_the_clocks_show(app: Flask, db: Session, night: Night) -> None:
    visit = booked(db, night, "uma")
    invite = db.scalars(select(Notice).where(Notice.kind == NoticeKind.INVITE)).one()
    mail = messages.message(invite, visit, availability.the_clinic(db), LETTERHEAD, sent_at=night.now)
    served_by = next(each.resource for each in visit.attendances if each.used_as.startswith("pt-"))
    db.rollback()
    client = signed_in(app)
    board = client.get(f"/board?location={visit.location_id}&day={night.day}").text
    assert f'aria-label="01:30 to {night.until}; Physiotherapy; Gym N; Uma Oak' in board
    own = client.get(f"/practitioners/{served_by.id}/day?day={night.day}").text
    assert f"<strong>01:30</strong><span>{night.until}</span>" in own
    text, _, calendar = (part for part in mail.walk() if part.get_content_maintype() == "text")
    assert f", 01:30 to {night.until}" in text.get_content()
    event = Calendar.from_ical(calendar.get_content()).walk("VEVENT")[0]
    assert (event.decoded("DTSTART"), event.decoded("DTEND")) == (visit.starts_at, visit.ends_at)

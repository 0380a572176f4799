"""Calendars of practitioners: whose they are, what they show, and that they do not change by themselves."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from coordinator.errors import NotFound
from coordinator.models import AppointmentState, Attendance, Feed, PlanLink
from coordinator.services import feeds
from coordinator.services.feeds import Subject
from coordinator.services.trail import COMMAND
from tests.calendars.test_judge import found
from tests.notices.builders import NOW, STARTS_AT, Booked, a_booked_clinic

BASE = "https://visits.clinic.example"


@pytest.fixture
def booked(db: Session) -> Booked:
    made = a_booked_clinic(db)
    db.commit()
    return made


@pytest.fixture
def token(db: Session, booked: Booked) -> str:
    return feeds.open_feed(db, Subject("resource", booked.practitioner.id), by=COMMAND, now=NOW)


def shown(db: Session, token: str, now: Any = NOW) -> list[Any]:
    written, _ = feeds.calendar(db, token, base_url=BASE, now=now)
    return list(Calendar.from_ical(written).walk("VEVENT"))


def test_a_visit_is_shown_without_the_patient(db: Session, booked: Booked, token: str) -> None:
    booked.visit(4)
    (event,) = shown(db, token)
    assert event["SUMMARY"] == "Visit 4 of 12, Room 2"
    assert event["DESCRIPTION"] == f"{BASE}/my/day?day=2026-12-31"
    assert event["LOCATION"] == "Northside"
    written, _ = feeds.calendar(db, token, base_url=BASE, now=NOW)
    for word in (b"Ana", b"Nerve", b"Check-up", b"ATTENDEE", b"ana@home"):
        assert word not in written


def test_only_their_own_visits_are_shown(db: Session, booked: Booked, token: str) -> None:
    booked.visit()
    db.execute(delete(Attendance).where(Attendance.resource_id == booked.practitioner.id))
    assert shown(db, token) == []


@pytest.mark.parametrize(
    ("begins", "there"),
    [(-31, False), (-29, True), (364, True), (366, False)],
)
def test_a_month_back_and_a_year_ahead(
    db: Session, booked: Booked, token: str, begins: int, there: bool
) -> None:
    booked.visit(starts_at=NOW + timedelta(days=begins))
    assert bool(shown(db, token)) is there


def test_a_cancelled_visit_is_shown_for_a_while(db: Session, booked: Booked, token: str) -> None:
    booked.visit(state=AppointmentState.CANCELLED)
    (event,) = shown(db, token)
    assert event["STATUS"] == "CANCELLED"
    assert shown(db, token, NOW + timedelta(days=15)) == []


def test_work_without_the_patient_is_shown_as_such(db: Session, booked: Booked, token: str) -> None:
    booked.visit(patient_starts_at=None, patient_ends_at=None)
    assert shown(db, token)[0]["SUMMARY"] == "Without the patient, Room 2"


def test_the_same_visits_give_the_same_bytes_all_day(db: Session, booked: Booked, token: str) -> None:
    booked.visit()
    first = feeds.calendar(db, token, base_url=BASE, now=NOW)
    assert feeds.calendar(db, token, base_url=BASE, now=NOW + timedelta(hours=9)) == first
    booked.visit(2)
    assert feeds.calendar(db, token, base_url=BASE, now=NOW)[1] != first[1]


def test_the_calendar_passes_the_judge(db: Session, booked: Booked, token: str, tmp_path: Path) -> None:
    for n in range(1, 4):
        booked.visit(n)
    booked.visit(4, state=AppointmentState.CANCELLED)
    written, _ = feeds.calendar(db, token, base_url=BASE, now=NOW)
    assert found(written, tmp_path, "--phi", "Ana", "nerve", "check-up") == []


def test_only_a_hash_of_the_token_is_kept(db: Session, booked: Booked, token: str) -> None:
    assert len(token) >= 22  # 128 bits
    (kept,) = db.scalars(select(Feed.token_hash))
    assert token not in kept


def test_a_new_address_ends_the_old_one(db: Session, booked: Booked, token: str) -> None:
    newer = feeds.open_feed(db, Subject("resource", booked.practitioner.id), by=COMMAND, now=NOW)
    with pytest.raises(NotFound):
        shown(db, token)
    assert shown(db, newer) == []


def test_a_revoked_address_is_gone(db: Session, booked: Booked, token: str) -> None:
    feeds.revoke(db, Subject("resource", booked.practitioner.id), by=COMMAND, now=NOW)
    with pytest.raises(NotFound):
        shown(db, token)


@pytest.mark.parametrize("wrong", ["", "x", "a" * 5000, "\x00"])
def test_a_made_up_token_opens_nothing(db: Session, booked: Booked, wrong: str) -> None:
    with pytest.raises(NotFound):
        shown(db, wrong)


def test_nobody_opens_a_feed_of_nobody(db: Session) -> None:
    with pytest.raises(NotFound):
        feeds.open_feed(db, Subject("resource", 999), by=COMMAND, now=STARTS_AT)


def test_the_address_of_somebody_who_left_is_gone(db: Session, booked: Booked, token: str) -> None:
    booked.practitioner.active = False
    db.commit()
    with pytest.raises(NotFound):
        feeds.calendar(db, token, base_url=BASE, now=NOW)


def test_a_room_shows_who_is_there(db: Session, booked: Booked) -> None:
    token = feeds.open_feed(db, Subject("resource", booked.room.id), by=COMMAND, now=NOW)
    booked.visit(4)
    (event,) = shown(db, token)
    assert event["SUMMARY"] == f"Visit 4 of 12, {booked.practitioner.name}"
    assert event["DESCRIPTION"].startswith(f"{BASE}/board?")


def test_a_location_shows_all_of_its_visits_with_room_and_people(
    db: Session, booked: Booked, tmp_path: Path
) -> None:
    token = feeds.open_feed(db, Subject("location", booked.location.id), by=COMMAND, now=NOW)
    booked.visit(4)
    (event,) = shown(db, token)
    assert event["SUMMARY"] == f"Visit 4 of 12, Room 2, {booked.practitioner.name}"
    written, _ = feeds.calendar(db, token, base_url=BASE, now=NOW)
    assert b"Ana" not in written
    assert found(written, tmp_path) == []


def test_a_patient_has_no_calendar_address(db: Session, booked: Booked) -> None:
    with pytest.raises(NotFound):
        feeds.open_feed(db, Subject("resource", booked.patient.id), by=COMMAND, now=NOW)


def test_a_step_tells_which_one_waits_for_it_and_how_long(db: Session, booked: Booked, token: str) -> None:
    first, second = booked.visit(1), booked.visit(2)
    db.add(PlanLink(plan_id=booked.plan.id, before_key="block-1", after_key="block-2", min_days=14))
    one, other = shown(db, token)
    (related,) = [one["RELATED-TO"]]
    assert related == other["UID"]
    assert related.params == {"RELTYPE": "FINISHTOSTART", "GAP": "P14D"}
    assert "RELATED-TO" not in other
    assert (first.uid, second.uid) != (one["UID"], other["UID"])

"""The patient's own page: one visit a day, opened by the birth date only."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import NotFound
from coordinator.models import Appointment, AuditLine, Patient, Reply
from coordinator.notices.post import Letterhead
from coordinator.services import visit_calendars, visits
from coordinator.services.trail import PATIENT
from tests.services import a_pain_clinic as clinic

LETTERHEAD = Letterhead("https://visits.clinic.example", "visits@clinic.example", "secret")


@pytest.fixture
def rosa(db: Session) -> Patient:
    clinic.set_up(db)
    clinic.booked(db)
    return clinic.patient(db, "rosa")


def test_appointments_of_a_day_are_one_visit(db: Session, rosa: Patient):
    page = visits.page(db, rosa.link_key, now=clinic.NOW)
    days = [visit.day for visit in page.visits]
    assert days == sorted(set(days))
    assert sum(len(visit.parts) for visit in page.visits) == 6  # neither the task nor the team's talk
    assert page.preferred_locations == ("North",)


def test_the_patient_reads_neutral_names_and_what_to_prepare(db: Session, rosa: Patient):
    first = visits.page(db, rosa.link_key, now=clinic.NOW).visits[0]
    assert first.parts[0].name == {"en": "Visit", "es": "Visita"}
    assert [prep.lead_days for prep in first.preparations] == [1]


def test_what_is_over_is_gone_and_what_has_begun_cannot_be_answered(db: Session, rosa: Patient):
    first = visits.page(db, rosa.link_key, now=clinic.NOW).visits[0]
    during = visits.page(db, rosa.link_key, now=first.starts_at + timedelta(minutes=1))
    assert during.visits[0].parts[0].answerable is False
    after = visits.page(db, rosa.link_key, now=first.ends_at)
    assert after.visits[0].day > first.day


def test_a_visit_is_as_open_as_its_least_answered_part(db: Session, rosa: Patient):
    first = visits.page(db, rosa.link_key, now=clinic.NOW).visits[0]
    assert first.reply is Reply.OPEN
    for part in first.parts:
        part.appointment.reply = Reply.YES
    db.commit()
    again = visits.page(db, rosa.link_key, now=clinic.NOW).visits[0]
    assert again.reply is Reply.YES


@pytest.mark.parametrize(
    ("given", "right"), [(date(1960, 5, 4), True), (date(1960, 4, 5), False), (None, False)]
)
def test_the_birth_date_opens_and_every_try_is_written_down(
    db: Session, rosa: Patient, given: date | None, right: bool
):
    assert visits.unlock(db, rosa.link_key, given, by=PATIENT, now=clinic.NOW) is right
    line = db.scalars(select(AuditLine).order_by(AuditLine.id.desc())).first()
    assert line
    assert (line.actor, line.subject_id) == ("patient-link", rosa.id)
    assert line.deed == ("patient-page-opened" if right else "patient-page-refused")


@pytest.mark.parametrize("link_key", ["", None, "nobody's"])
def test_a_link_that_is_none_leads_nowhere(db: Session, rosa: Patient, link_key: str | None):
    with pytest.raises(NotFound):
        visits.page(db, link_key, now=clinic.NOW)


def test_only_the_patients_own_appointments_are_answered(db: Session, rosa: Patient):
    theirs = clinic.booked(db, "uma")[0].uid
    own = visits.page(db, rosa.link_key, now=clinic.NOW).visits[0].uids
    assert visits.own_uids(db, rosa.link_key, [theirs, *own, *own], now=clinic.NOW) == own
    with pytest.raises(NotFound):
        visits.own_uids(db, rosa.link_key, [theirs], now=clinic.NOW)


def test_the_calendar_file_tells_no_more_than_letters_may(db: Session, rosa: Patient):
    written = visit_calendars.calendar(
        db, rosa.link_key, "es", letterhead=LETTERHEAD, by=PATIENT, now=clinic.NOW
    ).decode()
    booked = db.scalars(select(Appointment).where(Appointment.patient_starts_at.is_not(None))).all()
    assert written.count("BEGIN:VEVENT") == len(booked)
    assert all(f"UID:{each.uid}@clinic.example" in written for each in booked)
    assert "Consult" not in written
    assert "Ana Vale" not in written

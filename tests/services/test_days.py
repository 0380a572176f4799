"""A practitioner's day: whom, where, with whom, and what is free between."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import NotFound
from coordinator.models import Appointment
from coordinator.services import days
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic

ZONE = times.zone("America/New_York")


@pytest.fixture
def booked(db: Session) -> list[Appointment]:
    clinic.set_up(db)
    return list(clinic.booked(db, "ines"))


def day_of(db: Session, key: str, on: date | None) -> days.PractitionerDay:
    return days.day(db, clinic.practitioner(db, key).id, on, by=COMMAND, now=clinic.NOW)


def test_shows_the_own_part_of_an_appointment(db: Session, booked: list[Appointment]):
    consult = next(each for each in booked if each.step.key == "consult")
    page = day_of(db, "dr-vale", times.local_date(consult.starts_at, ZONE))
    entry = next(each for each in page.entries if each.appointment and each.appointment.id == consult.id)
    assert (entry.starts_at, entry.ends_at) == (consult.starts_at + timedelta(minutes=15), consult.ends_at)
    assert entry.needs == ("interpreter:es", "step-free")
    assert "Ben Brook" in entry.others
    assert "Ana Vale" not in entry.others
    assert entry.places == ("Exam step-free",)
    assert entry.initials == "IP"


def test_what_is_left_of_the_hours_is_free(db: Session, booked: list[Appointment]):
    consult = next(each for each in booked if each.step.key == "consult")
    page = day_of(db, "dr-vale", times.local_date(consult.starts_at, ZONE))
    spans = sorted((each.starts_at, each.ends_at) for each in page.entries)
    assert all(one[1] <= other[0] for one, other in pairwise(spans))
    assert sum((end - begin for begin, end in spans), timedelta()) == timedelta(hours=9)
    assert page.visits == sum(each.kind == "appointment" for each in page.entries)


def test_a_free_day_has_no_entries(db: Session, booked: list[Appointment]):
    page = day_of(db, "dr-vale", date(2026, 11, 28))
    assert page.entries == ()
    assert page.locations == ()


def test_a_week_runs_from_monday(db: Session, booked: list[Appointment]):
    found = clinic.practitioner(db, "dr-vale")
    pages = days.week(db, found.id, date(2026, 12, 3), by=COMMAND, now=clinic.NOW)
    assert [page.day for page in pages] == [date(2026, 11, 30) + timedelta(days=n) for n in range(7)]


def test_nobody_has_no_day(db: Session):
    clinic.set_up(db)
    with pytest.raises(NotFound):
        days.day(db, 4711, None, by=COMMAND, now=clinic.NOW)

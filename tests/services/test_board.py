"""The day board shows all that is taken on one day, and reads no other day."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import NotFound
from coordinator.models import Appointment, AuditLine, Block, Claim, Location, Resource
from coordinator.services import board, taken
from coordinator.services.board import Bar, Board
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic

ZONE = times.zone("America/New_York")


@pytest.fixture
def booked(db: Session) -> list[Appointment]:
    clinic.set_up(db)
    return list(clinic.booked(db))


def shown(db: Session, day: date | None = None, location_id: int | None = None) -> Board:
    return board.board(db, location_id, day, by=COMMAND, now=clinic.NOW)


def row(page: Board, name: str) -> list[Bar]:
    return next(list(row.bars) for rows in page.sections.values() for row in rows if row.name == name)


def day_of(appointment: Appointment) -> date:
    return times.local_date(appointment.starts_at, ZONE)


def step(booked: list[Appointment], key: str) -> Appointment:
    return next(each for each in booked if each.step.key == key)


def block(db: Session, name: str, begin: timedelta, end: timedelta) -> None:
    """The resource is taken, from ``begin`` to ``end`` after the clinic's Monday has begun."""
    start = times.day_start(clinic.NOW.date(), ZONE)
    resource = db.scalars(select(Resource).where(Resource.name == name)).one()
    row = Block(title="Course", discipline="", starts_at=start + begin, ends_at=start + end)
    db.add(row)
    db.flush()
    db.execute(
        insert(Claim),
        [
            {
                "resource_id": resource.id,
                "starts_at": row.starts_at,
                "ends_at": row.ends_at,
                "block_id": row.id,
                "active": True,
            }
        ],
    )
    db.commit()


def test_every_resource_of_an_appointment_has_its_box_with_cleaning(db: Session, booked: list[Appointment]):
    treated = step(booked, "block")
    page = shown(db, day_of(treated))
    suite = next(bar for bar in row(page, "Suite N") if bar.appointment and bar.appointment.id == treated.id)
    assert (suite.starts_at, suite.ends_at) == (treated.starts_at, treated.ends_at)
    assert suite.ready_at - suite.ends_at == timedelta(minutes=15)
    assert suite.others == ("Ana Vale", "Ben Brook")
    assert suite.initials == "RM 1960"
    assert [bar.ready_at for bar in row(page, "Ana Vale")] == [treated.ends_at]


def test_a_practitioner_is_boxed_only_while_they_are_needed(db: Session, booked: list[Appointment]):
    consult = step(booked, "consult")
    page = shown(db, day_of(consult))
    own = [bar for bar in row(page, "Ana Vale") if bar.appointment and bar.appointment.id == consult.id]
    assert [(bar.starts_at, bar.ends_at) for bar in own] == [
        (consult.starts_at + timedelta(minutes=15), consult.ends_at)
    ]


def test_counts_patients_and_who_has_not_confirmed(db: Session, booked: list[Appointment]):
    page = shown(db, day_of(step(booked, "consult")))
    assert page.patients == 1
    assert page.unconfirmed == sum(
        day_of(each) == page.day and each.patient_starts_at is not None for each in booked
    )


def test_a_block_that_began_days_before_still_shows(db: Session, booked: list[Appointment]):
    block(db, "Gym N", timedelta(days=-3), timedelta(hours=10))
    block(db, "Suite N", timedelta(days=-3), timedelta(hours=-1))
    page = shown(db, clinic.NOW.date())
    assert [bar.title for bar in row(page, "Gym N") if bar.kind == "block"] == [{"en": "Course"}]
    assert not [bar for bar in row(page, "Suite N") if bar.kind == "block"]


def test_time_outside_working_hours_is_closed(db: Session, booked: list[Appointment]):
    page = shown(db, clinic.NOW.date())
    assert (page.starts_at, page.ends_at) == tuple(
        times.day_start(page.day, ZONE) + timedelta(hours=hours) for hours in (8, 17)
    )
    vale = next(each for each in page.sections["practitioner"] if each.name == "Ana Vale")
    noon = times.day_start(page.day, ZONE) + timedelta(hours=12)
    assert vale.closed[-1] == (noon, page.ends_at)


def test_who_is_elsewhere_that_day_is_not_on_the_board(db: Session, booked: list[Appointment]):
    names = {row.name for row in shown(db, clinic.NOW.date()).sections["practitioner"]}
    assert "Ana Vale" in names
    assert not {"Cleo Lake", "Gil Rios"} & names


def test_a_holiday_is_told_and_closed(db: Session, booked: list[Appointment]):
    page = shown(db, date(2026, 11, 26))
    assert page.closed
    assert all(row.closed == ((page.starts_at, page.ends_at),) for row in page.sections["room"])


@pytest.mark.parametrize(("day", "hours"), [(date(2027, 3, 14), 23), (date(2026, 11, 1), 25)])
def test_a_day_is_as_long_as_its_clocks_make_it(db: Session, day: date, hours: int):
    clinic.set_up(db)
    start = times.day_start(day, ZONE)
    db_day = times.day_start(clinic.NOW.date(), ZONE)
    block(db, "Gym N", start - db_day, start - db_day + timedelta(hours=hours))
    page = shown(db, day)
    assert page.ends_at - page.starts_at == timedelta(hours=hours)


def test_no_claim_of_another_day_is_read(db: Session, booked: list[Appointment]):
    """However long the history: what is loaded are the claims of the day and at most one before it each."""
    for number in range(1, 60):
        block(db, "Gym N", timedelta(days=-number), timedelta(days=-number, hours=1))
    db.expunge_all()
    loaded: list[int] = []
    event.listen(Claim, "load", lambda claim, _: loaded.append(claim.id))
    page = shown(db, clinic.NOW.date())
    boxes = [bar for rows in page.sections.values() for each in rows for bar in each.bars]
    assert len(loaded) <= len(boxes) + 5


def test_an_unknown_location_is_refused_and_a_look_is_written_down(db: Session, booked: list[Appointment]):
    location = db.scalars(select(Location)).first()
    assert location
    shown(db, clinic.NOW.date(), location.id)
    looks = db.scalars(select(AuditLine).where(AuditLine.deed == "look", AuditLine.subject == "board")).all()
    assert [each.subject_id for each in looks] == [location.id]
    with pytest.raises(NotFound):
        shown(db, location_id=4711)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ana Vega", "AV"), ("Cher", "C"), ("María del Mar Ruiz", "MR"), ("", "?"), ("X Æ A-12", "XA")],
)
def test_initials(name: str, letters: str):
    assert taken.initials(name) == letters


def test_a_sunday_is_closed_and_a_working_day_is_not(db: Session, booked: list[Appointment]):
    monday = clinic.NOW.date()
    assert shown(db, monday - timedelta(days=1)).closed
    assert not shown(db, monday).closed

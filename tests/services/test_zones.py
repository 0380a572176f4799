"""Locations whose clocks differ: every step keeps the dates and hours of the place where it is."""

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import database, times
from coordinator.models import Appointment, Location, Practitioner, WorkingHours
from coordinator.services import booking, finding, moving, planning
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic

ALL_WEEK = {day: ["00:00-24:00"] for day in times.WEEKDAYS}
OFFICE_HOURS = (8, 17)


@pytest.fixture(autouse=True)
def _clinic(db: Session) -> None:
    clinic.set_up(db)


def set_clocks(db: Session, north: str, south: str) -> None:
    database.begin_writing(db)
    for location in db.scalars(select(Location)):
        location.timezone = {"north": north, "south": south}[location.key]
        location.holiday_country = None
    db.commit()


def wall(appointment: Appointment) -> tuple[datetime, datetime]:
    """When it begins and ends by the clock of the place where it is."""
    zone = times.zone(appointment.location.timezone)
    return times.to_wall(appointment.starts_at, zone), times.to_wall(appointment.ends_at, zone)


@pytest.mark.parametrize("order", [["north", "south"], ["south", "north"]])
@pytest.mark.parametrize("south", ["America/Los_Angeles", "Pacific/Auckland"])
def test_no_step_lies_before_the_wished_date_of_its_place(db: Session, order: list[str], south: str) -> None:
    """Half a world apart, the same date begins a day earlier or later."""
    set_clocks(db, "Asia/Kolkata", south)
    database.begin_writing(db)
    for location in db.scalars(select(Location)):
        location.opening = ALL_WEEK if location.key == "south" else {}
    for hours in db.scalars(select(WorkingHours)):
        hours.days = ALL_WEEK
    db.commit()
    plan = planning.draft_by_hand(
        db,
        patient_id=clinic.patient(db, "tom").id,
        title="Exercise",
        therapy_keys=["physio"],
        earliest=date(2026, 12, 3),
        locations=order,
        by=COMMAND,
        now=clinic.NOW,
    )
    (step,) = finding.itinerary(db, clinic.found(db, plan).proposals[0])
    begins = times.to_wall(step.starts_at, times.zone(south))
    assert (begins.date(), begins.hour) == (date(2026, 12, 3), 0)


@pytest.mark.parametrize("place", ["north", "south"])
@pytest.mark.parametrize("week", [date(2027, 3, 22), date(2027, 10, 25)])
def test_over_the_changing_of_the_clocks_everything_lies_within_office_hours(
    db: Session, place: str, week: date
) -> None:
    set_clocks(db, "Europe/Berlin", "Asia/Kolkata")
    database.begin_writing(db)
    for person in db.scalars(select(Practitioner)):
        db.add(
            WorkingHours(resource_id=person.id, location_id=place_id(db, place), days=office_week(), only=[])
        )
    db.commit()
    plan = clinic.approved(db, clinic.a_draft(db, "tom", earliest=week, locations=[place]))
    proposal = clinic.found(db, plan).proposals[0].id
    booked = booking.book(db, proposal, version=plan.version, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    last, seen = booked[-1], [wall(each) for each in booked]
    choice = moving.times_for(db, last.id, seconds=5, now=clinic.NOW)[-1]
    moved = moving.move(db, last.id, starts_at=choice.starts_at, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    for begins, ends in [*seen, wall(moved)]:
        assert begins.date() == ends.date() >= week
        assert OFFICE_HOURS[0] <= begins.hour < OFFICE_HOURS[1]
        assert (ends.hour, ends.minute) <= (OFFICE_HOURS[1], 0)


def place_id(db: Session, key: str) -> int:
    return db.scalars(select(Location.id).where(Location.key == key)).one()


def office_week() -> dict[str, list[str]]:
    begin, end = OFFICE_HOURS
    return {day: [f"{begin:02}:00-{end}:00"] for day in times.WEEKDAYS}

"""A moved appointment keeps its plan whole; a cancelled one gives its time back."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import database, times
from coordinator.errors import Conflict, Refusal
from coordinator.models import (
    Absence,
    Appointment,
    AppointmentState,
    Claim,
    Location,
    PlanState,
    PlanStep,
    Reply,
    Therapy,
    WorkingHours,
)
from coordinator.services import appointing, cancelling, deeds, holding, moving, planning
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic
from tests.services.test_booking import overlaps


@pytest.fixture
def second_session(db: Session) -> Appointment:
    clinic.set_up(db)
    return next(each for each in clinic.booked(db) if each.step.key == "physio-2")


def choices(db: Session, appointment: Appointment) -> list[moving.Choice]:
    return moving.times_for(db, appointment.id, seconds=10, now=clinic.NOW)


def test_every_offered_time_can_be_taken_and_keeps_the_links(
    db: Session, second_session: Appointment
) -> None:
    plan_id = second_session.plan_id
    offered = choices(db, second_session)
    assert offered
    for choice in (offered[0], offered[-1]):
        moved = moving.move(
            db, second_session.id, starts_at=choice.starts_at, delay_seconds=0, by=COMMAND, now=clinic.NOW
        )
        assert moved.starts_at == choice.starts_at
        days = [
            each.starts_at.date()
            for each in appointing.of_plan(db, plan_id)
            if each.step.key.startswith("physio")
        ]
        gaps = [(later - earlier).days for earlier, later in pairwise(days)]
        assert all(2 <= gap <= 7 for gap in gaps)
        assert not overlaps(db)


def test_a_move_raises_the_revision_asks_again_and_frees_the_old_time(
    db: Session, second_session: Appointment
) -> None:
    old = second_session.starts_at
    choice = choices(db, second_session)[-1]
    moved = moving.move(
        db, second_session.id, starts_at=choice.starts_at, delay_seconds=0, by=COMMAND, now=clinic.NOW
    )
    assert (moved.sequence, moved.reply) == (1, Reply.OPEN)
    active = db.scalars(select(Claim).where(Claim.appointment_id == moved.id, Claim.active)).all()
    assert active
    assert all(claim.starts_at != old for claim in active)


def test_a_time_that_breaks_the_plan_is_refused_with_the_reason(
    db: Session, second_session: Appointment
) -> None:
    with pytest.raises(Refusal, match=r"breaks what the plan asks for: ."):
        moving.move(
            db,
            second_session.id,
            starts_at=second_session.starts_at + timedelta(days=21),
            delay_seconds=0,
            by=COMMAND,
            now=clinic.NOW,
        )


def test_a_stale_page_moves_nothing(db: Session, second_session: Appointment) -> None:
    offered = choices(db, second_session)
    seen = second_session.version
    moving.move(
        db, second_session.id, starts_at=offered[0].starts_at, delay_seconds=0, by=COMMAND, now=clinic.NOW
    )
    with pytest.raises(Conflict):
        moving.move(
            db,
            second_session.id,
            starts_at=offered[-1].starts_at,
            version=seen,
            delay_seconds=0,
            by=COMMAND,
            now=clinic.NOW,
        )


def test_times_off_the_grid_or_over_are_refused(db: Session, second_session: Appointment) -> None:
    for wrong in (second_session.starts_at + timedelta(minutes=2), clinic.NOW - timedelta(days=1)):
        with pytest.raises(Refusal):
            moving.move(db, second_session.id, starts_at=wrong, delay_seconds=0, by=COMMAND, now=clinic.NOW)


def test_a_cancelled_appointment_gives_its_time_back(db: Session, second_session: Appointment) -> None:
    gone = cancelling.cancel(db, second_session.id, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    assert (gone.state, gone.sequence) == (AppointmentState.CANCELLED, 1)
    assert not db.scalars(select(Claim).where(Claim.appointment_id == gone.id, Claim.active)).all()
    with pytest.raises(Refusal):
        cancelling.cancel(db, second_session.id, delay_seconds=0, by=COMMAND, now=clinic.NOW)


def test_a_cancelled_plan_frees_everything(db: Session, second_session: Appointment) -> None:
    plan_id = second_session.plan_id
    plan = cancelling.cancel_plan(db, plan_id, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    assert plan.state == PlanState.CANCELLED
    assert appointing.of_plan(db, plan_id) == []
    db.info["now"] = clinic.NOW + deeds.UNDO_TIME
    assert holding.release_expired(db) == 1
    assert not db.scalars(select(Claim).where(Claim.active)).all()
    assert planning.load(db, plan_id).state == PlanState.CANCELLED


def test_a_task_moves_within_office_hours_only(db: Session, second_session: Appointment) -> None:
    letter = next(
        each for each in appointing.of_plan(db, second_session.plan_id) if each.step.key == "letter"
    )
    offered = choices(db, letter)
    assert offered
    zone = times.zone("America/New_York")
    for choice in offered:
        wall = times.to_wall(choice.starts_at, zone)
        assert wall.weekday() < 5
        assert 8 <= wall.hour < 17
    moved = moving.move(
        db, letter.id, starts_at=offered[-1].starts_at, delay_seconds=0, by=COMMAND, now=clinic.NOW
    )
    assert moved.starts_at == offered[-1].starts_at


def test_a_step_for_weekdays_stays_on_weekdays(db: Session, second_session: Appointment) -> None:
    database.begin_writing(db)
    for location in db.scalars(select(Location)):
        location.opening = location.opening | {"sat": ["08:00-17:00"], "sun": ["08:00-17:00"]}
    for hours in db.scalars(select(WorkingHours)):
        hours.days = hours.days | {"sat": ["08:00-17:00"], "sun": ["08:00-17:00"]}
    db.get_one(PlanStep, second_session.step_id).weekdays_only = True
    db.commit()
    offered = choices(db, second_session)
    assert offered
    assert all(choice.starts_at.weekday() < 5 for choice in offered)


@pytest.mark.parametrize("minutes", [[15], [15, 45, 10]])
def test_a_therapy_that_has_changed_since_is_refused_in_words(
    db: Session, second_session: Appointment, minutes: list[int]
) -> None:
    database.begin_writing(db)
    therapy = db.scalars(select(Therapy).where(Therapy.key == "consult")).one()
    phases = [*therapy.phases, therapy.phases[-1]]
    therapy.phases = [phase | {"minutes": length} for phase, length in zip(phases, minutes, strict=False)]
    db.commit()
    with pytest.raises(Refusal, match="consult is made of has changed"):
        choices(db, second_session)


def test_times_are_found_behind_weeks_in_which_nobody_is_there(db: Session) -> None:
    clinic.set_up(db)
    consult = next(each for each in clinic.booked(db, "tom") if each.step.key == "consult")
    for other in appointing.of_plan(db, consult.plan_id):
        if other.id != consult.id:
            cancelling.cancel(db, other.id, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    database.begin_writing(db)
    back = clinic.NOW + timedelta(days=30)
    vale = clinic.practitioner(db, "dr-vale").id
    db.add(Absence(resource_id=vale, starts_at=clinic.NOW, ends_at=back))
    db.commit()
    offered = choices(db, consult)
    assert offered
    assert all(choice.starts_at >= back for choice in offered)

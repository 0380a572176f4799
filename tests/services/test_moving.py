"""A moved appointment keeps its plan whole; a cancelled one gives its time back."""

from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import Conflict, Refusal
from coordinator.models import Appointment, AppointmentState, Claim, PlanState, Reply
from coordinator.services import appointing, cancelling, moving, planning
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
    with pytest.raises(Refusal, match=r"does not fit: ."):
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
    assert not db.scalars(select(Claim).where(Claim.active)).all()
    assert planning.load(db, plan_id).state == PlanState.CANCELLED

"""A whole plan moves by days or minutes, all of it that has not begun or nothing."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import database, times
from coordinator.errors import Conflict, Refusal
from coordinator.models import Absence, Appointment, Block, Claim, Notice, NoticeState
from coordinator.services import appointing, planning, shifting
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic
from tests.services.test_booking import overlaps

QUICK = {"delay_seconds": 0, "by": COMMAND, "now": clinic.NOW}
WEEK = timedelta(days=7)


@pytest.fixture
def plan_id(db: Session) -> int:
    clinic.set_up(db)
    return clinic.booked(db)[0].plan_id


def at(booked: list[Appointment]) -> dict[str, object]:
    return {each.step.key: (each.starts_at, each.ends_at, each.patient_starts_at) for each in booked}


def test_half_an_hour_later_in_the_same_hands(db: Session, plan_id: int) -> None:
    """Every new time overlaps an old one of the same people and rooms: none is in its own way."""
    before = appointing.of_plan(db, plan_id)
    half = timedelta(minutes=30)
    old = {each.step.key: each.starts_at for each in before}
    who = {each.step.key: sorted(one.resource_id for one in each.attendances) for each in before}
    version = planning.load(db, plan_id).version
    moved = shifting.shift(db, plan_id, minutes=30, version=version, knowingly=True, **QUICK)
    assert {each.step.key: each.starts_at - half for each in moved} == old
    assert {each.step.key: sorted(one.resource_id for one in each.attendances) for each in moved} == who
    assert {each.sequence for each in moved if each.patient_starts_at} == {1}
    assert not overlaps(db)
    assert planning.load(db, plan_id).version == version + 1


def test_a_week_later_the_clocks_show_the_same_time(db: Session, plan_id: int) -> None:
    zone = times.zone("America/New_York")

    def walls() -> list[object]:
        return [
            times.to_wall(each.starts_at, zone).replace(tzinfo=None)
            for each in appointing.of_plan(db, plan_id)
        ]

    before = walls()
    shifting.shift(db, plan_id, days=7, **QUICK)
    assert walls() == [each + WEEK for each in before]  # type: ignore[operator]


def test_what_is_in_the_way_of_one_keeps_all_where_they_are(db: Session, plan_id: int) -> None:
    booked = appointing.of_plan(db, plan_id)
    before, last, who = at(booked), booked[-1].step.key, booked[-1].attendances[0].resource_id
    begins, ends = booked[-1].starts_at + WEEK, booked[-1].ends_at + WEEK
    database.begin_writing(db)
    block = Block(title="Meeting", starts_at=begins, ends_at=ends)
    db.add(block)
    db.flush()
    db.add(Claim(resource_id=who, block_id=block.id, starts_at=block.starts_at, ends_at=block.ends_at))
    db.commit()
    claims = len(db.scalars(select(Claim)).all())
    with pytest.raises(Conflict, match=rf"does not fit: {last}: .* is not free"):
        shifting.shift(db, plan_id, days=7, **QUICK)
    db.rollback()
    assert at(appointing.of_plan(db, plan_id)) == before
    assert len(db.scalars(select(Claim)).all()) == claims


def test_somebody_who_is_away_by_then_stops_it(db: Session, plan_id: int) -> None:
    first = appointing.of_plan(db, plan_id)[0]
    who, begins, ends = first.attendances[0].resource_id, first.starts_at + WEEK, first.ends_at + WEEK
    database.begin_writing(db)
    db.add(Absence(resource_id=who, starts_at=begins, ends_at=ends))
    db.commit()
    with pytest.raises(Conflict, match="is not free"):
        shifting.shift(db, plan_id, days=7, **QUICK)


def test_what_has_begun_stays(db: Session, plan_id: int) -> None:
    first, *rest = [each.starts_at for each in appointing.of_plan(db, plan_id)]
    now = first + timedelta(minutes=1)
    moved = shifting.shift(db, plan_id, days=7, knowingly=True, **QUICK | {"now": now})
    assert moved[0].starts_at == first
    assert sorted(each.starts_at for each in moved[1:]) == [each + WEEK for each in rest]
    late = rest[-1] + timedelta(days=30)
    with pytest.raises(Refusal, match="has begun"):
        shifting.shift(db, plan_id, days=7, **QUICK | {"now": late})


def test_what_breaks_a_link_to_a_step_that_is_over_needs_a_yes(db: Session, plan_id: int) -> None:
    booked = appointing.of_plan(db, plan_id)
    now = booked[0].starts_at + timedelta(minutes=1)
    with pytest.raises(Refusal, match="breaks what the plan asks for"):
        shifting.shift(db, plan_id, days=14, **QUICK | {"now": now})
    _, broken = shifting.weigh(db, plan_id, days=14, now=now)
    assert broken
    assert {each.rule for each in broken} == {"link"}


@pytest.mark.parametrize("asked", [{}, {"days": 400}, {"minutes": 7}, {"days": -30}])
def test_shifts_that_make_no_sense_are_refused(db: Session, plan_id: int, asked: dict[str, int]) -> None:
    with pytest.raises(Refusal):
        shifting.shift(db, plan_id, **asked, **QUICK)


def test_a_stale_page_shifts_nothing(db: Session, plan_id: int) -> None:
    version = planning.load(db, plan_id).version
    shifting.shift(db, plan_id, days=7, version=version, **QUICK)
    with pytest.raises(Conflict):
        shifting.shift(db, plan_id, days=7, version=version, **QUICK)
    waiting = db.scalars(select(Notice).where(Notice.state == NoticeState.WAITING)).all()
    assert {each.sequence for each in waiting if each.appointment_id is not None} == {1}


def test_a_request_sent_again_shifts_nothing(db: Session, plan_id: int) -> None:
    version = planning.load(db, plan_id).version
    first, again = (
        at(shifting.shift(db, plan_id, days=7, version=version, key="one", **QUICK)) for _ in range(2)
    )
    assert first == again
    with pytest.raises(Refusal, match="something else"):
        shifting.shift(db, plan_id + 1, days=7, key="one", **QUICK)

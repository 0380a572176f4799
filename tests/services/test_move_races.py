"""Moves, swaps, shifts and cancellations at once: each is done whole or not at all, and none undoes another unseen."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from coordinator.errors import Conflict
from coordinator.models import Appointment, AppointmentState, AuditLine, Claim
from coordinator.services import appointing, cancelling, moving, rearranging, shifting, swapping
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic
from tests.services.test_booking import overlaps
from tests.services.test_races import Meanwhile

QUICK = {"delay_seconds": 0, "by": COMMAND, "now": clinic.NOW}


@pytest.fixture
def two(db: Session) -> tuple[Appointment, Appointment]:
    """The last sessions of two patients."""
    clinic.set_up(db)
    found = []
    for key in ("rosa", "tom"):
        booked = clinic.booked(db, key, locations=["north"])
        found.append(next(each for each in booked if each.step.key == "physio-3"))
    return found[0], found[1]


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Have so many wait for each other when they have thought, so that all begin to write at once."""

    def wait_for(many: int) -> None:
        all_here, original = threading.Barrier(many), rearranging.begin_writing

        def begin(session: Session) -> None:
            if "counted" not in session.info:
                session.info["counted"] = True
                all_here.wait(60)
            original(session)

        for room in (rearranging, cancelling):
            monkeypatch.setattr(room, "begin_writing", begin)

    return wait_for


def at_once(engine: Engine, *deeds: Callable[[Session], Any]) -> list[Exception | None]:
    everybody = [Meanwhile(engine) for _ in deeds]
    for each, deed in zip(everybody, deeds, strict=True):
        each.begins(deed)
    for each in everybody:
        each.is_done()
    return [each.refused for each in everybody]


def test_two_who_swap_the_same_two_swap_once(
    db: Session, engine: Engine, two: tuple[Appointment, Appointment], together: Callable[[int], None]
) -> None:
    ids, versions = (two[0].id, two[1].id), (two[0].version, two[1].version)
    starts = [each.starts_at for each in two]
    db.rollback()
    together(2)
    refused = at_once(
        engine,
        lambda session: swapping.swap(session, *ids, versions=versions, knowingly=True, **QUICK),
        lambda session: swapping.swap(session, *ids[::-1], versions=versions, knowingly=True, **QUICK),
    )
    assert sorted(type(each) is Conflict for each in refused) == [False, True]
    assert [appointing.one(db, each).starts_at for each in ids] == starts[::-1]
    assert len(db.scalars(select(AuditLine).where(AuditLine.deed == "swap")).all()) == 1
    assert not overlaps(db)


def test_a_move_and_a_cancellation_at_once_are_one_of_the_two(
    db: Session, engine: Engine, two: tuple[Appointment, Appointment], together: Callable[[int], None]
) -> None:
    visit, version = two[0].id, two[0].version
    later = moving.times_for(db, visit, seconds=10, now=clinic.NOW)[-1].starts_at
    db.rollback()
    together(2)
    moved, cancelled = at_once(
        engine,
        lambda session: moving.move(session, visit, starts_at=later, version=version, **QUICK),
        lambda session: cancelling.cancel(session, visit, version=version, **QUICK),
    )
    now = appointing.one(db, visit)
    active = db.scalars(select(Claim).where(Claim.appointment_id == visit, Claim.active)).all()
    if moved is None:
        assert isinstance(cancelled, Conflict)
        assert (now.state, now.starts_at) == (AppointmentState.BOOKED, later)
        assert active
    else:
        assert isinstance(moved, Conflict)
        assert (cancelled, now.state, active) == (None, AppointmentState.CANCELLED, [])
    assert now.sequence == 1


def test_a_shift_and_a_swap_at_once_are_one_of_the_two(
    db: Session, engine: Engine, two: tuple[Appointment, Appointment], together: Callable[[int], None]
) -> None:
    ids, plan_id = (two[0].id, two[1].id), two[0].plan_id
    before = {each.id: each.starts_at for each in appointing.of_plan(db, plan_id)}
    db.rollback()
    together(2)
    shifted, swapped = at_once(
        engine,
        lambda session: shifting.shift(session, plan_id, days=7, **QUICK),
        lambda session: swapping.swap(session, *ids, knowingly=True, **QUICK),
    )
    assert [type(each) for each in (shifted, swapped) if each] == [Conflict]
    changed = {each.id for each in appointing.of_plan(db, plan_id) if each.starts_at != before[each.id]}
    assert changed == (set(before) if shifted is None else {ids[0]})
    assert not overlaps(db)


def test_of_two_who_move_to_the_same_time_one_gets_it(
    db: Session, engine: Engine, two: tuple[Appointment, Appointment], together: Callable[[int], None]
) -> None:
    """Two plans, one gymnasium: both were free to go there when they looked."""
    one, other = two[0].id, two[1].id
    offered = [
        {each.starts_at for each in moving.times_for(db, visit, seconds=10, now=clinic.NOW)}
        for visit in (one, other)
    ]
    same = max(offered[0] & offered[1])
    db.rollback()
    together(2)
    refused = at_once(
        engine,
        *(
            lambda session, visit=visit: moving.move(session, visit, starts_at=same, **QUICK)
            for visit in (one, other)
        ),
    )
    assert sorted(type(each) is Conflict for each in refused) == [False, True]
    lost = next(str(each) for each in refused if each)
    assert "physio-3" in lost
    assert [appointing.one(db, each).starts_at for each in (one, other)].count(same) == 1
    assert not overlaps(db)

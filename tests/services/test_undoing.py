"""What was done is undone within ten minutes: all is as before, and nobody hears what they need not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, Select, select
from sqlalchemy.orm import Session

from coordinator.errors import Conflict, NotFound
from coordinator.models import (
    Answer,
    Appointment,
    AuditLine,
    Claim,
    Deed,
    Notice,
    NoticeKind,
    NoticeState,
    PlanState,
    Reply,
)
from coordinator.services import (
    answers,
    appointing,
    booking,
    cancelling,
    deeds,
    errands,
    finding,
    holding,
    moving,
    planning,
    shifting,
    swapping,
    undoing,
)
from coordinator.services.delivery import Delivery
from coordinator.services.trail import COMMAND, PATIENT
from tests.notices.builders import LETTERHEAD, sessions_at
from tests.services import a_pain_clinic as clinic
from tests.services.test_booking import overlaps
from tests.services.test_delivery import Box

DELAY = 120
SOON, LATE, TOO_LATE = (timedelta(seconds=seconds) for seconds in (60, 300, 600))
QUICK = {"delay_seconds": DELAY, "by": COMMAND, "now": clinic.NOW}


@pytest.fixture
def plan_id(db: Session) -> int:
    """Rosa's plan is booked; that was long ago, and she knows."""
    clinic.set_up(db)
    booked = clinic.booked(db, "rosa", locations=["north"])
    return booked[0].plan_id


def pass_by(db: Session, how_long: timedelta) -> dict[str, object]:
    db.rollback()
    db.info["now"] = clinic.NOW + how_long
    return QUICK | {"now": db.info["now"]}


def deliver(engine: Engine, at: timedelta) -> list[str]:
    """What leaves by then: the methods of the calendars, with their revisions."""
    box = Box()
    Delivery(sessions_at(engine, clinic.NOW + at), box, LETTERHEAD).work_off()
    told = []
    for mail in box.mails:
        parts = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
        told += [str(part.get_param("method")) for part in parts[:1]]
    return sorted(told)


def picture(db: Session, plan_id: int) -> dict[str, object]:
    """All that is booked of a plan: times, people, rooms and claims."""
    booked = appointing.of_plan(db, plan_id)
    taken = select(Claim.resource_id, Claim.starts_at, Claim.ends_at)
    return {
        each.step.key: (
            each.starts_at,
            each.ends_at,
            each.patient_starts_at,
            each.reply,
            sorted((one.resource_id, one.used_as, one.starts_at) for one in each.attendances),
            sorted(
                tuple(row) for row in db.execute(taken.where(Claim.appointment_id == each.id, Claim.active))
            ),
        )
        for each in booked
    }


def step(db: Session, plan_id: int, key: str) -> Appointment:
    return next(each for each in appointing.loaded(db, plan_id) if each.step.key == key)


def fresh(db: Session, query: Select[Notice]) -> Sequence[Notice]:
    """Notices as the worker left them; what an open transaction has seen before does not count."""
    db.commit()
    return db.scalars(query.execution_options(populate_existing=True)).all()


def waiting(db: Session, plan_id: int) -> set[tuple[object, ...]]:
    query = select(Notice).where(Notice.plan_id == plan_id, Notice.state == NoticeState.WAITING)
    return {(each.appointment_id, each.kind, each.lead_hours, each.due_at) for each in fresh(db, query)}


def later(db: Session, appointment: Appointment) -> datetime:
    return moving.times_for(db, appointment.id, seconds=10, now=clinic.NOW)[-1].starts_at


@pytest.mark.parametrize("known", [False, True])
def test_a_move_is_undone_and_nobody_hears_of_it(
    db: Session, engine: Engine, plan_id: int, known: bool
) -> None:
    """An invite that waited before it waits again, and reminders have their old times."""
    if known:
        assert set(deliver(engine, timedelta())) == {"REQUEST"}
    queued, before = waiting(db, plan_id), picture(db, plan_id)
    visit = step(db, plan_id, "physio-2")
    moving.move(db, visit.id, starts_at=later(db, visit), **QUICK)
    assert picture(db, plan_id) != before
    version = planning.load(db, plan_id).version
    undoing.undo(db, plan_id, version=version, **pass_by(db, SOON))
    assert picture(db, plan_id) == before
    assert waiting(db, plan_id) == queued
    assert not overlaps(db)
    left = deliver(engine, LATE)
    assert left == [] if known else "REQUEST" in left
    assert db.scalars(select(AuditLine.deed)).all()[-1] == "undo"


def test_a_move_that_was_told_is_told_back(db: Session, engine: Engine, plan_id: int) -> None:
    deliver(engine, timedelta())
    before = picture(db, plan_id)
    visit = step(db, plan_id, "physio-2")
    moving.move(db, visit.id, starts_at=later(db, visit), **QUICK)
    assert deliver(engine, timedelta(seconds=DELAY)) == ["REQUEST"]
    undoing.undo(db, plan_id, **pass_by(db, LATE))
    assert picture(db, plan_id) == before
    assert deliver(engine, TOO_LATE) == ["REQUEST"]
    told = fresh(db, select(Notice).where(Notice.appointment_id == visit.id, Notice.sent_at.is_not(None)))
    calendar = [each for each in told if each.kind in {NoticeKind.INVITE, NoticeKind.UPDATE}]
    assert sorted(each.sequence for each in calendar) == [0, 1, 2]


def test_a_booking_is_undone_and_can_be_booked_again(db: Session, engine: Engine) -> None:
    clinic.set_up(db)
    plan = clinic.approved(db, clinic.a_draft(db))
    proposal = clinic.found(db, plan).proposals[0].id
    booking.book(db, proposal, version=plan.version, key="one", **QUICK)
    booked = picture(db, plan.id)
    undone = undoing.undo(db, plan.id, **pass_by(db, SOON))
    now = planning.load(db, plan.id)
    assert (now.state, now.booked_at, now.location_id) == (PlanState.APPROVED, None, None)
    assert undone.undone_at is not None
    assert not appointing.of_plan(db, plan.id)
    assert not db.scalars(select(Claim).where(Claim.active)).all()
    assert deliver(engine, LATE) == []
    search = finding.latest(db, plan.id)
    assert search is not None
    assert search.plan_version == now.version
    booking.book(db, proposal, version=now.version, key="two", **pass_by(db, LATE))
    assert picture(db, plan.id) == booked
    assert not overlaps(db)
    assert set(deliver(engine, LATE + timedelta(seconds=DELAY))) == {"REQUEST"}


def test_a_booking_that_was_told_is_called_off_once(db: Session, engine: Engine, plan_id: int) -> None:
    """And booked and undone again before anybody heard of that, it is not called off a second time."""
    invited = deliver(engine, timedelta(seconds=DELAY))
    undoing.undo(db, plan_id, **pass_by(db, SOON))
    called_off = deliver(engine, SOON + timedelta(seconds=DELAY))
    assert called_off == ["CANCEL"] * len(invited)
    plan = planning.load(db, plan_id)
    search = finding.latest(db, plan_id)
    assert search is not None
    booking.book(db, search.proposals[0].id, version=plan.version, **pass_by(db, LATE))
    assert {each.sequence for each in appointing.of_plan(db, plan_id)} == {2}
    undoing.undo(db, plan_id, **pass_by(db, LATE))
    assert deliver(engine, timedelta(hours=1)) == []


@pytest.mark.parametrize("whole", [False, True])
def test_a_cancellation_is_undone_and_nobody_hears_of_it(
    db: Session, engine: Engine, plan_id: int, whole: bool
) -> None:
    deliver(engine, timedelta())
    visit = step(db, plan_id, "physio-2")
    answers.answer(db, visit.uid, reply=Reply.YES, comment="By bus", door="link", by=PATIENT, now=clinic.NOW)
    queued, before = waiting(db, plan_id), picture(db, plan_id)
    if whole:
        cancelling.cancel_plan(db, plan_id, **QUICK)
    else:
        cancelling.cancel(db, visit.id, **QUICK)
    undoing.undo(db, plan_id, **pass_by(db, SOON))
    assert planning.load(db, plan_id).state is PlanState.BOOKED
    assert picture(db, plan_id) == before
    assert waiting(db, plan_id) == queued
    assert deliver(engine, LATE) == []
    assert db.scalars(select(Answer.settled_at)).one() is None
    assert not db.scalars(select(Claim).where(Claim.active, Claim.hold_id.is_not(None))).all()


def test_a_cancellation_that_was_told_is_followed_by_a_new_invite(
    db: Session, engine: Engine, plan_id: int
) -> None:
    deliver(engine, timedelta())
    visit = step(db, plan_id, "physio-2")
    uid = visit.uid
    cancelling.cancel(db, visit.id, **QUICK)
    assert deliver(engine, timedelta(seconds=DELAY)) == ["CANCEL"]
    undoing.undo(db, plan_id, **pass_by(db, LATE))
    assert deliver(engine, TOO_LATE) == ["REQUEST"]
    last = db.scalars(select(Notice).where(Notice.sent_at.is_not(None)).order_by(Notice.id.desc())).first()
    assert last is not None
    assert (last.kind, last.sequence) == (NoticeKind.INVITE, 2)
    assert appointing.one(db, visit.id).uid == uid


def test_a_call_that_was_made_is_made_again_and_one_that_was_not_is_not(db: Session) -> None:
    """Tom is told by telephone: one call for the whole plan."""
    clinic.set_up(db)
    plan_id = clinic.booked(db, "tom", locations=["north"])[0].plan_id

    def calls() -> list[NoticeKind]:
        return [each.kind for each in errands.waiting_list(db)]

    undoing.undo(db, plan_id, **pass_by(db, SOON))
    assert calls() == []
    search = finding.latest(db, plan_id)
    assert search is not None
    version = planning.load(db, plan_id).version
    booking.book(db, search.proposals[0].id, version=version, **QUICK | {"delay_seconds": 0})
    errands.mark_done(db, errands.waiting_list(db)[0].id, COMMAND, clinic.NOW)
    undoing.undo(db, plan_id, **pass_by(db, SOON) | {"delay_seconds": 0})
    assert calls() == [NoticeKind.CANCELLATION]


def test_freed_time_is_kept_for_its_undo_and_free_after_that(db: Session, plan_id: int) -> None:
    visit = step(db, plan_id, "consult")
    begins = visit.starts_at
    cancelling.cancel_plan(db, plan_id, **QUICK)

    def soonest(key: str) -> datetime:
        found = clinic.found(db, clinic.a_draft(db, key, locations=["north"])).proposals[0]
        return next(each.starts_at for each in finding.itinerary(db, found) if each.key == "consult")

    assert soonest("tom") > begins
    assert soonest("rosa") == begins  # it is not in its own patient's way
    pass_by(db, TOO_LATE)
    assert soonest("tom") == begins
    assert holding.release_expired(db) == 1
    with pytest.raises(NotFound):
        undoing.undo(db, plan_id, **QUICK)


def test_time_that_is_given_away_is_lost_once_somebody_has_it(db: Session, plan_id: int) -> None:
    cancelling.cancel_plan(db, plan_id, **QUICK)
    deed = deeds.undoable(db, plan_id)
    assert deed is not None
    undoing.give_away(db, plan_id, deed.id, by=COMMAND, now=clinic.NOW)
    theirs = clinic.booked(db, "tom", locations=["north"])
    assert theirs
    before = picture(db, theirs[0].plan_id)
    with pytest.raises(Conflict, match="taken meanwhile"):
        undoing.undo(db, plan_id, **QUICK)
    db.rollback()
    assert picture(db, theirs[0].plan_id) == before
    assert planning.load(db, plan_id).state is PlanState.CANCELLED
    assert db.get_one(Deed, deed.id).undone_at is None


def test_time_that_is_given_away_can_still_be_taken_back_while_it_is_free(db: Session, plan_id: int) -> None:
    before = picture(db, plan_id)
    cancelling.cancel_plan(db, plan_id, **QUICK)
    deed = deeds.undoable(db, plan_id)
    assert deed is not None
    undoing.give_away(db, plan_id, deed.id, by=COMMAND, now=clinic.NOW)
    undoing.undo(db, plan_id, deed.id, **QUICK)
    assert picture(db, plan_id) == before


def test_the_same_patient_may_book_what_was_cancelled(db: Session, plan_id: int) -> None:
    cancelling.cancel_plan(db, plan_id, **QUICK)
    again = clinic.booked(db, "rosa", locations=["north"])
    assert again
    assert not overlaps(db)
    with pytest.raises(Conflict):
        undoing.undo(db, plan_id, **QUICK)


def test_an_old_time_that_somebody_else_has_is_lost(db: Session, plan_id: int) -> None:
    consult = step(db, plan_id, "consult")
    old = consult.starts_at
    moving.move(db, consult.id, starts_at=old + timedelta(hours=2), knowingly=True, **QUICK)
    moved = picture(db, plan_id)
    theirs = clinic.booked(db, "tom", locations=["north"])
    assert any(abs(each.starts_at - old) < timedelta(minutes=45) for each in theirs)
    with pytest.raises(Conflict, match="taken meanwhile"):
        undoing.undo(db, plan_id, **QUICK)
    db.rollback()
    assert picture(db, plan_id) == moved


def test_a_swap_and_a_shift_are_undone_whole(db: Session, plan_id: int) -> None:
    other = clinic.booked(db, "tom", locations=["north"])[0].plan_id
    before = picture(db, plan_id), picture(db, other)
    ids = step(db, plan_id, "physio-3").id, step(db, other, "physio-3").id
    swapping.swap(db, *ids, knowingly=True, **QUICK)
    undoing.undo(db, other, **QUICK)
    assert (picture(db, plan_id), picture(db, other)) == before
    shifting.shift(db, plan_id, days=7, knowingly=True, **QUICK)
    undoing.undo(db, plan_id, **QUICK)
    assert (picture(db, plan_id), picture(db, other)) == before
    assert not overlaps(db)


def test_what_is_old_done_twice_or_built_upon_is_not_undone(db: Session, plan_id: int) -> None:
    first = deeds.undoable(db, plan_id)
    assert first is not None
    visit = step(db, plan_id, "physio-2")
    moving.move(db, visit.id, starts_at=later(db, visit), **QUICK)
    version = planning.load(db, plan_id).version
    with pytest.raises(Conflict, match="after it"):
        undoing.undo(db, plan_id, first.id, **QUICK)
    with pytest.raises(Conflict, match="since you opened it"):
        undoing.undo(db, plan_id, version=version - 1, **QUICK)
    move = undoing.undo(db, plan_id, version=version, key="one", **QUICK)
    assert undoing.undo(db, plan_id, move.id, version=version, key="one", **QUICK).id == move.id
    with pytest.raises(Conflict, match="undone already"):
        undoing.undo(db, plan_id, move.id, **QUICK)
    with pytest.raises(NotFound):
        undoing.undo(db, plan_id + 1, first.id, **QUICK)
    late = pass_by(db, TOO_LATE)
    with pytest.raises(Conflict, match="more than 10 minutes"):
        undoing.undo(db, plan_id, first.id, **late)


@pytest.mark.parametrize("moves", [1, 2])
def test_a_request_that_is_sent_again_undoes_nothing_more(db: Session, plan_id: int, moves: int) -> None:
    """Without the number of a deed it means the newest, which is another one by then, or none."""
    now = pass_by(db, TOO_LATE)
    visit = step(db, plan_id, "physio-3")
    for each in [later(db, visit), visit.starts_at][:moves]:
        moving.move(db, visit.id, starts_at=each, **now)
    undone = undoing.undo(db, plan_id, key="one", **now)
    before = picture(db, plan_id)
    assert undoing.undo(db, plan_id, key="one", **now).id == undone.id
    assert picture(db, plan_id) == before


def test_a_visit_that_has_begun_is_not_undone(db: Session, plan_id: int) -> None:
    begins = appointing.of_plan(db, plan_id)[0].starts_at
    for each in db.scalars(select(Deed)):
        each.until = begins + timedelta(minutes=9)
    db.commit()
    with pytest.raises(Conflict, match="has begun"):
        undoing.undo(db, plan_id, **QUICK | {"now": begins + timedelta(minutes=1)})


def test_a_deed_remembers_no_names(db: Session, plan_id: int) -> None:
    cancelling.cancel_plan(db, plan_id, **QUICK)
    kept = str([each.before for each in db.scalars(select(Deed))])
    assert "Rosa" not in kept
    assert "example.org" not in kept

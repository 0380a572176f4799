"""Two at once: whoever is second waits, then sees what the first has done."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.errors import Conflict
from coordinator.models import Appointment, Reply
from coordinator.services import answers, appointing, booking, cancelling, moving, planning, rearranging
from coordinator.services.trail import COMMAND, PATIENT
from tests.services import a_pain_clinic as clinic

LONG_ENOUGH = 1.0
"""Seconds in which somebody whom nobody holds up is done."""


@pytest.fixture
def visit(db: Session) -> Appointment:
    clinic.set_up(db)
    return next(each for each in clinic.booked(db) if each.step.key == "physio-2")


class Meanwhile:
    """Somebody else, with a database session of their own, in a thread of their own."""

    def __init__(self, engine: Engine) -> None:
        self.sessions = database.make_sessions(engine)
        self.thread: threading.Thread | None = None
        self.refused: Exception | None = None

    def does(self, deed: Callable[[Session], Any]) -> None:
        """Start the deed, and go on when it is done or waits for us."""
        self.begins(deed).join(LONG_ENOUGH)

    def begins(self, deed: Callable[[Session], Any]) -> threading.Thread:
        """Start the deed, and wait for nothing."""
        self.thread = threading.Thread(target=self._do, args=[deed])
        self.thread.start()
        return self.thread

    def _do(self, deed: Callable[[Session], Any]) -> None:
        with self.sessions() as session:
            session.info["now"] = clinic.NOW
            try:
                deed(session)
            except Exception as error:
                self.refused = error

    def is_done(self) -> None:
        assert self.thread is not None
        self.thread.join()


@pytest.fixture
def patient(engine: Engine) -> Meanwhile:
    return Meanwhile(engine)


def says_yes(visit: Appointment) -> Callable[[Session], Any]:
    uid = visit.uid

    def deed(session: Session) -> None:
        answers.answer(
            session,
            uid,
            reply=Reply.YES,
            comment="",
            door="link",
            sequence=0,
            by=PATIENT,
            now=clinic.NOW,
        )

    return deed


def before(monkeypatch: pytest.MonkeyPatch, room: Any, name: str, deed: Callable[[], None]) -> None:
    """Have something happen just before a function is called for the first time."""
    original, left = getattr(room, name), [deed]

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if left:
            left.pop()()
        return original(*args, **kwargs)

    monkeypatch.setattr(room, name, wrapped)


def test_a_yes_to_the_old_time_is_no_yes_to_the_new_one(
    db: Session, visit: Appointment, patient: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = moving.times_for(db, visit.id, seconds=10, now=clinic.NOW)[-1].starts_at
    answer = says_yes(visit)
    before(monkeypatch, rearranging, "_rewrite", lambda: patient.does(answer))
    moved = moving.move(db, visit.id, starts_at=later, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    patient.is_done()
    now = appointing.one(db, moved.id)
    assert (now.sequence, now.reply) == (1, Reply.OPEN)
    assert isinstance(patient.refused, Conflict)


def test_nobody_answers_what_is_just_being_cancelled(
    db: Session, visit: Appointment, patient: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = says_yes(visit)
    before(monkeypatch, cancelling, "_withdraw", lambda: patient.does(answer))
    cancelling.cancel(db, visit.id, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    patient.is_done()
    assert patient.refused is not None
    assert appointing.one(db, visit.id).reply is Reply.OPEN


def test_a_move_that_was_thought_out_before_another_move_is_refused(
    db: Session, visit: Appointment, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other move comes while the plan is being read: half of what was read is old then."""
    last = next(each for each in appointing.of_plan(db, visit.plan_id) if each.step.key == "physio-3")
    theirs = moving.times_for(db, last.id, seconds=10, now=clinic.NOW)[-1].starts_at
    mine = moving.times_for(db, visit.id, seconds=10, now=clinic.NOW)[0].starts_at
    db.rollback()
    colleague, last_id = Meanwhile(engine), last.id

    def move_the_last(session: Session) -> None:
        moving.move(session, last_id, starts_at=theirs, delay_seconds=0, by=COMMAND, now=clinic.NOW)

    before(monkeypatch, planning, "load", lambda: colleague.does(move_the_last))
    with pytest.raises(Conflict):
        moving.move(db, visit.id, starts_at=mine, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    colleague.is_done()
    assert colleague.refused is None


def test_no_version_is_not_any_version(db: Session, visit: Appointment) -> None:
    later = moving.times_for(db, visit.id, seconds=10, now=clinic.NOW)[-1].starts_at
    with pytest.raises(Conflict):
        moving.move(db, visit.id, starts_at=later, version=0, delay_seconds=0, by=COMMAND, now=clinic.NOW)


def test_one_request_sent_many_times_at_once_books_once(db: Session, engine: Engine) -> None:
    clinic.set_up(db)
    plan = clinic.approved(db, clinic.a_draft(db))
    proposal, version, plan_id = clinic.found(db, plan).proposals[0].id, plan.version, plan.id
    db.rollback()
    answers_given: list[list[int]] = []

    def press(session: Session) -> None:
        booked = booking.book(
            session, proposal, version=version, key="one", delay_seconds=0, by=COMMAND, now=clinic.NOW
        )
        answers_given.append([each.id for each in booked])

    presses = [Meanwhile(engine) for _ in range(6)]
    for each in presses:
        each.begins(press)
    for each in presses:
        each.is_done()
        assert each.refused is None
    assert answers_given == [[each.id for each in appointing.of_plan(db, plan_id)]] * len(presses)


def test_a_repeat_that_reads_the_plan_when_the_first_has_just_booked_it_gets_its_answer(
    db: Session, patient: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is looked up after the plan is read: whoever sees the plan booked sees the key as well."""
    clinic.set_up(db)
    plan = clinic.approved(db, clinic.a_draft(db))
    version, proposal_id = plan.version, clinic.found(db, plan).proposals[0].id
    load = planning.load

    def book(session: Session) -> list[Appointment]:
        return booking.book(
            session, proposal_id, version=version, key="once", delay_seconds=0, by=COMMAND, now=clinic.NOW
        )

    def overtaken(session: Session, plan_id: int) -> Any:
        monkeypatch.setattr(planning, "load", load)
        session.rollback()  # SQLite would show what was when it began to read
        patient.does(book)
        patient.is_done()
        return load(session, plan_id)

    monkeypatch.setattr(planning, "load", overtaken)
    assert len(book(db)) == 8
    assert patient.refused is None


def test_a_repeat_of_a_move_that_reads_the_plan_when_the_first_has_just_moved_gets_its_answer(
    db: Session, visit: Appointment, patient: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit_id, version = visit.id, visit.version
    starts_at = moving.times_for(db, visit_id, seconds=1.0, now=clinic.NOW)[0].starts_at
    weigh = moving.weigh

    def move(session: Session) -> Appointment:
        return moving.move(
            session,
            visit_id,
            starts_at=starts_at,
            version=version,
            key="once",
            delay_seconds=0,
            by=COMMAND,
            now=clinic.NOW,
        )

    def overtaken(session: Session, *arguments: Any, **named: Any) -> Any:
        monkeypatch.setattr(moving, "weigh", weigh)
        session.rollback()
        patient.does(move)
        patient.is_done()
        return weigh(session, *arguments, **named)

    monkeypatch.setattr(moving, "weigh", overtaken)
    moved = move(db)
    assert (moved.starts_at, moved.version) == (starts_at, version + 1)
    assert patient.refused is None

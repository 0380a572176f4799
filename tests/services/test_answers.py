"""What patients say is kept, moves nothing, and stays on the desk until somebody has dealt with it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import Answer, Appointment, AppointmentState, AuditLine, Reply
from coordinator.services import answers
from coordinator.services.trail import PATIENT
from tests.notices.builders import NOW, STARTS_AT, a_booked_clinic


@pytest.fixture
def visit(db: Session) -> Appointment:
    made = a_booked_clinic(db).visit()
    db.commit()
    return made


def say(db: Session, reply: Reply, **changes: Any) -> Answer:
    values: dict[str, Any] = {"comment": "", "door": "link", "by": PATIENT, "now": NOW}
    return answers.answer(db, "uid1", reply=reply, **{**values, **changes})


def on_the_desk(db: Session) -> list[tuple[Reply, str]]:
    db.rollback()
    open_ones = select(Answer).where(Answer.settled_at.is_(None)).order_by(Answer.id)
    return [(one.reply, one.comment) for one in db.scalars(open_ones)]


@pytest.mark.parametrize("uid", ["unknown", "", None])
def test_who_asks_for_another_appointment_finds_none(
    db: Session, visit: Appointment, uid: str | None
) -> None:
    with pytest.raises(NotFound):
        answers.look(db, uid)


def test_a_visit_that_the_patient_has_no_part_in_is_not_shown(db: Session) -> None:
    a_booked_clinic(db).visit(patient_starts_at=None, patient_ends_at=None)
    with pytest.raises(NotFound):
        answers.look(db, "uid1")


@pytest.mark.parametrize(
    ("reply", "comment", "desk"),
    [
        (Reply.YES, "", []),
        (Reply.YES, "with a dog", [(Reply.YES, "with a dog")]),
        (Reply.NO, "", [(Reply.NO, "")]),
        (Reply.MOVE, "later", [(Reply.MOVE, "later")]),
    ],
)
def test_what_needs_somebody_stays_on_the_desk(
    db: Session, visit: Appointment, reply: Reply, comment: str, desk: list[tuple[Reply, str]]
) -> None:
    say(db, reply, comment=comment)
    assert on_the_desk(db) == desk
    assert answers.look(db, "uid1").reply is reply


def test_no_answer_moves_a_booking(db: Session, visit: Appointment) -> None:
    before = (visit.state, visit.starts_at, visit.sequence)
    say(db, Reply.NO)
    after = answers.look(db, "uid1")
    assert (after.state, after.starts_at, after.sequence) == before


def test_the_last_word_counts(db: Session, visit: Appointment) -> None:
    say(db, Reply.NO)
    say(db, Reply.MOVE)
    assert on_the_desk(db) == [(Reply.MOVE, "")]
    say(db, Reply.YES)
    assert on_the_desk(db) == []


def test_a_second_press_is_no_second_answer(db: Session, visit: Appointment) -> None:
    assert say(db, Reply.NO).id == say(db, Reply.NO).id
    assert len(db.scalars(select(Answer)).all()) == 1


def test_a_no_again_after_a_move_is_a_new_answer(db: Session, visit: Appointment) -> None:
    first = say(db, Reply.NO)
    moved = answers.look(db, "uid1")
    moved.sequence, moved.reply = 1, Reply.OPEN
    db.commit()
    assert say(db, Reply.NO).id != first.id


def test_an_answer_to_an_older_time_is_refused(db: Session, visit: Appointment) -> None:
    answers.look(db, "uid1").sequence = 1
    db.commit()
    with pytest.raises(Conflict):
        say(db, Reply.YES, sequence=0)
    assert say(db, Reply.YES, sequence=1).sequence == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"now": STARTS_AT},
        {"now": STARTS_AT + timedelta(days=1)},
        {"comment": "x" * 501},
        {"reply": Reply.OPEN},
    ],
)
def test_what_is_refused_changes_nothing(db: Session, visit: Appointment, wrong: dict[str, Any]) -> None:
    with pytest.raises(Refusal):
        say(db, **{"reply": Reply.NO, **wrong})
    assert on_the_desk(db) == []
    assert answers.look(db, "uid1").reply is Reply.OPEN


def test_until_it_begins_it_can_be_answered(db: Session, visit: Appointment) -> None:
    assert say(db, Reply.NO, now=STARTS_AT - timedelta(seconds=1)).reply is Reply.NO


def test_a_cancelled_one_cannot_be_answered(db: Session, visit: Appointment) -> None:
    answers.look(db, "uid1").state = AppointmentState.CANCELLED
    db.commit()
    with pytest.raises(Refusal, match="cancelled"):
        say(db, Reply.YES)


def test_hidden_characters_and_line_ends_are_left_out(db: Session, visit: Appointment) -> None:
    assert say(db, Reply.NO, comment=" a\x00b\r\n\u202ec ").comment == "ab c"


def test_settled_is_settled(db: Session, visit: Appointment) -> None:
    given = say(db, Reply.NO)
    for minutes in (1, 2):
        answers.settle(db, given.id, PATIENT, NOW + timedelta(minutes=minutes))
    assert given.settled_at == NOW + timedelta(minutes=1)
    with pytest.raises(NotFound):
        answers.settle(db, 999, PATIENT, NOW)


def test_the_audit_trail_holds_no_words(db: Session, visit: Appointment) -> None:
    say(db, Reply.NO, comment="my secret")
    (line,) = db.scalars(select(AuditLine))
    assert (line.deed, line.actor, line.facts) == (
        "answered",
        "patient-link",
        {"reply": "no", "door": "link"},
    )

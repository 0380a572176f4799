"""What waits for a person: calls, letters, and mails that could not be delivered."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import AuditLine, Notice, NoticeState
from coordinator.notices import outbox
from coordinator.services import errands
from coordinator.services.trail import COMMAND
from tests.notices.builders import DELAY, NOW, a_booked_clinic, a_patient

DUE = NOW + timedelta(seconds=DELAY)


def a_call(db: Session) -> Notice:
    return written(db, email=None, phone="1")


def a_mail(db: Session, state: NoticeState = NoticeState.WAITING) -> Notice:
    notice = written(db)
    notice.state, notice.problem, notice.attempts = state, "550 no such person", 3
    db.commit()
    return notice


def written(db: Session, **patient: str | None) -> Notice:
    made = a_booked_clinic(db, patient=a_patient(**patient))
    outbox.announce(db, [made.visit()], clinic=made.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()
    db.info["now"] = DUE
    return db.scalars(select(Notice).order_by(Notice.id)).first()  # type: ignore[return-value]


def test_a_call_waits_until_it_is_made(db: Session) -> None:
    call = a_call(db)
    (errand,) = errands.waiting_list(db)
    assert (errand.id, errand.address, errand.patient_name) == (call.id, "1", "Ana Núñez")
    errands.mark_done(db, call.id, COMMAND, DUE)
    assert errands.waiting_list(db) == []
    with pytest.raises(Conflict):
        errands.mark_done(db, call.id, COMMAND, DUE)


def test_no_call_while_the_booking_can_still_be_undone(db: Session) -> None:
    a_call(db)
    db.info["now"] = DUE - timedelta(seconds=1)
    assert errands.waiting_list(db) == []


def test_a_mail_is_no_errand(db: Session) -> None:
    mail = a_mail(db)
    assert errands.waiting_list(db) == errands.dead_letters(db) == []
    with pytest.raises(Refusal):
        errands.mark_done(db, mail.id, COMMAND, DUE)


def test_a_dead_mail_is_tried_again_or_given_up(db: Session) -> None:
    mail = a_mail(db, NoticeState.DEAD)
    assert [errand.problem for errand in errands.dead_letters(db)] == ["550 no such person"]
    name = mail.message_id
    again = errands.retry(db, mail.id, COMMAND, NOW)
    assert again.message_id == name
    assert (again.state, again.due_at, again.problem) == (NoticeState.WAITING, DUE, None)
    with pytest.raises(Conflict):
        errands.retry(db, mail.id, COMMAND, DUE)
    assert errands.drop(db, mail.id, COMMAND, DUE).state is NoticeState.DROPPED
    assert [line.deed for line in db.scalars(select(AuditLine).order_by(AuditLine.id))] == [
        "retried",
        "dropped",
    ]


def test_all_dead_mails_are_tried_again_under_their_old_names(db: Session) -> None:
    mail = a_mail(db, NoticeState.DEAD)
    name, others = mail.message_id, len(db.scalars(select(Notice.id)).all()) - 1
    assert errands.retry_all(db, COMMAND, DUE) == 1
    db.refresh(mail)
    assert (mail.state, mail.due_at, mail.attempts, mail.message_id) == (NoticeState.WAITING, DUE, 1, name)
    assert errands.retry_all(db, COMMAND, DUE) == 0
    assert others > 0
    (line, _) = db.scalars(select(AuditLine).order_by(AuditLine.id))
    assert (line.deed, line.facts) == ("retried", {"count": 1})


@pytest.mark.parametrize("deed", [errands.mark_done, errands.retry, errands.drop])
def test_what_is_not_there_cannot_be_changed(db: Session, deed) -> None:
    with pytest.raises(NotFound):
        deed(db, 999, COMMAND, NOW)

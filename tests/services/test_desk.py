"""The desk: what waits for coordinators, counted and in order, on both databases."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import AppointmentState, Notice, NoticeState, Reply
from coordinator.services import answers, desk
from coordinator.services.trail import PATIENT

from . import a_pain_clinic


def test_plans_wait_with_the_earliest_first(db: Session):
    a_pain_clinic.set_up(db)
    later = a_pain_clinic.a_draft(db, "rosa", earliest=date(2027, 2, 1))
    sooner = a_pain_clinic.a_draft(db, "tom", earliest=date(2027, 1, 1))
    ready = a_pain_clinic.approved(db, a_pain_clinic.a_draft(db, "uma"))
    waiting = desk.desk(db)
    assert [plan.id for plan in waiting.to_approve.rows] == [sooner.id, later.id]
    assert [plan.id for plan in waiting.to_book.rows] == [ready.id]
    assert (waiting.to_approve.total, waiting.total) == (2, 3)


def test_answers_and_dead_mails_wait_until_somebody_sees_to_them(db: Session):
    a_pain_clinic.set_up(db)
    first, second, *_ = a_pain_clinic.booked(db)
    for appointment, reply in ((second, Reply.MOVE), (first, Reply.NO)):
        answers.answer(
            db, appointment.uid, reply=reply, comment="", door="link", by=PATIENT, now=a_pain_clinic.NOW
        )
    mail = db.scalars(select(Notice).where(Notice.appointment_id == first.id)).first()
    assert mail is not None
    mail.state = NoticeState.DEAD
    db.commit()
    waiting = desk.desk(db)
    assert [answer.appointment_id for answer in waiting.answers.rows] == [first.id, second.id]
    assert [errand.id for errand in waiting.undelivered.rows] == [mail.id]
    first.state = AppointmentState.CANCELLED
    db.commit()
    assert [answer.appointment_id for answer in desk.desk(db).answers.rows] == [second.id]


def test_only_the_first_of_many_are_shown_and_all_are_counted(db: Session, monkeypatch):
    monkeypatch.setattr(desk, "MOST", 1)
    a_pain_clinic.set_up(db)
    for key in ("rosa", "tom"):
        a_pain_clinic.a_draft(db, key)
    a_pain_clinic.booked(db, "rosa")
    for mail in db.scalars(select(Notice)):
        mail.state = NoticeState.DEAD
    db.commit()
    waiting, mails = desk.desk(db), len(db.scalars(select(Notice.id)).all())
    for pile, total in ((waiting.to_approve, 2), (waiting.undelivered, mails)):
        assert (len(pile.rows), pile.total) == (1, total)
    assert desk.count(db) == waiting.total == 2 + mails

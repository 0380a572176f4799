"""One letter for a plan: before its invites, of the plan as it is when it leaves, and no more often than needed."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from coordinator.models import Appointment, AppointmentState, Channel, Notice, NoticeKind, NoticeState
from coordinator.notices import outbox, plan_letters
from coordinator.services import cancelling, due, undoing
from coordinator.services.trail import COMMAND
from tests.notices.builders import DELAY, NOW, Booked, a_booked_clinic, a_patient, loaded, notices
from tests.services import a_pain_clinic as clinic

from .test_delivery import DUE, Box, deliver

WITH = {"delay_seconds": DELAY, "now": NOW}
LATER = DUE + timedelta(minutes=10)


@pytest.fixture
def booked(db: Session) -> Booked:
    made = a_booked_clinic(db)
    outbox.announce(db, [made.visit(n) for n in (1, 2, 3)], clinic=made.clinic, **WITH)
    db.commit()
    return made


def letters(db: Session) -> list[Notice]:
    return [each for each in notices(db) if each.appointment_id is None]


def the_visits(db: Session) -> list[Appointment]:
    ids = sorted({each.appointment_id for each in notices(db) if each.appointment_id})
    return [loaded(db, each) for each in ids]


def move(db: Session, booked: Booked) -> None:
    visits = the_visits(db)
    for each in visits:
        assert each.patient_starts_at
        assert each.patient_ends_at
        each.patient_starts_at += timedelta(days=7)
        each.patient_ends_at += timedelta(days=7)
        each.sequence += 1
    outbox.announce_changed_plans(db, visits, **WITH)
    for each in visits:
        outbox.announce_change(db, each, clinic=booked.clinic, **WITH)
    db.commit()


def cancel(db: Session, booked: Booked, visits: list[Appointment]) -> None:
    for each in visits:
        each.state, each.sequence = AppointmentState.CANCELLED, each.sequence + 1
        outbox.announce_cancellation(db, each, clinic=booked.clinic, **WITH)
    outbox.announce_ended_plans(db, visits, **WITH)
    db.commit()


def test_it_leaves_once_and_before_the_invites(engine: Engine, booked: Booked) -> None:
    box = Box()
    deliver(engine, box)
    deliver(engine, box)
    assert box.told == ["Your appointments", "Appointment", "Appointment", "Appointment"]
    assert [part.get_content_type() for part in box.mails[0].walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_a_single_visit_has_none(db: Session) -> None:
    made = a_booked_clinic(db)
    outbox.announce(db, [made.visit()], clinic=made.clinic, **WITH)
    assert letters(db) == []


def test_who_has_no_mail_gets_none(db: Session) -> None:
    made = a_booked_clinic(db, patient=a_patient(email=None, phone="+34 600 000 000"))
    outbox.announce(db, [made.visit(1), made.visit(2)], clinic=made.clinic, **WITH)
    assert [each.channel for each in letters(db)] == [Channel.CALL]


def test_three_changes_before_it_left_are_one_letter_of_the_last(
    engine: Engine, db: Session, booked: Booked
) -> None:
    move(db, booked)
    move(db, booked)
    box = Box()
    deliver(engine, box)
    assert box.told == ["Your appointments", "Appointment", "Appointment", "Appointment"]
    said = box.mails[0].as_string()
    assert "24 December" in said  # two weeks after the tenth
    assert "10 December" not in said


def test_a_plan_that_is_moved_after_it_left_has_a_letter_again(
    engine: Engine, db: Session, booked: Booked
) -> None:
    box = Box()
    deliver(engine, box)
    move(db, booked)
    move(db, booked)
    deliver(engine, box)
    assert box.told[4:] == ["Your appointments have changed", *["Appointment moved"] * 3]


def test_what_is_dropped_is_not_in_it(engine: Engine, db: Session, booked: Booked) -> None:
    cancel(db, booked, the_visits(db)[1:2])
    box = Box()
    deliver(engine, box)
    assert box.told == ["Your appointments", "Appointment", "Appointment"]
    assert "17 December" not in box.mails[0].as_string()


def test_where_one_visit_is_left_its_invite_says_it_all(engine: Engine, db: Session, booked: Booked) -> None:
    cancel(db, booked, the_visits(db)[1:])
    box = Box()
    deliver(engine, box)
    assert box.told == ["Appointment"]
    assert [(each.state, each.problem) for each in letters(db)] == [(NoticeState.DROPPED, due.ONE_LEFT)]


def test_a_plan_cancelled_before_anything_left_is_not_told_of(
    engine: Engine, db: Session, booked: Booked
) -> None:
    cancel(db, booked, the_visits(db))
    box = Box()
    deliver(engine, box)
    assert box.told == []
    assert [(each.state, each.problem) for each in letters(db)] == [(NoticeState.DROPPED, plan_letters.ENDED)]


def test_who_had_a_letter_is_told_of_the_end_by_a_letter(engine: Engine, db: Session, booked: Booked) -> None:
    box = Box()
    deliver(engine, box)
    cancel(db, booked, the_visits(db))
    deliver(engine, box)
    assert box.told[4:] == ["Your appointments are cancelled", *["Appointment cancelled"] * 3]
    assert [each.kind for each in letters(db)] == [NoticeKind.INVITE, NoticeKind.CANCELLATION]


def send(engine: Engine, seconds: int) -> list[str]:
    """What leaves so many seconds after all was booked."""
    box = Box()
    deliver(engine, box, clinic.NOW + timedelta(seconds=seconds))
    return box.told


@pytest.mark.parametrize("heard", [False, True], ids=["before it left", "after it left"])
@pytest.mark.parametrize("deed", ["booking", "cancellation"])
def test_an_undone_deed_is_taken_back_by_a_letter_if_anybody_heard_of_it(
    engine: Engine, db: Session, deed: str, heard: bool
) -> None:
    clinic.set_up(db)
    plan_id = clinic.booked(db)[0].plan_id
    if deed == "cancellation":
        send(engine, 1)
        cancelling.cancel_plan(db, plan_id, delay_seconds=2, by=COMMAND, now=clinic.NOW)
    if heard:
        send(engine, 3)
    undoing.undo(db, plan_id, delay_seconds=4, by=COMMAND, now=clinic.NOW)
    left = send(engine, 5)
    said = "Sus citas están canceladas" if deed == "booking" else "Sus citas"
    assert left[:1] == ([said] if heard else [])

"""What is written when something is booked, moved or cancelled."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from coordinator.models import Appointment, AppointmentState, Channel, Notice, NoticeKind, NoticeState
from coordinator.notices import outbox

from .builders import DELAY, NOW, STARTS_AT, Booked, a_booked_clinic, a_patient, notices

WITH = {"delay_seconds": DELAY, "now": NOW}


def announced(db: Session, **patient: Any) -> tuple[Booked, Appointment]:
    booked = a_booked_clinic(db, patient=a_patient(**patient))
    visit = booked.visit()
    outbox.announce(db, [visit], clinic=booked.clinic, **WITH)
    return booked, visit


def moved(visit: Appointment, by: timedelta = timedelta(days=1)) -> Appointment:
    assert visit.patient_starts_at is not None
    assert visit.patient_ends_at is not None
    visit.starts_at += by
    visit.ends_at += by
    visit.patient_starts_at += by
    visit.patient_ends_at += by
    visit.sequence += 1
    return visit


def cancelled(visit: Appointment) -> Appointment:
    visit.state = AppointmentState.CANCELLED
    visit.sequence += 1
    return visit


def left(db: Session, *which: Notice) -> None:
    for notice in which:
        notice.state, notice.sent_at, notice.attempts = NoticeState.SENT, NOW, 1
    db.flush()


def waiting(db: Session) -> list[tuple[str, int, int]]:
    found = [one for one in notices(db) if one.state is NoticeState.WAITING]
    return [(one.kind.value, one.lead_hours, one.sequence) for one in found]


ALL = [
    ("invite", 0, 0),
    ("reminder", 168, 0),
    ("reminder", 24, 0),
    ("preparation", 120, 0),
    ("preparation", 48, 0),
]


def at(kind: str, sequence: int) -> list[tuple[str, int, int]]:
    return [(kind, 0, sequence), *((k, lead, sequence) for k, lead, _ in ALL[1:])]


def test_a_booking_is_told_at_once_and_reminded_of(db: Session) -> None:
    announced(db)
    due = {(one.kind.value, one.lead_hours): one.due_at for one in notices(db)}
    assert due == {
        ("invite", 0): NOW + timedelta(seconds=DELAY),
        ("reminder", 168): STARTS_AT - timedelta(hours=168),
        ("reminder", 24): STARTS_AT - timedelta(hours=24),
        ("preparation", 120): datetime(2026, 12, 5, 8, 0, tzinfo=UTC),  # 9:00 in Madrid
        ("preparation", 48): datetime(2026, 12, 8, 8, 0, tzinfo=UTC),
    }


def test_what_would_be_due_before_the_invite_leaves_is_not_written(db: Session) -> None:
    booked = a_booked_clinic(db)
    visit = booked.visit(starts_at=NOW + timedelta(hours=24, seconds=DELAY))
    outbox.announce(db, [visit], clinic=booked.clinic, **WITH)
    assert waiting(db) == [("invite", 0, 0)]


def test_preparations_of_one_day_come_in_one_notice(db: Session) -> None:
    booked = a_booked_clinic(db)
    booked.therapy.preparations = [*booked.therapy.preparations, {"lead_days": 2, "text": {"en": "Eat."}}]
    outbox.announce(db, [booked.visit()], clinic=booked.clinic, **WITH)
    assert waiting(db) == ALL


def test_the_pathways_own_preparations_come_first(db: Session) -> None:
    booked = a_booked_clinic(db)
    visit = booked.visit()
    visit.step.preparations = []
    outbox.announce(db, [visit], clinic=booked.clinic, **WITH)
    assert waiting(db) == ALL[:3]


def test_announcing_twice_writes_nothing_twice(db: Session) -> None:
    booked, visit = announced(db)
    outbox.announce(db, [visit], clinic=booked.clinic, **WITH)
    assert waiting(db) == ALL


def test_what_the_patient_has_no_part_in_is_not_told(db: Session) -> None:
    booked = a_booked_clinic(db)
    visit = booked.visit(patient_starts_at=None, patient_ends_at=None)
    outbox.announce(db, [visit], clinic=booked.clinic, **WITH)
    outbox.announce_change(db, visit, clinic=booked.clinic, **WITH)
    outbox.announce_cancellation(db, visit, clinic=booked.clinic, **WITH)
    assert notices(db) == []


@pytest.mark.parametrize(
    ("patient", "told"),
    [
        ({}, [("patient", Channel.MAIL, "ana@home.example")]),
        ({"email": None, "phone": "1"}, [("patient", Channel.CALL, "1")]),
        ({"email": None, "address": "A 1"}, [("patient", Channel.LETTER, "A 1")]),
        ({"email": None}, [("patient", Channel.LETTER, "")]),
        (
            {"carer_email": "c@x.example"},
            [("patient", Channel.MAIL, "ana@home.example"), ("carer", Channel.MAIL, "c@x.example")],
        ),
        ({"carer_phone": "2", "carer_instead": True}, [("carer", Channel.CALL, "2")]),
        ({"carer_instead": True}, [("patient", Channel.MAIL, "ana@home.example")]),
    ],
)
def test_who_is_told_and_how(
    db: Session, patient: dict[str, Any], told: list[tuple[str, Channel, str]]
) -> None:
    announced(db, **patient)
    found = [one for one in notices(db) if one.kind is NoticeKind.INVITE]
    assert [(one.recipient, one.channel, one.address) for one in found] == told


@pytest.mark.parametrize(("spoken", "written"), [("es", "es"), ("es-MX", "es"), ("vi", "en"), ("", "en")])
def test_in_which_language(db: Session, spoken: str, written: str) -> None:
    announced(db, language=spoken)
    assert {one.language for one in notices(db)} == {written}


def test_a_move_before_the_invite_left_sends_one_invite(db: Session) -> None:
    booked, visit = announced(db)
    outbox.announce_change(db, moved(visit), clinic=booked.clinic, **WITH)
    assert waiting(db) == at("invite", 1)


def test_a_move_after_the_invite_left_is_an_update(db: Session) -> None:
    booked, visit = announced(db)
    left(db, notices(db)[0])
    outbox.announce_change(db, moved(visit), clinic=booked.clinic, **WITH)
    assert waiting(db) == at("update", 1)


def test_an_invite_whose_fate_is_unknown_counts_as_left(db: Session) -> None:
    booked, visit = announced(db)
    notices(db)[0].attempts = 1
    outbox.announce_change(db, moved(visit), clinic=booked.clinic, **WITH)
    assert waiting(db) == at("update", 1)


def test_a_cancellation_before_the_invite_left_says_nothing(db: Session) -> None:
    booked, visit = announced(db)
    outbox.announce_cancellation(db, cancelled(visit), clinic=booked.clinic, **WITH)
    assert waiting(db) == []


def test_a_cancellation_after_the_invite_left_is_told(db: Session) -> None:
    booked, visit = announced(db)
    left(db, notices(db)[0])
    outbox.announce_cancellation(db, cancelled(visit), clinic=booked.clinic, **WITH)
    assert waiting(db) == [("cancellation", 0, 1)]


def test_a_cancellation_goes_where_the_invite_went(db: Session) -> None:
    booked, visit = announced(db)
    left(db, notices(db)[0])
    visit.patient.email = None
    outbox.announce_cancellation(db, cancelled(visit), clinic=booked.clinic, **WITH)
    assert [one.address for one in notices(db) if one.state is NoticeState.WAITING] == ["ana@home.example"]


class TestByHand:
    """Calls and letters: one for the plan, not one for each visit."""

    def made(self, db: Session, visits: int) -> tuple[Booked, list[Appointment]]:
        booked = a_booked_clinic(db, patient=a_patient(email=None, phone="1"))
        made = [booked.visit(n) for n in range(1, visits + 1)]
        outbox.announce(db, made, clinic=booked.clinic, **WITH)
        return booked, made

    def test_one_call_for_the_plan(self, db: Session) -> None:
        self.made(db, 3)
        assert [(one.kind, one.appointment_id) for one in notices(db)] == [(NoticeKind.INVITE, None)]

    def test_a_call_still_to_be_made_tells_of_the_move_too(self, db: Session) -> None:
        booked, made = self.made(db, 2)
        outbox.announce_change(db, moved(made[0]), clinic=booked.clinic, **WITH)
        assert waiting(db) == [("invite", 0, 0)]

    def test_after_the_call_a_move_needs_another(self, db: Session) -> None:
        booked, made = self.made(db, 2)
        for n in range(1, 3):
            left(db, *notices(db))
            outbox.announce_change(db, moved(made[0]), clinic=booked.clinic, **WITH)
            assert waiting(db) == [("update", 0, n)]

    def test_a_cancelled_plan_needs_one_call_where_the_first_was_made(self, db: Session) -> None:
        booked, made = self.made(db, 3)
        left(db, *notices(db))
        for visit in made:
            outbox.announce_cancellation(db, cancelled(visit), clinic=booked.clinic, **WITH)
        assert waiting(db) == [("cancellation", 0, 1)]

    def test_a_visit_that_is_over_needs_no_call(self, db: Session) -> None:
        booked, (over, coming) = self.made(db, 2)
        over.starts_at = over.patient_starts_at = NOW - timedelta(days=1)
        outbox.announce_cancellation(db, cancelled(coming), clinic=booked.clinic, **WITH)
        assert waiting(db) == []

    def test_a_cancelled_plan_needs_none_where_it_was_not(self, db: Session) -> None:
        booked, made = self.made(db, 2)
        outbox.announce_cancellation(db, cancelled(made[0]), clinic=booked.clinic, **WITH)
        assert waiting(db) == [("invite", 0, 0)]
        outbox.announce_cancellation(db, cancelled(made[1]), clinic=booked.clinic, **WITH)
        assert waiting(db) == []

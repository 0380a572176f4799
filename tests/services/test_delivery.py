"""Each mail leaves once, or visibly not: leases, order, comparison with the appointment, tries."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from coordinator.errors import DeliveryFailed
from coordinator.models import Appointment, AppointmentState, Notice, NoticeKind, NoticeState
from coordinator.notices import outbox
from coordinator.services import delivery, due
from coordinator.services.delivery import Delivery
from tests.notices.builders import (
    DELAY,
    LETTERHEAD,
    NOW,
    STARTS_AT,
    Booked,
    a_booked_clinic,
    a_patient,
    loaded,
    notices,
    sessions_at,
)

DUE = NOW + timedelta(seconds=DELAY)


class Box:
    """A post that keeps what it is given, and does first what the test wants."""

    def __init__(self, first: Callable[[], None] = lambda: None) -> None:
        self.first = first
        self.mails: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        self.first()
        self.mails.append(message)

    def hang_up(self) -> None:
        pass

    @property
    def told(self) -> list[str]:
        return [str(mail["Subject"]).partition(":")[0] for mail in self.mails]


def failing(reason: str, *, again: bool) -> Box:
    def fail() -> None:
        raise DeliveryFailed(reason, again=again)

    return Box(fail)


@pytest.fixture
def booked(db: Session) -> Booked:
    made = a_booked_clinic(db)
    outbox.announce(db, [made.visit()], clinic=made.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()
    return made


def deliver(engine: Engine, box: Box, at: datetime = DUE) -> int:
    return Delivery(sessions_at(engine, at), box, LETTERHEAD).work_off()


def change(db: Session, booked: Booked, *, cancel: bool = False) -> None:
    """What the services for moving and cancelling do."""
    visit = the_visit(db)
    visit.sequence += 1
    if cancel:
        visit.state = AppointmentState.CANCELLED
    tell = outbox.announce_cancellation if cancel else outbox.announce_change
    tell(db, visit, clinic=booked.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()


def the_visit(db: Session) -> Appointment:
    return loaded(db, db.scalars(select(Appointment.id)).one())


def test_nothing_leaves_before_its_time(engine: Engine, booked: Booked) -> None:
    box = Box()
    assert deliver(engine, box, DUE - timedelta(seconds=1)) == 0
    assert box.mails == []


def test_what_is_due_leaves_once(engine: Engine, db: Session, booked: Booked) -> None:
    box = Box()
    assert deliver(engine, box) == 1
    assert deliver(engine, box) == 0
    assert box.told == ["Appointment"]
    invite = notices(db)[0]
    assert (invite.state, invite.sent_at, invite.attempts, invite.lease) == (NoticeState.SENT, DUE, 1, None)


def test_after_a_long_pause_what_is_still_useful_leaves(engine: Engine, db: Session, booked: Booked) -> None:
    """One reminder is enough, and it is the later one; how to prepare is told, late as it is."""
    box = Box()
    deliver(engine, box, STARTS_AT - timedelta(hours=1))
    assert box.told == [
        "Appointment",
        "Before your appointment",
        "Before your appointment",
        "Reminder of your appointment",
    ]
    first = next(one for one in notices(db) if one.lead_hours == 168)
    assert (first.state, first.problem) == (NoticeState.DROPPED, due.OVERTAKEN)


def test_a_reminder_that_is_late_waits_for_the_morning(engine: Engine, db: Session, booked: Booked) -> None:
    deliver(engine, Box())
    night = STARTS_AT - timedelta(days=6, hours=12)  # 03:00 in Madrid, when the worker is back
    box = Box()
    deliver(engine, box, night)
    assert box.told == []
    deliver(engine, box, night + timedelta(hours=5))
    assert box.told == ["Reminder of your appointment"]


def test_a_reminder_whose_successor_is_put_off_does_not_come_back(
    engine: Engine, db: Session, booked: Booked
) -> None:
    deliver(engine, Box())
    first, last = (one for one in notices(db) if one.kind is NoticeKind.REMINDER)
    first.due_at = last.due_at = STARTS_AT - timedelta(hours=23)  # both were put off
    db.commit()
    deliver(engine, box := Box(), STARTS_AT - timedelta(hours=23))
    assert box.told.count("Reminder of your appointment") == 1
    assert {one.lead_hours: one.state for one in notices(db) if one.kind is NoticeKind.REMINDER} == {
        168: NoticeState.DROPPED,
        24: NoticeState.SENT,
    }


def test_after_it_began_nothing_leaves(engine: Engine, db: Session, booked: Booked) -> None:
    box = Box()
    assert deliver(engine, box, STARTS_AT) == 5
    assert box.mails == []
    assert {(one.state, one.problem) for one in notices(db)} == {(NoticeState.DROPPED, due.OVER)}


@pytest.mark.parametrize("cancel", [False, True])
def test_what_is_not_true_any_more_is_dropped(
    engine: Engine, db: Session, booked: Booked, cancel: bool
) -> None:
    """Held against the appointment as it is, even where nobody told the outbox."""
    visit = the_visit(db)
    if cancel:
        visit.state = AppointmentState.CANCELLED
    else:
        visit.sequence += 1
    db.commit()
    box = Box()
    deliver(engine, box)
    assert box.mails == []
    assert notices(db)[0].problem == (outbox.CANCELLED if cancel else outbox.MOVED)


def test_the_update_follows_the_invite(engine: Engine, db: Session, booked: Booked) -> None:
    box = Box()
    deliver(engine, box)
    change(db, booked)
    deliver(engine, box)
    assert box.told == ["Appointment", "Appointment moved"]


def test_a_cancellation_while_the_invite_is_in_hand_is_told(
    engine: Engine, db: Session, booked: Booked
) -> None:
    """The invite was taken, so it may leave: the cancellation goes after it, not before."""
    box = Box(lambda: change(db, booked, cancel=True) if not box.mails else None)
    deliver(engine, box)
    assert box.told == ["Appointment", "Appointment cancelled"]
    assert [one.state for one in notices(db) if one.kind is NoticeKind.INVITE] == [NoticeState.SENT]


def test_a_cancellation_never_overtakes_its_invite(engine: Engine, db: Session, booked: Booked) -> None:
    """While another worker holds the invite, the cancellation waits for it."""
    box = Box()

    def cancel_and_let_another_try() -> None:
        if not box.mails:
            change(db, booked, cancel=True)
            assert deliver(engine, another) == 0

    another = Box()
    box.first = cancel_and_let_another_try
    deliver(engine, box)
    assert (box.told, another.told) == (["Appointment", "Appointment cancelled"], [])


def test_an_invite_that_is_put_off_holds_its_reminders(engine: Engine, db: Session, booked: Booked) -> None:
    invite = notices(db)[0]
    invite.due_at = STARTS_AT
    db.commit()
    box = Box()
    assert deliver(engine, box, STARTS_AT - timedelta(hours=1)) == 0
    assert box.mails == []


def test_a_reminder_to_come_holds_nothing(engine: Engine, db: Session, booked: Booked) -> None:
    box = Box()
    deliver(engine, box)
    assert deliver(engine, box, STARTS_AT - timedelta(hours=120)) == 2


def test_who_dies_with_a_mail_in_hand_loses_it_after_the_lease(
    engine: Engine, db: Session, booked: Booked
) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        deliver(engine, Box(die))
    box = Box()
    assert deliver(engine, box, DUE + due.LEASE - timedelta(seconds=1)) == 0
    assert deliver(engine, box, DUE + due.LEASE) == 1
    assert notices(db)[0].attempts == 2


def test_who_lost_the_lease_marks_nothing(engine: Engine, db: Session, booked: Booked) -> None:
    """Slow, then failing: the worker that took over has sent it, and sent it stays."""

    def be_slow() -> None:
        deliver(engine, Box(), DUE + due.LEASE)
        raise DeliveryFailed("450 busy", again=True)

    deliver(engine, Box(be_slow))
    assert notices(db)[0].state is NoticeState.SENT


def test_a_try_that_can_help_is_made_again_later_and_later(
    engine: Engine, db: Session, booked: Booked
) -> None:
    at, waits = DUE, []
    for _ in range(due.TRIES - 1):
        assert deliver(engine, failing("450 busy", again=True), at) == 1
        waits.append((notices(db)[0].due_at - at).total_seconds())
        at = notices(db)[0].due_at
    for least, waited in zip([60, 120, 240, 480, 960, 1920, 3600], waits, strict=True):
        assert least <= waited <= least * 1.25
    deliver(engine, failing("450 busy", again=True), at)
    invite = notices(db)[0]
    assert (invite.state, invite.problem) == (NoticeState.DEAD, "Given up after 8 tries: 450 busy")


def test_a_lasting_refusal_is_dead_at_once(engine: Engine, db: Session, booked: Booked) -> None:
    deliver(engine, failing("550 no such person", again=False))
    assert (notices(db)[0].state, notices(db)[0].problem) == (NoticeState.DEAD, "550 no such person")


def test_a_message_that_cannot_be_written_stops_no_other(engine: Engine, db: Session) -> None:
    made = a_booked_clinic(db, patient=a_patient(email="not an address", carer_email="c@x.example"))
    outbox.announce(db, [made.visit()], clinic=made.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()
    box = Box()
    deliver(engine, box)
    invites = [one for one in notices(db) if one.kind is NoticeKind.INVITE]
    assert [one.state for one in invites] == [NoticeState.DEAD, NoticeState.SENT]
    assert "not an e-mail address" in str(invites[0].problem)


def test_a_worker_that_dies_over_a_mail_each_time_gives_it_up(
    engine: Engine, db: Session, booked: Booked
) -> None:
    notices(db)[0].attempts = due.TRIES
    db.commit()
    deliver(engine, Box())
    assert notices(db)[0].state is NoticeState.DEAD


def test_several_workers_send_each_mail_once(engine: Engine, db: Session) -> None:
    made = a_booked_clinic(db)
    visits = [made.visit(n) for n in range(1, 21)]
    outbox.announce(db, visits, clinic=made.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()
    box = Box()
    workers = [threading.Thread(target=deliver, args=(engine, box)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(box.mails) == 21  # an invite each, and the letter of the plan
    assert len({mail["Message-ID"] for mail in box.mails}) == 21


def test_when_it_is_to_end_only_what_is_in_hand_is_brought_to_its_end(engine: Engine, db: Session) -> None:
    made = a_booked_clinic(db)
    outbox.announce(
        db, [made.visit(n) for n in range(1, 4)], clinic=made.clinic, delay_seconds=DELAY, now=NOW
    )
    db.commit()
    box = Box()
    assert Delivery(sessions_at(engine, DUE), box, LETTERHEAD).work_off(lambda: bool(box.mails)) == 1
    assert [one.state for one in notices(db)].count(NoticeState.SENT) == 1


def test_a_mail_goes_to_where_the_person_is_reached_now(engine: Engine, db: Session, booked: Booked) -> None:
    booked.patient.email, booked.patient.language = "new@home.example", "es"
    db.commit()
    box = Box()
    deliver(engine, box)
    assert box.mails[0]["To"] == "Ana Núñez <new@home.example>"
    assert box.mails[0]["Content-Language"] == "es"


def test_who_has_no_address_any_more_is_left_to_a_person(engine: Engine, db: Session, booked: Booked) -> None:
    booked.patient.email = None
    db.commit()
    box = Box()
    deliver(engine, box)
    deliver(engine, box, STARTS_AT - timedelta(hours=1))
    assert box.mails == []
    assert [one.state for one in notices(db)] == [NoticeState.DEAD] + [NoticeState.DROPPED] * 4


def test_a_cancellation_never_overtakes_a_reminder_in_hand(
    engine: Engine, db: Session, booked: Booked
) -> None:
    """It was taken before the appointment was cancelled, and hangs: it may arrive, so nothing goes before it."""
    deliver(engine, Box())
    at = STARTS_AT - timedelta(hours=168)
    told: list[str] = []
    box, another = Box(), Box()

    def cancel_and_let_another_try() -> None:
        change(db, booked, cancel=True)
        assert deliver(engine, another, at) == 0
        told.append("reminder left")

    box.first = lambda: None if told else cancel_and_let_another_try()
    deliver(engine, box, at)
    assert (box.told, another.told) == (["Reminder of your appointment", "Appointment cancelled"], [])


def test_a_cancellation_does_not_wait_for_a_reminder_to_come(
    engine: Engine, db: Session, booked: Booked
) -> None:
    deliver(engine, box := Box())
    change(db, booked, cancel=True)
    deliver(engine, box)
    assert box.told == ["Appointment", "Appointment cancelled"]


def test_what_was_dropped_while_in_hand_is_free_when_the_try_failed(
    engine: Engine, db: Session, booked: Booked
) -> None:
    """The cancellation goes at once, not when the lease is over."""

    def cancel_then_fail() -> None:
        if not box.mails and notices(db)[0].state is NoticeState.WAITING:
            change(db, booked, cancel=True)
            raise DeliveryFailed("450 busy", again=True)

    box = Box(cancel_then_fail)
    deliver(engine, box)
    assert box.told == ["Appointment cancelled"]
    assert notices(db)[0].state is NoticeState.DROPPED


def test_what_could_not_be_marked_is_marked_in_the_next_round(
    engine: Engine, db: Session, booked: Booked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database was away when the server had said yes: the mail leaves no second time."""

    def be_away(*_: object) -> None:
        raise ConnectionError

    box = Box()
    working = Delivery(sessions_at(engine, DUE), box, LETTERHEAD)
    monkeypatch.setattr(due, "mark", be_away)
    with pytest.raises(ConnectionError):
        working.work_off()
    monkeypatch.undo()
    working.work_off()
    assert box.told == ["Appointment"]
    assert notices(db)[0].state is NoticeState.SENT


def test_who_slept_with_a_mail_in_hand_does_not_send_it(
    engine: Engine, db: Session, booked: Booked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another worker may have sent it meanwhile, or told of a cancellation. It is taken anew."""
    readings = iter([0.0, delivery.LONGEST_SLEEP_SECONDS + 1])
    monkeypatch.setattr(delivery, "monotonic", lambda: next(readings, 100.0))
    box = Box()
    assert deliver(engine, box) == 2
    assert box.told == ["Appointment"]
    assert notices(db)[0].attempts == 2


def test_calls_do_not_go_by_mail(engine: Engine, db: Session) -> None:
    made = a_booked_clinic(db, patient=a_patient(email=None, phone="1"))
    outbox.announce(db, [made.visit()], clinic=made.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()
    assert deliver(engine, Box()) == 0
    assert isinstance(notices(db)[0], Notice)

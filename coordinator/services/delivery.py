"""Delivery: due mails leave one by one, each taken by lease, held against its appointment, sent and marked."""

import random
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, selectinload, sessionmaker

from coordinator import database
from coordinator.errors import DeliveryFailed
from coordinator.models import (
    Appointment,
    AppointmentState,
    Channel,
    Clinic,
    Notice,
    NoticeKind,
    NoticeState,
    Patient,
    PlanStep,
)
from coordinator.notices import messages
from coordinator.notices.outbox import CALENDAR_KINDS, CANCELLED, MOVED
from coordinator.notices.post import Letterhead, Post
from coordinator.notices.recipients import recipients

LEASE = timedelta(seconds=120)
"""Longer than any try takes: who dies with a mail in hand loses it to the next worker after this."""
TRIES = 8
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 60, 3600
OVER = "The appointment had begun before this could leave."
NO_ADDRESS = "This person is not written to by mail any more."
STOPPED = "The worker stopped over this message each time."
GIVEN_UP = "Given up after {tries} tries: {reason}"


@dataclass(frozen=True, slots=True)
class _Taken:
    """A notice that is ours to send until its lease ends, with all that its words are made of."""

    notice: Notice
    appointment: Appointment
    clinic: Clinic
    lease: str
    at: datetime


def deliver_due(
    sessions: sessionmaker[Session], post: Post, *, letterhead: Letterhead, limit: int = 50
) -> int:
    """Work off up to ``limit`` due mails and say how many that were: sent, dropped, put off or given up.

    Any number of workers may do this at once. A mail leaves once; where a worker dies between the server's
    yes and our mark it leaves twice, with the same Message-ID, UID and SEQUENCE. Times go by the database's
    clock. Nothing is waited for inside a transaction.
    """
    for done in range(limit):
        with sessions() as session:
            if not _deliver_next(session, post, letterhead):
                return done
    return limit


def _deliver_next(session: Session, post: Post, letterhead: Letterhead) -> bool:
    database.begin_writing(session)
    notice = session.scalar(_next_due(at := database.clock(session)))
    if notice is None:
        session.rollback()
        return False
    taken = _take(session, notice, at)
    session.commit()
    if taken is not None:
        outcome = _send(taken, post, letterhead)
        _mark(session, taken, outcome)
        session.commit()
    return True


def _next_due(at: datetime) -> Any:
    """The mail that has been due longest, that nobody holds, and that overtakes no older one."""
    return (
        select(Notice)
        .where(
            Notice.state == NoticeState.WAITING,
            Notice.channel == Channel.MAIL,
            Notice.due_at <= at,
            or_(Notice.leased_until.is_(None), Notice.leased_until <= at),
            ~_stands_behind(at),
        )
        .order_by(Notice.due_at, Notice.id)
        .limit(1)
        .with_for_update(skip_locked=True, of=Notice)
    )


def _stands_behind(at: datetime) -> ColumnElement[bool]:
    """Whether an older invite, update or cancellation for the same person has not left yet."""
    older = aliased(Notice)
    return exists().where(
        older.appointment_id == Notice.appointment_id,
        older.recipient == Notice.recipient,
        older.id < Notice.id,
        older.kind.in_(CALENDAR_KINDS),
        or_(older.state == NoticeState.WAITING, older.leased_until > at),
    )


def _take(session: Session, notice: Notice, at: datetime) -> _Taken | None:
    """Make a notice ours until the lease ends; None where it is not to leave any more."""
    appointment = session.scalars(_whole(notice.appointment_id)).one()
    if (why := _untrue(notice, appointment, at)) is not None:
        notice.state, notice.problem = NoticeState.DROPPED, why
        return None
    if notice.attempts >= TRIES:
        notice.state, notice.problem = NoticeState.DEAD, notice.problem or STOPPED
        return None
    if not _addressed(notice, appointment.patient):
        told = notice.kind in CALENDAR_KINDS
        notice.state, notice.problem = (NoticeState.DEAD if told else NoticeState.DROPPED), NO_ADDRESS
        return None
    notice.attempts += 1
    notice.lease, notice.leased_until = secrets.token_hex(16), at + LEASE
    clinic = session.scalars(select(Clinic)).one()
    return _Taken(notice, appointment, clinic, notice.lease, at)


def _whole(appointment_id: int | None) -> Any:
    return (
        select(Appointment)
        .where(Appointment.id == appointment_id)
        .options(
            selectinload(Appointment.patient),
            selectinload(Appointment.location),
            selectinload(Appointment.step).selectinload(PlanStep.therapy),
        )
    )


def _untrue(notice: Notice, appointment: Appointment, at: datetime) -> str | None:
    """Why a notice is not true any more, held against the appointment as it is now."""
    if notice.kind is NoticeKind.CANCELLATION:
        return None
    if appointment.state is AppointmentState.CANCELLED:
        return CANCELLED
    if appointment.sequence != notice.sequence:
        return MOVED
    starts_at = appointment.patient_starts_at
    return OVER if starts_at is None or starts_at <= at else None


def _addressed(notice: Notice, patient: Patient) -> bool:
    """Whether the person still gets mails; they go to where the person is reached now.

    A cancellation goes where its invite went.
    """
    if notice.kind is NoticeKind.CANCELLATION:
        return True
    for person in recipients(patient):
        if (person.role, person.channel) == (notice.recipient, Channel.MAIL):
            notice.address, notice.name, notice.language = person.address, person.name, person.language
            return True
    return False


def _send(taken: _Taken, post: Post, letterhead: Letterhead) -> dict[str, Any]:
    """What becomes of the notice: its new state, and why."""
    try:
        post.send(
            messages.message(taken.notice, taken.appointment, taken.clinic, letterhead, sent_at=taken.at)
        )
    except DeliveryFailed as failure:
        return _put_off(taken, str(failure)) if failure.again else _given_up(str(failure))
    except Exception as error:  # what is wrong with one message must not hold up the others
        return _given_up(f"{type(error).__name__}: {error}"[:500])
    return {"state": NoticeState.SENT, "problem": None}


def _put_off(taken: _Taken, reason: str) -> dict[str, Any]:
    """Try again later, each time after twice as long; after the last try, a person decides."""
    tries = taken.notice.attempts
    if tries >= TRIES:
        return _given_up(GIVEN_UP.format(tries=tries, reason=reason))
    wait = min(FIRST_WAIT_SECONDS * 2 ** (tries - 1), LONGEST_WAIT_SECONDS)
    spread = random.uniform(0, wait / 4)  # so that all that failed together do not come back together
    return {"due_at": taken.at + timedelta(seconds=wait + spread), "problem": reason}


def _given_up(reason: str) -> dict[str, Any]:
    return {"state": NoticeState.DEAD, "problem": reason}


def _mark(session: Session, taken: _Taken, outcome: dict[str, Any]) -> None:
    """Write down what became of it, if it is still ours.

    What was sent is marked sent even where it was dropped meanwhile: it did leave.
    """
    database.begin_writing(session)
    ours = update(Notice).where(Notice.id == taken.notice.id, Notice.lease == taken.lease)
    sent = outcome.get("state") is NoticeState.SENT
    if sent:
        outcome["sent_at"] = database.clock(session)
    else:
        ours = ours.where(Notice.state == NoticeState.WAITING)
    session.execute(
        ours.values(**outcome, lease=None, leased_until=None).execution_options(synchronize_session=False)
    )

"""What is due: the next mail taken by lease, held against its appointment as it is now, and marked by itself."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, joinedload

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
from coordinator.notices import plan_letters, quiet_hours
from coordinator.notices.outbox import CALENDAR_KINDS, CANCELLED, MOVED
from coordinator.notices.recipients import recipients

LEASE = timedelta(seconds=120)
"""Longer than any try takes: who dies with a mail in hand loses it to the next worker after this."""
TRIES = 8
OVER = "The appointment had begun before this could leave."
OVERTAKEN = "A later reminder of the same appointment takes its place."
ONE_LEFT = "Only one appointment is left: its own message says it all."
BOOKED_AGAIN = "The plan has appointments again."
NO_ADDRESS = "This person is not written to by mail any more."
STOPPED = "The worker stopped over this message each time."

_AT: BindParameter[datetime] = bindparam("at")


@dataclass(frozen=True, slots=True)
class Taken:
    """A notice that is ours to send until its lease ends, with all that its words are made of."""

    notice: Notice
    appointments: Sequence[Appointment]
    """The one that it is about, or the visits of its plan by time."""
    clinic: Clinic
    lease: str
    at: datetime


def _stands_behind_none() -> ColumnElement[bool]:
    """Whether no older message to the same person about the same appointment has to leave first.

    That is an invite, update or cancellation that waits, or anything that somebody has in hand: a reminder that is on
    its way must not arrive after the cancellation. Asked as a value, not as ``NOT EXISTS``: PostgreSQL would make a
    join of that and read all notices for each mail.
    """
    older = aliased(Notice)
    waits = and_(older.kind.in_(CALENDAR_KINDS), older.state == NoticeState.WAITING)
    first = select(older.id).where(
        older.appointment_id == Notice.appointment_id,
        older.recipient == Notice.recipient,
        older.id < Notice.id,
        or_(waits, older.leased_until > _AT),
    )
    return first.limit(1).scalar_subquery().is_(None)


NEXT_DUE = (
    select(Notice)
    .where(
        Notice.state == NoticeState.WAITING,
        Notice.channel == Channel.MAIL,
        Notice.due_at <= _AT,
        or_(Notice.leased_until.is_(None), Notice.leased_until <= _AT),
        _stands_behind_none(),
    )
    .order_by(Notice.due_at)
    .limit(1)
    .with_for_update(skip_locked=True, of=Notice)
)
"""Read along the index of what waits: a long queue costs no more than a short one."""

_WITH = (
    joinedload(Appointment.patient),
    joinedload(Appointment.location),
    joinedload(Appointment.step).joinedload(PlanStep.therapy),
)
_WHOLE = select(Appointment).where(Appointment.id == bindparam("appointment_id")).options(*_WITH)


def next_due(session: Session, at: datetime) -> Notice | None:
    """The mail that has been due longest, that nobody holds, and that overtakes no older one; locked."""
    return session.scalar(NEXT_DUE, {"at": at})


def take(session: Session, notice: Notice, at: datetime) -> Taken | None:
    """Make a notice ours until the lease ends; None where it is not to leave any more, which is written down."""
    if notice.appointment_id is None:
        return _take_letter(session, notice, at)
    appointment = session.scalars(_WHOLE, {"appointment_id": notice.appointment_id}).one()
    clinic = session.scalars(select(Clinic)).one()
    if (why := _untrue(session, notice, appointment, at)) is not None:
        notice.state, notice.problem = NoticeState.DROPPED, why
        return None
    if notice.attempts >= TRIES:
        notice.state, notice.problem = NoticeState.DEAD, notice.problem or STOPPED
        return None
    if not _addressed(notice, appointment.patient):
        told = notice.kind in CALENDAR_KINDS
        notice.state, notice.problem = (NoticeState.DEAD if told else NoticeState.DROPPED), NO_ADDRESS
        return None
    if (later := _morning(notice, appointment, clinic, at)) > at:
        notice.due_at = later
        return None
    notice.attempts += 1
    notice.lease, notice.leased_until = secrets.token_hex(16), at + LEASE
    return Taken(notice, [appointment], clinic, notice.lease, at)


def _take_letter(session: Session, notice: Notice, at: datetime) -> Taken | None:
    """The same for the letter of a plan, written from its visits as they are now."""
    visits = session.scalars(plan_letters.visits_of(notice, at).options(*_WITH)).all()
    if (why := _letter_untrue(session, notice, visits, at)) is not None:
        notice.state, notice.problem = NoticeState.DROPPED, why
        return None
    if notice.attempts >= TRIES:
        notice.state, notice.problem = NoticeState.DEAD, notice.problem or STOPPED
        return None
    if not _addressed(notice, visits[0].patient):
        notice.state, notice.problem = NoticeState.DEAD, NO_ADDRESS
        return None
    notice.attempts += 1
    notice.lease, notice.leased_until = secrets.token_hex(16), at + LEASE
    clinic = session.scalars(select(Clinic)).one()
    return Taken(notice, visits, clinic, notice.lease, at)


def _letter_untrue(
    session: Session, notice: Notice, visits: Sequence[Appointment], at: datetime
) -> str | None:
    """Why the letter of a plan has nothing to tell, or no more than the visit's own mail does."""
    if not visits:
        return OVER
    if notice.kind is NoticeKind.CANCELLATION:
        return BOOKED_AGAIN if plan_letters.still_booked(session, notice.plan_id, [], at) else None
    return ONE_LEFT if len(visits) < plan_letters.FEWEST else None


def _morning(notice: Notice, appointment: Appointment, clinic: Clinic, at: datetime) -> datetime:
    """When a reminder may leave that is late, because nobody worked or a server would not take it: not at night."""
    return quiet_hours.awake(at, appointment, clinic) if notice.kind in quiet_hours.REMINDING else at


def _untrue(session: Session, notice: Notice, appointment: Appointment, at: datetime) -> str | None:
    """Why a notice is not true any more, or said already, held against the appointment as it is now."""
    if notice.kind is NoticeKind.CANCELLATION:
        return None
    if appointment.state is AppointmentState.CANCELLED:
        return CANCELLED
    if appointment.sequence != notice.sequence:
        return MOVED
    starts_at = appointment.patient_starts_at
    if starts_at is None or starts_at <= at:
        return OVER
    if notice.kind is NoticeKind.REMINDER and _overtaken(session, notice, starts_at - at):
        return OVERTAKEN
    return None


def _overtaken(session: Session, notice: Notice, left: timedelta) -> bool:
    """Whether a later reminder of what begins when so much time is ``left`` is due too, or has left: one is enough."""
    later = exists().where(
        Notice.appointment_id == notice.appointment_id,
        Notice.recipient == notice.recipient,
        Notice.sequence == notice.sequence,
        Notice.kind == NoticeKind.REMINDER,
        Notice.state.in_((NoticeState.WAITING, NoticeState.SENT)),
        Notice.lead_hours < notice.lead_hours,
        Notice.lead_hours >= left / timedelta(hours=1),
    )
    return bool(session.scalar(select(later)))


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


def mark(session: Session, taken: Taken, outcome: dict[str, Any], at: datetime) -> None:
    """Write down what became of a notice, if it is still ours, and let go of it.

    What was sent is marked sent even where it was dropped meanwhile: it did leave.
    """
    ours = update(Notice).where(Notice.id == taken.notice.id, Notice.lease == taken.lease)
    ours = ours.execution_options(synchronize_session=False)
    freed = {"lease": None, "leased_until": None}
    if outcome.get("state") is NoticeState.SENT:
        session.execute(ours.values(**outcome, **freed, sent_at=at))
        return
    session.execute(ours.where(Notice.state == NoticeState.WAITING).values(**outcome, **freed))
    session.execute(ours.values(freed))  # dropped meanwhile: only our hold on it ends

"""Notices as rows, written with the booking, the change or the cancellation that they tell of."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import Appointment, Channel, Clinic, Notice, NoticeKind, NoticeState
from coordinator.notices import by_hand, plan_letters, rows
from coordinator.notices.recipients import Recipient, recipients
from coordinator.notices.reminders import reminders
from coordinator.notices.rows import Row

CALENDAR_KINDS = (NoticeKind.INVITE, NoticeKind.UPDATE, NoticeKind.CANCELLATION)
"""Notices that speak to the reader's calendar; they leave in the order in which they were written."""

MOVED = "The appointment was moved before this left."
CANCELLED = "The appointment was cancelled before this left."


def announce(
    session: Session,
    appointments: Sequence[Appointment],
    *,
    clinic: Clinic,
    delay_seconds: int,
    now: datetime,
) -> None:
    """Write the notices of freshly booked appointments: invites after the delay, and what reminds of them.

    Several of a plan are told of by a letter first. Who has no mail gets one call or letter for the whole plan.
    Announcing twice writes nothing twice.
    """
    due_at = now + timedelta(seconds=delay_seconds)
    notices: list[Row] = plan_letters.tell(session, appointments, due_at=due_at, now=now)
    for appointment in filter(_told, appointments):
        for recipient in recipients(appointment.patient):
            if recipient.channel is Channel.MAIL:
                notices += _mails(appointment, recipient, NoticeKind.INVITE, clinic, due_at, now)
            else:
                kind = NoticeKind.INVITE
                notices += by_hand.tell(session, appointment, recipient, kind, due_at=due_at, now=now)
    rows.add(session, notices)


def announce_change(
    session: Session, appointment: Appointment, *, clinic: Clinic, delay_seconds: int, now: datetime
) -> None:
    """Write what tells of a new time or place; what waits for the old one is dropped.

    The appointment's sequence has been raised. An invite that has not left is replaced, so that one goes.
    """
    if not _told(appointment):
        return
    earlier = _notices_of(session, appointment)
    _drop_waiting(earlier, appointment, MOVED)
    due_at = now + timedelta(seconds=delay_seconds)
    notices: list[Row] = []
    for recipient in recipients(appointment.patient):
        if recipient.channel is Channel.MAIL:
            kind = NoticeKind.UPDATE if _may_know(earlier, recipient) else NoticeKind.INVITE
            notices += _mails(appointment, recipient, kind, clinic, due_at, now)
        else:
            kind = NoticeKind.UPDATE
            notices += by_hand.tell(session, appointment, recipient, kind, due_at=due_at, now=now)
    rows.add(session, notices)


def announce_cancellation(
    session: Session, appointment: Appointment, *, clinic: Clinic, delay_seconds: int, now: datetime
) -> None:
    """Drop what waits, and write a cancellation to everyone whose invite has left or may have left."""
    if not _told(appointment):
        return
    earlier = _notices_of(session, appointment)
    _drop_waiting(earlier, appointment, CANCELLED)
    due_at = now + timedelta(seconds=delay_seconds)
    kind = NoticeKind.CANCELLATION
    notices = [
        rows.about_visit(appointment, known, kind, due_at=due_at, now=now) for known in _may_all_know(earlier)
    ]
    for recipient in recipients(appointment.patient):
        if recipient.channel is not Channel.MAIL:
            notices += by_hand.tell(session, appointment, recipient, kind, due_at=due_at, now=now)
    rows.add(session, notices)


def announce_changed_plans(
    session: Session, appointments: Sequence[Appointment], *, delay_seconds: int, now: datetime
) -> None:
    """Write a letter for each plan of which several visits have changed; each visit is told of by itself as well."""
    due_at = now + timedelta(seconds=delay_seconds)
    rows.add(session, plan_letters.tell(session, appointments, due_at=due_at, now=now))


def announce_ended_plans(
    session: Session, appointments: Sequence[Appointment], *, delay_seconds: int, now: datetime
) -> None:
    """Write a letter for each plan of which, with these, all that was to come is cancelled; drop those that wait."""
    due_at = now + timedelta(seconds=delay_seconds)
    rows.add(session, plan_letters.tell_end(session, appointments, due_at=due_at, now=now))


def announce_declined(
    session: Session, appointment: Appointment, *, delay_seconds: int, now: datetime
) -> None:
    """Write what tells that a proposed time was declined and the appointment stays; those without mail are called."""
    earlier = _notices_of(session, appointment)
    due_at, kind = now + timedelta(seconds=delay_seconds), NoticeKind.DECLINED
    before = sum(one.kind is kind and one.sequence == appointment.sequence for one in earlier)
    people = [each for each in recipients(appointment.patient) if each.channel is Channel.MAIL]
    nth = before // max(1, len(people))
    rows.add(
        session,
        [
            rows.about_visit(appointment, each, kind, due_at=due_at, now=now, lead_hours=nth)
            for each in people
        ],
    )


def _told(appointment: Appointment) -> bool:
    """Whether the patient has a part in it."""
    return appointment.patient_starts_at is not None


def _mails(
    appointment: Appointment,
    recipient: Recipient,
    kind: NoticeKind,
    clinic: Clinic,
    due_at: datetime,
    now: datetime,
) -> list[Row]:
    """The invite or update, and the reminders that come after it."""
    first = rows.about_visit(appointment, recipient, kind, due_at=due_at, now=now)
    later = [
        rows.about_visit(
            appointment, recipient, one.kind, due_at=one.due_at, now=now, lead_hours=one.lead_hours
        )
        for one in reminders(appointment, clinic, after=due_at)
    ]
    return [first, *later]


def _notices_of(session: Session, appointment: Appointment) -> Sequence[Notice]:
    chosen = select(Notice).where(Notice.appointment_id == appointment.id).order_by(Notice.id)
    return session.scalars(chosen.with_for_update().execution_options(populate_existing=True)).all()


def _drop_waiting(earlier: Sequence[Notice], appointment: Appointment, why: str) -> None:
    for notice in earlier:
        if notice.state is NoticeState.WAITING and notice.sequence < appointment.sequence:
            notice.state, notice.problem = NoticeState.DROPPED, why


def _may_know(earlier: Sequence[Notice], recipient: Recipient) -> bool:
    whom = (recipient.role, recipient.address)
    return any((known.role, known.address) == whom for known in _may_all_know(earlier))


def _may_all_know(earlier: Sequence[Notice]) -> list[Recipient]:
    """To whom an invite has left, or may have, and no cancellation since: a try that broke off can have arrived."""
    known: dict[tuple[str, str], Recipient] = {}
    for one in earlier:
        if one.kind is NoticeKind.CANCELLATION and one.sent_at is not None:
            known.pop((one.recipient, one.address), None)
        elif one.kind in CALENDAR_KINDS and (one.sent_at is not None or one.attempts > 0):
            known[one.recipient, one.address] = Recipient(
                role=one.recipient,
                channel=one.channel,
                address=one.address,
                name=one.name,
                language=one.language,
            )
    return list(known.values())

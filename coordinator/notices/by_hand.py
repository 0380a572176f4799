"""Calls and letters: one for a whole plan, on the coordinator's list until somebody has done it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import Appointment, AppointmentState, Channel, Notice, NoticeKind, NoticeState
from coordinator.notices import rows
from coordinator.notices.recipients import Recipient
from coordinator.notices.rows import Row

NOTHING_LEFT = "The appointments were cancelled before this was done."


def tell(
    session: Session,
    appointment: Appointment,
    recipient: Recipient,
    kind: NoticeKind,
    *,
    due_at: datetime,
    now: datetime,
) -> list[Row]:
    """The call or letter that tells of a booking, a change or a cancellation in this plan.

    None where one still waits: whoever makes it reads out the plan as it then is.
    """
    earlier = _earlier(session, appointment.plan_id, recipient)
    waiting = [notice for notice in earlier if notice.state is NoticeState.WAITING]
    if not waiting:
        if kind is NoticeKind.CANCELLATION and not _told_before(earlier):
            return []
        return [
            rows.about_plan(appointment.plan_id, recipient, kind, nth=len(earlier), due_at=due_at, now=now)
        ]
    if kind is NoticeKind.CANCELLATION and not _still_booked(session, appointment, now):
        _end(waiting, told=_told_before(earlier))
    return []


def _earlier(session: Session, plan_id: int, recipient: Recipient) -> Sequence[Notice]:
    chosen = select(Notice).where(
        Notice.plan_id == plan_id,
        Notice.appointment_id.is_(None),
        Notice.channel != Channel.MAIL,
        Notice.recipient == recipient.role,
    )
    return session.scalars(chosen.order_by(Notice.id).with_for_update()).all()


def _told_before(earlier: Sequence[Notice]) -> bool:
    """Whether the last that was told is still to be taken back."""
    told = [notice.kind for notice in earlier if notice.state is NoticeState.SENT]
    return bool(told) and told[-1] is not NoticeKind.CANCELLATION


def _end(waiting: Sequence[Notice], *, told: bool) -> None:
    """Nothing of the plan is left: who knew of it is told so, who did not is left in peace."""
    for notice in waiting:
        if told:
            notice.kind = NoticeKind.CANCELLATION
        else:
            notice.state, notice.problem = NoticeState.DROPPED, NOTHING_LEFT


def _still_booked(session: Session, cancelled: Appointment, now: datetime) -> bool:
    """Whether the plan has another visit to come that the patient is to be told of."""
    other = select(Appointment.id).where(
        Appointment.plan_id == cancelled.plan_id,
        Appointment.id != cancelled.id,
        Appointment.state == AppointmentState.BOOKED,
        Appointment.patient_starts_at > now,
    )
    return session.scalar(other.limit(1)) is not None

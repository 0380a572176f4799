"""Notices of what is undone: if nobody has heard of it nothing leaves, else what takes it back is queued."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import Appointment, AppointmentState, Channel, Clinic, Notice, NoticeKind, NoticeState
from coordinator.notices import by_hand, outbox, plan_letters
from coordinator.notices.outbox import CALENDAR_KINDS

UNDONE = "It was undone before this left."
BY_DEEDS = {outbox.MOVED, outbox.CANCELLED, by_hand.NOTHING_LEFT, plan_letters.ENDED}
"""Why a deed drops what waits; what somebody decided not to send stays unsent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What waited before the deed: the kind of each notice by its number, and the last number there was."""

    waiting: Mapping[int, NoticeKind]
    last: int


def take_back(
    session: Session,
    appointments: Sequence[Appointment],
    before: Before,
    *,
    clinic: Clinic,
    delay_seconds: int,
    now: datetime,
) -> None:
    """Have notices say what is true again, of appointments that are as they were before a deed.

    Their sequences have been raised. What waited before the deed waits again, unless somebody has heard of it: then a
    cancellation, an update or an invite of the new sequence follows after the delay.
    """
    whole = _notices(session, appointments)
    about_plans = [each for each in whole if each.appointment_id is None]
    told = {each.plan_id for each in about_plans if _told_since(each, before)}
    _restore(about_plans, before)
    for appointment in appointments:
        own = [each for each in whole if each.appointment_id == appointment.id]
        heard = appointment.plan_id in told or any(_heard_since(each, before) for each in own)
        if appointment.state is AppointmentState.CANCELLED:
            outbox.announce_cancellation(
                session, appointment, clinic=clinic, delay_seconds=delay_seconds, now=now
            )
        elif heard:
            outbox.announce_change(session, appointment, clinic=clinic, delay_seconds=delay_seconds, now=now)
        else:
            _restore(own, before, appointment.sequence)
    _write_again(session, [each for each in appointments if each.plan_id in told], delay_seconds, now)


def _write_again(
    session: Session, appointments: Sequence[Appointment], delay_seconds: int, now: datetime
) -> None:
    """Who has had a letter of the deed gets one of how it is now."""
    gone = [each for each in appointments if each.state is AppointmentState.CANCELLED]
    left = [each for each in appointments if each.state is not AppointmentState.CANCELLED]
    outbox.announce_ended_plans(session, gone, delay_seconds=delay_seconds, now=now)
    outbox.announce_changed_plans(session, left, delay_seconds=delay_seconds, now=now)


def _notices(session: Session, appointments: Sequence[Appointment]) -> Sequence[Notice]:
    plan_ids = {each.plan_id for each in appointments}
    chosen = select(Notice).where(Notice.plan_id.in_(plan_ids)).order_by(Notice.id).with_for_update()
    return session.scalars(chosen.execution_options(populate_existing=True)).all()


def _heard_since(notice: Notice, before: Before) -> bool:
    """Whether a mail of the deed has left, or may have: a try that broke off can have arrived."""
    left = notice.sent_at is not None or notice.attempts > 0
    return notice.id > before.last and notice.kind in CALENDAR_KINDS and left


def _told_since(notice: Notice, before: Before) -> bool:
    """Whether somebody has called or written since, and so told the plan as it was after the deed."""
    tried = notice.channel is Channel.MAIL and notice.attempts > 0
    return (notice.state is NoticeState.SENT or tried) and (
        notice.id > before.last or notice.id in before.waiting
    )


def _restore(notices: Sequence[Notice], before: Before, sequence: int | None = None) -> None:
    """What the deed queued is dropped; what waited before it waits again, now of the appointment's sequence."""
    for notice in notices:
        dropped = notice.state is NoticeState.DROPPED and notice.problem in BY_DEEDS
        if notice.id in before.waiting and (dropped or notice.state is NoticeState.WAITING):
            notice.state, notice.problem = NoticeState.WAITING, None
            notice.kind = before.waiting[notice.id]
            notice.sequence = notice.sequence if sequence is None else sequence
        elif notice.id > before.last and notice.state is NoticeState.WAITING:
            notice.state, notice.problem = NoticeState.DROPPED, UNDONE

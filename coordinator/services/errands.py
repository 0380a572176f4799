"""Errands: calls and letters that people do, and mails that could not be delivered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Select, and_, case, func, select, update
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import Channel, Notice, NoticeKind, NoticeState, Patient, TreatmentPlan
from coordinator.services import trail
from coordinator.services.trail import Actor

BY_HAND = (Channel.CALL, Channel.LETTER)
NOT_WANTED = "Somebody decided not to send this."


_DEAD = Notice.state == NoticeState.DEAD


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One notice that waits for a person, and whom it is about."""

    id: int
    kind: NoticeKind
    channel: Channel
    recipient: str
    name: str
    address: str
    language: str
    plan_id: int
    appointment_id: int | None
    patient_id: int
    patient_name: str
    due_at: datetime
    problem: str | None


def waiting_list(session: Session, most: int | None = None) -> list[Errand]:
    """Calls to make and letters to write that are due, the oldest first, at most so many."""
    return _errands(session, _with_patient().where(_due_by_hand(session)).limit(most))


def dead_letters(session: Session, most: int | None = None) -> list[Errand]:
    """Mails that could not be delivered, the oldest first, each with its reason, at most so many."""
    return _errands(session, _with_patient().where(_DEAD).limit(most))


def count_waiting(session: Session) -> int:
    """How many calls and letters are due."""
    return _count(session, _due_by_hand(session))


def count_dead(session: Session) -> int:
    """How many mails could not be delivered."""
    return _count(session, _DEAD)


def _count(session: Session, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Notice).where(which)) or 0


def _due_by_hand(session: Session) -> ColumnElement[bool]:
    return and_(
        Notice.state == NoticeState.WAITING,
        Notice.channel.in_(BY_HAND),
        Notice.due_at <= database.clock(session),
    )


def mark_done(session: Session, notice_id: int, by: Actor, now: datetime) -> Notice:
    """Somebody has made the call or posted the letter. Raises NotFound, Conflict, Refusal for a mail."""
    notice = _to_change(session, notice_id, NoticeState.WAITING)
    if notice.channel not in BY_HAND:
        raise Refusal("This message goes out by itself; it cannot be marked as done.")
    notice.state, notice.sent_at = NoticeState.SENT, now
    trail.record(session, by, "done", "notice", notice.id, now, plan_id=notice.plan_id)
    session.commit()
    return notice


def retry(session: Session, notice_id: int, by: Actor, now: datetime) -> Notice:
    """Try a dead mail again under its old Message-ID, nearly all its tries before it. Raises NotFound, Conflict."""
    notice = _to_change(session, notice_id, NoticeState.DEAD)
    notice.state, notice.problem, notice.due_at = NoticeState.WAITING, None, database.clock(session)
    # One try stays: the mail may have left, and a cancellation must follow.
    notice.attempts = min(notice.attempts, 1)
    trail.record(session, by, "retried", "notice", notice.id, now, plan_id=notice.plan_id)
    session.commit()
    return notice


def retry_all(session: Session, by: Actor, now: datetime) -> int:
    """Try all dead mails again, as after a day without a mail server; says how many that were."""
    database.begin_writing(session)
    tries = case((Notice.attempts > 1, 1), else_=Notice.attempts)
    again = update(Notice).where(_DEAD).execution_options(synchronize_session=False)
    again = again.values(
        state=NoticeState.WAITING, problem=None, due_at=database.clock(session), attempts=tries
    )
    count = cast(CursorResult[Any], session.execute(again)).rowcount
    trail.record(session, by, "retried", "notice", None, now, count=count)
    session.commit()
    return count


def drop(session: Session, notice_id: int, by: Actor, now: datetime) -> Notice:
    """Do not send what waits or what is dead. Raises NotFound, Conflict."""
    notice = _to_change(session, notice_id, NoticeState.WAITING, NoticeState.DEAD)
    notice.state, notice.problem = NoticeState.DROPPED, NOT_WANTED
    trail.record(session, by, "dropped", "notice", notice.id, now, plan_id=notice.plan_id)
    session.commit()
    return notice


def _to_change(session: Session, notice_id: int, *states: NoticeState) -> Notice:
    database.begin_writing(session)
    chosen = select(Notice).where(Notice.id == notice_id).with_for_update()
    notice = session.scalar(chosen.execution_options(populate_existing=True))
    if notice is None:
        raise NotFound("There is no such message.")
    if notice.state not in states:
        raise Conflict("Somebody has dealt with this message meanwhile.")
    return notice


def _with_patient() -> Select[Notice, int, str]:
    return (
        select(Notice, Patient.id, Patient.name)
        .join(TreatmentPlan, TreatmentPlan.id == Notice.plan_id)
        .join(Patient, Patient.id == TreatmentPlan.patient_id)
        .order_by(Notice.due_at, Notice.id)
    )


def _errands(session: Session, chosen: Select[Notice, int, str]) -> list[Errand]:
    return [_errand(notice, patient_id, name) for notice, patient_id, name in session.execute(chosen)]


def _errand(notice: Notice, patient_id: int, patient_name: str) -> Errand:
    return Errand(
        id=notice.id,
        kind=notice.kind,
        channel=notice.channel,
        recipient=notice.recipient,
        name=notice.name,
        address=notice.address,
        language=notice.language,
        plan_id=notice.plan_id,
        appointment_id=notice.appointment_id,
        patient_id=patient_id,
        patient_name=patient_name,
        due_at=notice.due_at,
        problem=notice.problem,
    )

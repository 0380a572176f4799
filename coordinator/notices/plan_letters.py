"""The letter of a whole plan: one mail to each person, written from the plan as it is when the letter leaves."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from coordinator.models import (
    Appointment,
    AppointmentState,
    Channel,
    Notice,
    NoticeKind,
    NoticeState,
    Patient,
)
from coordinator.notices import rows
from coordinator.notices.recipients import Recipient, recipients
from coordinator.notices.rows import Row

AHEAD = timedelta(seconds=1)
"""So much before the invites of its visits the letter is due, so that it is read first."""
FEWEST = 2
"""A plan of one visit has no letter: the visit's invite says it all."""
REPLACED = "The plan was changed before this left."
ENDED = "The appointments were cancelled before this left."


def tell(
    session: Session, appointments: Sequence[Appointment], *, due_at: datetime, now: datetime
) -> list[Row]:
    """Letters of the plans of which several of these visits are booked or moved.

    None where one still waits: it will tell of the plan as it then is, so that three changes are one letter.
    """
    told: list[Row] = []
    for plan_id, visits in _by_plan(appointments):
        if len(visits) >= FEWEST:
            told += _tell_plan(session, plan_id, visits[0].patient, due_at - AHEAD, now)
    return told


def tell_end(
    session: Session, appointments: Sequence[Appointment], *, due_at: datetime, now: datetime
) -> list[Row]:
    """Letters of the plans of which nothing is left to come, now that these visits are cancelled.

    Only who may know of the plan by a letter is written to; what waits is dropped.
    """
    told: list[Row] = []
    for plan_id, visits in _by_plan(appointments):
        if not still_booked(session, plan_id, visits, now):
            told += _end_plan(session, plan_id, several=len(visits) >= FEWEST, due_at=due_at - AHEAD, now=now)
    return told


def visits_of(notice: Notice, at: datetime) -> Select[Appointment]:
    """What a letter tells of, by time: the plan's visits to come; of a cancelled one, those that will not be."""
    gone = notice.kind is NoticeKind.CANCELLATION
    state = AppointmentState.CANCELLED if gone else AppointmentState.BOOKED
    chosen = select(Appointment).where(
        Appointment.plan_id == notice.plan_id, Appointment.state == state, Appointment.patient_starts_at > at
    )
    return chosen.order_by(Appointment.patient_starts_at, Appointment.id)


def _by_plan(appointments: Iterable[Appointment]) -> list[tuple[int, list[Appointment]]]:
    with_patient = [each for each in appointments if each.patient_starts_at is not None]
    ordered = sorted(with_patient, key=lambda each: each.plan_id)
    return [(plan_id, list(visits)) for plan_id, visits in groupby(ordered, lambda each: each.plan_id)]


def _tell_plan(
    session: Session, plan_id: int, patient: Patient, due_at: datetime, now: datetime
) -> list[Row]:
    earlier = _earlier(session, plan_id)
    told: list[Row] = []
    for recipient in recipients(patient):
        own = [each for each in earlier if each.recipient == recipient.role]
        if recipient.channel is not Channel.MAIL or _takes_over(own, due_at):
            continue
        kind = NoticeKind.UPDATE if _may_know(own) else NoticeKind.INVITE
        told.append(rows.about_plan(plan_id, recipient, kind, nth=len(own), due_at=due_at, now=now))
    return told


def _takes_over(own: Sequence[Notice], due_at: datetime) -> bool:
    """Whether a letter that waits untried tells it all; one that was tried may have left, and is replaced."""
    taken_over = False
    for notice in own:
        if notice.state is NoticeState.WAITING and notice.attempts == 0:
            taken_over, notice.due_at = True, due_at
            if notice.kind is NoticeKind.CANCELLATION:
                notice.kind = NoticeKind.UPDATE
        elif notice.state is NoticeState.WAITING:
            notice.state, notice.problem = NoticeState.DROPPED, REPLACED
    return taken_over


def _end_plan(session: Session, plan_id: int, *, several: bool, due_at: datetime, now: datetime) -> list[Row]:
    earlier = _earlier(session, plan_id)
    told: list[Row] = []
    for role in sorted({each.recipient for each in earlier}):
        own = [each for each in earlier if each.recipient == role]
        knows = _may_know(own)
        for notice in own:
            if notice.state is NoticeState.WAITING:
                notice.state, notice.problem = NoticeState.DROPPED, ENDED
        if knows and several:
            whom, kind = _who_got(own), NoticeKind.CANCELLATION
            told.append(rows.about_plan(plan_id, whom, kind, nth=len(own), due_at=due_at, now=now))
    return told


def _earlier(session: Session, plan_id: int) -> Sequence[Notice]:
    chosen = select(Notice).where(
        Notice.plan_id == plan_id, Notice.appointment_id.is_(None), Notice.channel == Channel.MAIL
    )
    return session.scalars(chosen.order_by(Notice.id).with_for_update()).all()


def _may_know(own: Sequence[Notice]) -> bool:
    """Whether a letter has left, or may have, and none since that the plan is cancelled."""
    left = [each.kind for each in own if each.sent_at is not None or each.attempts > 0]
    return bool(left) and left[-1] is not NoticeKind.CANCELLATION


def _who_got(own: Sequence[Notice]) -> Recipient:
    last = [each for each in own if each.sent_at is not None or each.attempts > 0][-1]
    return Recipient(
        role=last.recipient,
        channel=Channel.MAIL,
        address=last.address,
        name=last.name,
        language=last.language,
    )


def still_booked(session: Session, plan_id: int, cancelled: Sequence[Appointment], now: datetime) -> bool:
    """Whether the plan has a visit to come beside these."""
    other = select(Appointment.id).where(
        Appointment.plan_id == plan_id,
        Appointment.id.not_in([each.id for each in cancelled]),
        Appointment.state == AppointmentState.BOOKED,
        Appointment.patient_starts_at > now,
    )
    return session.scalar(other.limit(1)) is not None

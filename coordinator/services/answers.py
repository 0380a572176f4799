"""Answers: what patients say to an appointment. None of them moves a booking: a person does."""

from datetime import datetime

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, selectinload

from coordinator import database
from coordinator.calendars import texts
from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import Answer, Appointment, AppointmentState, Reply
from coordinator.notices import outbox
from coordinator.services import trail
from coordinator.services.trail import Actor

LONGEST_COMMENT = 500
_WHOLE = (
    selectinload(Appointment.patient),
    selectinload(Appointment.location),
    selectinload(Appointment.step),
)
Proposed = tuple[datetime, datetime | None]
"""Another time, from when to when."""


def look(session: Session, uid: str | None) -> Appointment:
    """The appointment behind an answer link, with patient and location. Raises NotFound."""
    return _found(session, _chosen(uid or ""))


def answer(
    session: Session,
    uid: str,
    *,
    reply: Reply,
    comment: str,
    door: str,
    by: Actor,
    now: datetime,
    sequence: int | None = None,
) -> Answer:
    """Keep what the patient says; a "no", a wish to move or a comment stays open until it is settled.

    ``sequence`` is the revision that was read when answering. The same answer twice is one. Raises
    NotFound; Conflict where the time has changed since; Refusal for a cancelled appointment, for one that
    has begun (the clinic's phone is named), and for too long a comment.
    """
    database.begin_writing(session)
    appointment = locked(session, uid)
    given = note(
        session, appointment, reply=reply, comment=comment, door=door, by=by, now=now, sequence=sequence
    )
    session.commit()
    return given


def locked(session: Session, uid: str) -> Appointment:
    """The appointment of that name, which nobody else answers or changes meanwhile. Raises NotFound."""
    return _found(session, _chosen(uid).with_for_update(of=Appointment))


def note(
    session: Session,
    appointment: Appointment,
    *,
    reply: Reply,
    comment: str,
    door: str,
    by: Actor,
    now: datetime,
    sequence: int | None = None,
    said_at: datetime | None = None,
    proposed: Proposed | None = None,
) -> Answer:
    """Keep an answer within the caller's transaction; as ``answer``, for a ``locked`` appointment.

    ``said_at`` is when the patient's calendar wrote it, ``proposed`` the time that it proposes instead.
    """
    words = texts.one_line(comment, len(comment))
    _refuse(appointment, reply, words, sequence, now)
    if (same := _repeated(session, appointment, reply, words, proposed)) is not None:
        same.said_at = said_at or same.said_at  # said again since: what was said before it is older now
        return same
    settle_open(session, appointment.id, now)  # only the last word stays on the desk
    given = Answer(
        appointment_id=appointment.id,
        reply=reply,
        sequence=appointment.sequence,
        door=door,
        comment=words,
        given_at=now,
        said_at=said_at,
        settled_at=now if reply is Reply.YES and not words else None,
    )
    given.proposed_starts_at, given.proposed_ends_at = proposed or (None, None)
    session.add(given)
    appointment.reply, appointment.replied_at = reply, now
    trail.record(session, by, "answered", "appointment", appointment.id, now, reply=reply.value, door=door)
    return given


def proposed(session: Session, answer_id: int | None, appointment_id: int) -> datetime | None:
    """When the patient's calendar proposes to begin instead, by an answer to this appointment."""
    given = session.get(Answer, answer_id) if answer_id is not None else None
    return given.proposed_starts_at if given is not None and given.appointment_id == appointment_id else None


def settle(session: Session, answer_id: int, by: Actor, now: datetime) -> Answer:
    """The coordinator has dealt with an answer. Settling twice is settling once. Raises NotFound."""
    database.begin_writing(session)
    given = session.get(Answer, answer_id, with_for_update=True, populate_existing=True)
    if given is None:
        raise NotFound("There is no such answer.")
    if given.settled_at is None:
        given.settled_at = now
        trail.record(session, by, "settled", "answer", given.id, now, appointment_id=given.appointment_id)
    session.commit()
    return given


def decline(session: Session, answer_id: int, *, delay_seconds: int, by: Actor, now: datetime) -> Answer:
    """The proposed time cannot be offered: the appointment stays, and the patient is told so.

    Declining twice is declining once. Raises NotFound, Conflict where the appointment has changed since.
    """
    database.begin_writing(session)
    given = session.get(Answer, answer_id, with_for_update=True, populate_existing=True)
    if given is None or given.proposed_starts_at is None:
        raise NotFound("There is no such proposal.")
    appointment = session.scalars(
        select(Appointment)
        .where(Appointment.id == given.appointment_id)
        .options(*_WHOLE)
        .with_for_update(of=Appointment)
    ).one()
    if given.settled_at is None:
        if appointment.state is AppointmentState.CANCELLED or appointment.sequence != given.sequence:
            raise Conflict("The time of this appointment has changed since. Look at it again.")
        given.settled_at = now
        outbox.announce_declined(session, appointment, delay_seconds=delay_seconds, now=now)
        trail.record(session, by, "declined", "answer", given.id, now, appointment_id=appointment.id)
    session.commit()
    return given


def settle_open(session: Session, appointment_id: int, now: datetime) -> None:
    """Settle what is open, within the caller's transaction: a later answer, a move or a cancellation says it all."""
    open_ones = update(Answer).where(Answer.appointment_id == appointment_id, Answer.settled_at.is_(None))
    session.execute(open_ones.values(settled_at=now))


def has_begun(appointment: Appointment, now: datetime) -> bool:
    """Whether it is too late to answer."""
    return appointment.patient_starts_at is None or appointment.patient_starts_at <= now


def _found(session: Session, chosen: Select[Appointment]) -> Appointment:
    appointment = session.scalar(chosen.execution_options(populate_existing=True))
    if appointment is None or appointment.patient_starts_at is None:
        raise NotFound("There is no such appointment.")
    return appointment


def _chosen(uid: str) -> Select[Appointment]:
    return select(Appointment).where(Appointment.uid == uid).options(*_WHOLE)


def _refuse(appointment: Appointment, reply: Reply, words: str, sequence: int | None, now: datetime) -> None:
    phone = appointment.location.phone
    if appointment.state is AppointmentState.CANCELLED:
        raise Refusal("This appointment has been cancelled. Please call {phone} for another.", phone=phone)
    if has_begun(appointment, now):
        raise Refusal("This appointment has already begun. Please call {phone}.", phone=phone)
    if sequence is not None and sequence != appointment.sequence:
        raise Conflict("The time of this appointment has changed. Please look at it again, then answer.")
    if reply is Reply.OPEN:
        raise Refusal("Please choose one of the answers.")
    if len(words) > LONGEST_COMMENT:
        raise Refusal("Please say it in {limit} characters or fewer.", limit=LONGEST_COMMENT)


def _repeated(
    session: Session, appointment: Appointment, reply: Reply, words: str, proposed: Proposed | None
) -> Answer | None:
    """The last answer, where this one says the same of the same revision: a second press, a reload."""
    last = session.scalar(
        select(Answer).where(Answer.appointment_id == appointment.id).order_by(Answer.id.desc()).limit(1)
    )
    if last is None or appointment.reply is not reply:
        return None
    said = (last.reply, last.comment, last.sequence, last.proposed_starts_at)
    begin = proposed[0] if proposed else None
    return last if said == (reply, words, appointment.sequence, begin) else None

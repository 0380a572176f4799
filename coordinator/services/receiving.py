"""Receiving: what comes by mail is kept once. An answer stands beside its appointment and moves nothing."""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.calendars.incoming import bounded
from coordinator.calendars.incoming.events import ReadEvent
from coordinator.calendars.incoming.mails import Mail
from coordinator.calendars.incoming.reading import Kind, Reading
from coordinator.errors import Refusal
from coordinator.models import (
    Answer,
    Appointment,
    AppointmentState,
    IncomingMail,
    Notice,
    NoticeState,
    Outcome,
    Patient,
    Reply,
    Why,
)
from coordinator.services import answers, trail
from coordinator.services.trail import Actor

BY_MAIL = Actor("mail")
REPLIES = {"ACCEPTED": Reply.YES, "DECLINED": Reply.NO}
ANSWERS = (Kind.REPLY, Kind.COUNTER)

CAME_BACK = "The mail came back from {address}."
GRAVITY = (Outcome.PARKED, Outcome.TAKEN, Outcome.STALE, Outcome.IGNORED)
"""Of several events in one mail, what is made of the mail as a whole."""


def receive(
    session: Session, octets: bytes, *, now: datetime, reader: Callable[[bytes], Reading] = bounded.read
) -> IncomingMail:
    """Take in one mail, or what was made of it when it came first. Never raises for what is in it.

    It is read before the transaction begins, since that may take seconds, and in a process of its own (``reader``).
    """
    reading = reader(octets)
    name = _name(reading.mail, octets)
    database.begin_writing(session)
    if (known := _known(session, name)) is not None:
        session.rollback()
        return known
    kept = IncomingMail(message_id=name, came_at=now, sender=_sender(reading.mail), kind=reading.kind.value)
    kept.outcome, kept.why = _taken(session, reading, kept, now)
    if kept.outcome is Outcome.PARKED and reading.mail is not None:
        kept.words = reading.mail.words or reading.mail.subject
    session.add(kept)
    try:
        session.flush()
    except IntegrityError:  # another worker has read the same mail at the same moment
        session.rollback()
        return session.scalars(select(IncomingMail).where(IncomingMail.message_id == name)).one()
    trail.record(session, BY_MAIL, "received", "mail", kept.id, now, outcome=kept.outcome.value)
    session.commit()
    return kept


def settle(session: Session, mail_id: int, by: Actor, now: datetime) -> None:
    """A coordinator has read a parked mail and done what it asks. Settling twice is settling once."""
    database.begin_writing(session)
    kept = session.get(IncomingMail, mail_id, with_for_update=True, populate_existing=True)
    if kept is not None and kept.settled_at is None:
        kept.settled_at, kept.words = now, ""
        trail.record(session, by, "settled", "mail", kept.id, now)
    session.commit()


def _name(mail: Mail | None, octets: bytes) -> str:
    return (mail.message_id if mail else "") or f"sha256:{sha256(octets).hexdigest()}"


def _sender(mail: Mail | None) -> str:
    return next(iter(mail.writers), "")[:254] if mail else ""


def _known(session: Session, name: str) -> IncomingMail | None:
    return session.scalars(select(IncomingMail).where(IncomingMail.message_id == name)).one_or_none()


def _taken(session: Session, reading: Reading, kept: IncomingMail, now: datetime) -> tuple[Outcome, Why]:
    """What is made of a mail, and why."""
    if reading.kind is Kind.BOUNCE and reading.mail is not None:
        return _came_back(session, reading.mail)
    patient = _patient(session, reading.mail)
    kept.patient_id = patient.id if patient else None
    if reading.mail is not None and reading.mail.automatic and not reading.events:
        return Outcome.IGNORED, Why.NOTHING
    if reading.kind in ANSWERS and reading.events:
        made = [_answered(session, reading, event, kept, now) for event in reading.events]
        return min(made, key=lambda each: GRAVITY.index(each[0]))
    if patient is None:
        return Outcome.IGNORED, Why.NOTHING
    return Outcome.PARKED, Why.UNREADABLE if reading.kind in ANSWERS else Why.TO_READ


def _answered(
    session: Session, reading: Reading, event: ReadEvent, kept: IncomingMail, now: datetime
) -> tuple[Outcome, Why]:
    """One answer, held against the appointment as it is now (RFC 5546, 2.1.5: by SEQUENCE, then DTSTAMP)."""
    appointment = _appointment(session, event)
    if appointment is None:
        return (Outcome.PARKED if kept.patient_id else Outcome.IGNORED), Why.UNKNOWN
    kept.appointment_id, kept.patient_id = appointment.id, appointment.patient_id
    if reading.mail is None or not _invited(session, appointment, reading.mail):
        return Outcome.PARKED, Why.NOT_INVITED
    if event.sequence < appointment.sequence:
        return Outcome.STALE, Why.OLDER
    said_at = event.dtstamp if isinstance(event.dtstamp, datetime) else None
    if said_at is not None and _overtaken(session, appointment, said_at):
        return Outcome.STALE, Why.OVERTAKEN
    reply = Reply.MOVE if event.proposed else REPLIES.get(event.partstat or "")
    if reply is None:
        return Outcome.PARKED, Why.MAYBE
    try:
        answers.note(
            session,
            appointment,
            reply=reply,
            comment=event.comment or "",
            door="mail",
            by=BY_MAIL,
            now=now,
            said_at=said_at,
            proposed=_proposed(event),
        )
    except Refusal:
        cancelled = appointment.state is AppointmentState.CANCELLED
        return Outcome.PARKED, Why.CANCELLED if cancelled else Why.BEGUN
    return Outcome.TAKEN, Why.NOTHING


def _appointment(session: Session, event: ReadEvent) -> Appointment | None:
    """By the UID, which nobody can guess; what follows its ``@`` is only where it was made."""
    try:
        return answers.locked(session, (event.uid or "").partition("@")[0])
    except Refusal:
        return None


def _invited(session: Session, appointment: Appointment, mail: Mail) -> bool:
    """Whether the mail is from somebody who was written to about this appointment, at whatever address that was."""
    patient = appointment.patient
    sent = select(Notice.address).where(Notice.appointment_id == appointment.id).distinct()
    known = {*session.scalars(sent), patient.email, patient.carer_email}
    return not {each.lower() for each in known if each}.isdisjoint(mail.writers)


def _overtaken(session: Session, appointment: Appointment, said_at: datetime) -> bool:
    newest = select(func.max(Answer.said_at)).where(
        Answer.appointment_id == appointment.id, Answer.sequence == appointment.sequence
    )
    before = session.scalar(newest)
    return before is not None and said_at < before


def _proposed(event: ReadEvent) -> answers.Proposed | None:
    """A proposed time as instants; a whole day is no time of ours, and stays a wish in words."""
    if event.proposed is None:
        return None
    begin, end = event.proposed
    if not isinstance(begin, datetime) or begin.tzinfo is None:
        return None
    return begin, end if isinstance(end, datetime) and end.tzinfo is not None and end > begin else None


def _patient(session: Session, mail: Mail | None) -> Patient | None:
    """The one patient whose address, or whose carer's, a mail is from."""
    if mail is None or not mail.writers:
        return None
    theirs = or_(
        func.lower(Patient.email).in_(mail.writers), func.lower(Patient.carer_email).in_(mail.writers)
    )
    found = session.scalars(select(Patient).where(theirs).limit(2)).all()
    return found[0] if len(found) == 1 else None


def _came_back(session: Session, mail: Mail) -> tuple[Outcome, Why]:
    """Mark what came back undeliverable, so that it lies on the desk; what it brings back is never applied."""
    names = [each.strip("<>").rpartition("@")[0] for each in mail.about]
    sent = select(Notice).where(Notice.message_id.in_(names), Notice.state == NoticeState.SENT)
    found = session.scalars(sent.with_for_update()).all()
    for notice in found:
        notice.state, notice.problem = NoticeState.DEAD, CAME_BACK.format(address=notice.address)
    return (Outcome.BOUNCED if found else Outcome.IGNORED), Why.NOTHING

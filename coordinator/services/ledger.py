"""The ledger of messages: what was sent, waits, was dropped or could not be delivered, and what each of them says."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from coordinator import times
from coordinator.errors import NotFound, Refusal
from coordinator.models import (
    Appointment,
    Channel,
    Clinic,
    Location,
    Notice,
    NoticeKind,
    NoticeState,
    Patient,
    PlanStep,
    TreatmentPlan,
)
from coordinator.notices import messages, plan_letters
from coordinator.notices.post import Letterhead
from coordinator.services import looks
from coordinator.services.trail import Actor

ON_A_PAGE = 50
_WITH = (
    joinedload(Appointment.patient),
    joinedload(Appointment.location),
    joinedload(Appointment.step).joinedload(PlanStep.therapy),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which messages to list: those that fit all that is given."""

    words: str = ""
    """Of the patient's name."""
    state: NoticeState | None = None
    kind: NoticeKind | None = None
    plan_id: int | None = None
    appointment_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One message, and whose it is."""

    notice: Notice
    patient_id: int
    patient_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the ledger: its entries, which page of how many, how many entries in all."""

    rows: Sequence[Entry]
    number: int
    last: int
    total: int
    zone: times.Zone
    """Of the clinic's first location: times of many locations stand below each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """One message as its reader gets it; without a mail, its words are empty."""

    entry: Entry
    zone: times.Zone
    subject: str = ""
    text: str = ""
    html: str = ""
    calendar: str = ""
    written: bool = False
    """Whether there is a mail to show: calls and letters on paper have none, nor what has nothing left to tell."""
    changed: bool = False
    """Whether the appointment has changed since: it is shown as it would be written now."""


def listed(session: Session, wanted: Wanted, number: int = 1, *, by: Actor, now: datetime) -> Page:
    """One page of the ledger, the newest first; who looked is written down."""
    of = {"plan": wanted.plan_id, "appointment": wanted.appointment_id}
    looks.note(session, by, "messages", None, now, **{key: value for key, value in of.items() if value})
    query = _chosen(wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    last = max(1, -(-total // ON_A_PAGE))
    number = min(max(1, number), last)
    newest = query.order_by(Notice.due_at.desc(), Notice.id.desc())
    rows = session.execute(newest.offset((number - 1) * ON_A_PAGE).limit(ON_A_PAGE))
    first = select(Location.timezone).order_by(Location.position, Location.id).limit(1)
    zone = times.zone(session.scalar(first) or "UTC")
    return Page(rows=[_entry(*row) for row in rows], number=number, last=last, total=total, zone=zone)


def preview(session: Session, notice_id: int, letterhead: Letterhead, *, by: Actor, now: datetime) -> Preview:
    """What one message says, or said; who looked is written down. Raises NotFound."""
    looks.note(session, by, "notice", notice_id, now)
    row = session.execute(_all().where(Notice.id == notice_id)).first()
    if row is None:
        raise NotFound("There is no such message.")
    entry, at = _entry(*row), row[0].sent_at or now
    appointments = session.scalars(_appointments(entry.notice, at)).unique().all()
    zone = times.zone(appointments[0].location.timezone if appointments else "UTC")
    if entry.notice.channel is not Channel.MAIL or not appointments:
        return Preview(entry=entry, zone=zone)
    try:
        mail = _mail(session, entry.notice, appointments, letterhead, at)
    except (Refusal, ValueError):  # an address that is none: there is no mail
        return Preview(entry=entry, zone=zone)
    return Preview(
        entry=entry,
        zone=zone,
        subject=str(mail["Subject"]),
        text=_part(mail, "text/plain"),
        html=_part(mail, "text/html"),
        calendar=_part(mail, "text/calendar").replace("\r\n", "\n"),
        written=True,
        changed=_changed(entry.notice, appointments),
    )


def _all() -> Select[Notice, int, str]:
    return (
        select(Notice, Patient.id, Patient.name)
        .join(TreatmentPlan, TreatmentPlan.id == Notice.plan_id)
        .join(Patient, Patient.id == TreatmentPlan.patient_id)
    )


def _chosen(wanted: Wanted) -> Select[Notice, int, str]:
    query = _all()
    for word in "".join(sign if sign.isprintable() else " " for sign in wanted.words).split()[:10]:
        query = query.where(Patient.name.icontains(word, autoescape=True))
    columns = {
        Notice.state: wanted.state,
        Notice.kind: wanted.kind,
        Notice.plan_id: wanted.plan_id,
        Notice.appointment_id: wanted.appointment_id,
    }
    return query.where(*(column == value for column, value in columns.items() if value is not None))


def _entry(notice: Notice, patient_id: int, patient_name: str) -> Entry:
    return Entry(notice=notice, patient_id=patient_id, patient_name=patient_name)


def _appointments(notice: Notice, at: datetime) -> Select[Appointment]:
    if notice.appointment_id is None:
        return plan_letters.visits_of(notice, at).options(*_WITH)
    return select(Appointment).where(Appointment.id == notice.appointment_id).options(*_WITH)


def _mail(
    session: Session,
    notice: Notice,
    appointments: Sequence[Appointment],
    letterhead: Letterhead,
    at: datetime,
) -> EmailMessage:
    clinic = session.scalars(select(Clinic)).one()
    if notice.appointment_id is None:
        return messages.plan_message(notice, appointments, clinic, letterhead, sent_at=at)
    return messages.message(notice, appointments[0], clinic, letterhead, sent_at=at)


def _part(mail: EmailMessage, kind: str) -> str:
    for part in mail.walk():
        if part.get_content_type() == kind:
            payload = part.get_payload(decode=True)
            return payload.decode() if isinstance(payload, bytes) else ""
    return ""


def _changed(notice: Notice, appointments: Sequence[Appointment]) -> bool:
    if notice.appointment_id is None:
        return notice.sent_at is not None and any(each.revised_at > notice.sent_at for each in appointments)
    return appointments[0].sequence != notice.sequence

"""A notice as the mail that leaves."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from functools import partial

from coordinator.calendars import invites
from coordinator.calendars.mail_parts import invite_message
from coordinator.calendars.visits import Party, Visit
from coordinator.language import say
from coordinator.models import Appointment, Clinic, Notice, NoticeKind
from coordinator.notices import plan_wording, telling, wording
from coordinator.notices.letters import Letter
from coordinator.notices.post import Letterhead
from coordinator.notices.telling import Told


def message(
    notice: Notice, appointment: Appointment, clinic: Clinic, letterhead: Letterhead, *, sent_at: datetime
) -> EmailMessage:
    """The mail for a notice about one appointment (loaded with patient, location and step's therapy).

    Raises Refusal where an address is none.
    """
    told = telling.told(notice, appointment, clinic, letterhead)
    sender, recipient = letterhead.sender(clinic), Party(email=notice.address, name=notice.name)
    calendar, method = _calendar(told, appointment, sender, recipient)
    letter = wording.letter(told)
    return _mail(notice, letter, sender, recipient, sent_at=sent_at, calendar=calendar, method=method)


def plan_message(
    notice: Notice,
    appointments: Sequence[Appointment],
    clinic: Clinic,
    letterhead: Letterhead,
    *,
    sent_at: datetime,
) -> EmailMessage:
    """The mail for a notice about a whole plan, whose visits (loaded as for ``message``) are given by time."""
    letter = plan_wording.letter([telling.told(notice, each, clinic, letterhead) for each in appointments])
    sender, recipient = letterhead.sender(clinic), Party(email=notice.address, name=notice.name)
    return _mail(notice, letter, sender, recipient, sent_at=sent_at)


def _mail(
    notice: Notice,
    letter: Letter,
    sender: Party,
    recipient: Party,
    *,
    sent_at: datetime,
    calendar: bytes | None = None,
    method: str | None = None,
) -> EmailMessage:
    return invite_message(
        sender=sender,
        recipient=recipient,
        subject=letter.subject,
        text=letter.text(),
        html=letter.html(),
        calendar=calendar,
        method=method,
        message_id=notice.message_id,
        sent_at=sent_at,
        language=letter.language,
        domain=sender.email.rpartition("@")[2],
    )


def _calendar(
    told: Told, appointment: Appointment, sender: Party, recipient: Party
) -> tuple[bytes | None, str | None]:
    """The calendar of an invite, update or cancellation, and its method; a reminder carries none."""
    if told.kind in (NoticeKind.INVITE, NoticeKind.UPDATE):
        return invites.invite(_visit(told, appointment, sender, recipient)), "REQUEST"
    if told.kind is NoticeKind.CANCELLATION:
        return invites.cancellation(_visit(told, appointment, sender, recipient)), "CANCEL"
    if told.kind is NoticeKind.DECLINED:
        return invites.declined(_visit(told, appointment, sender, recipient)), "DECLINECOUNTER"
    return None, None


def _visit(told: Told, appointment: Appointment, sender: Party, recipient: Party) -> Visit:
    starts_at, ends_at = telling.span(appointment)
    return Visit(
        uid=f"{appointment.uid}@{sender.email.rpartition('@')[2]}",
        sequence=appointment.sequence,
        revised_at=appointment.revised_at,
        starts_at=starts_at,
        ends_at=ends_at,
        summary=told.title,
        place=told.where,
        description=_description(told),
        url=told.answer_url,
        organizer=sender,
        attendee=recipient,
        language=told.language,
    )


def _description(told: Told) -> str:
    """Calendars are copied and shared: the way there, a phone number, and the link; nothing to prepare."""
    _ = partial(say, told.language)
    if told.kind is NoticeKind.CANCELLATION:
        return _("This appointment will not take place. Please do not come.")
    answer = _("Answer, or ask for another time: {link}", link=told.answer_url)
    return "\n".join(line for line in (told.directions, told.phone, answer) if line)

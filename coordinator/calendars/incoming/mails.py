"""Mails taken apart: where in them a calendar is, whether one is a bounce, and who wrote it to whom."""

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, message_from_string, policy
from email.header import decode_header, make_header
from email.message import Message
from email.utils import getaddresses
from itertools import takewhile

from coordinator.calendars import texts
from coordinator.calendars.incoming import files

MOST_OCTETS = 10_000_000
MOST_PARTS = 200
CALENDAR_TYPES = {"text/calendar", "application/ics", "text/x-vcalendar", "application/calendar"}
LONGEST_WORDS, LONGEST_HEADER = 500, 2_000
_FROM_MACHINES = re.compile(r"^(mailer-daemon|postmaster|mail-daemon)@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,250}>")
_QUOTED = re.compile(
    r"^\s*(>|On .{5,100} wrote:|-{2,}\s*Original|_{5,}|El .{5,100} escribió:)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPart:
    """A calendar within a mail, as text, and the method that its MIME header tells."""

    text: str
    method: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What a mail is, apart from its calendars. Addresses are in small letters, the likeliest writer first."""

    message_id: str
    writers: Sequence[str]
    readers: Sequence[str]
    subject: str
    words: str
    """The first words of its text, without what it quotes."""
    automatic: bool
    """An out-of-office answer, a mailing list: no person has written it."""
    bounce: bool
    failed: Sequence[str]
    """Of a bounce: whom the mail did not reach."""
    about: Sequence[str]
    """The Message-IDs that it answers or brings back."""
    parts: Sequence[CalendarPart]


def is_calendar(octets: bytes) -> bool:
    """Whether a file is a calendar by itself, and no mail."""
    begins = octets.lstrip(b"\xef\xbb\xbf \t\r\n")[:15]
    return begins.upper() == b"BEGIN:VCALENDAR"


def read(octets: bytes) -> Mail:
    """A mail, however it is made. Raises ``files.TooMuch``."""
    if len(octets) > MOST_OCTETS:
        raise files.TooMuch(f"more than {MOST_OCTETS // 1_000_000} MB")
    message = message_from_bytes(octets.removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n"), policy=policy.compat32)
    there = list(_all(message))
    if len(there) > MOST_PARTS:
        raise files.TooMuch(f"more than {MOST_PARTS} parts")
    bounce = _is_bounce(message, there)
    return Mail(
        message_id=_header(message, "Message-ID")[:200],
        writers=_addresses(message, "From", "Reply-To", "Sender"),
        readers=_addresses(message, "To", "Delivered-To", "X-Original-To", "Original-Recipient", "Cc"),
        subject=_header(message, "Subject")[:200],
        words=_words(there),
        automatic=_is_automatic(message),
        bounce=bounce,
        failed=_failed(there) if bounce else (),
        about=_about(there if bounce else [message]),
        parts=() if bounce else list(_calendars(there)) or list(_misplaced(octets)),
    )


def _all(message: Message) -> Iterator[Message]:
    """The parts at any depth; within what is forwarded whole, only of reports."""
    yield message
    if message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _all(part)


def _calendars(there: Sequence[Message]) -> Iterator[CalendarPart]:
    """Calendars by type or by name, each once however often it is attached."""
    seen: set[str] = set()
    for part in there:
        name = str(part.get_filename("") or "").lower()
        if part.is_multipart() or not (part.get_content_type() in CALENDAR_TYPES or name.endswith(".ics")):
            continue
        text = _text(part)
        same = "".join(text.split())
        if files.BEGINS in text.upper() and same not in seen:
            seen.add(same)
            said = part.get_param("method")
            yield CalendarPart(text=text, method=str(said).upper() if said else None)


def _misplaced(octets: bytes) -> Iterator[CalendarPart]:
    """A calendar that stands where the headers of its part should: some gateways mix up the two."""
    text = files.text_of(octets)
    begins, ends = text.find(f"\n{files.BEGINS}"), text.rfind(files.ENDS)
    if -1 < begins < ends:
        yield CalendarPart(text=text[begins + 1 : ends + len(files.ENDS)], method=None)


def _text(part: Message) -> str:
    octets = part.get_payload(decode=True)
    try:
        charset = part.get_content_charset()
    except (LookupError, ValueError, AttributeError):
        charset = None
    return files.text_of(octets if isinstance(octets, bytes) else b"", charset)


def _is_bounce(message: Message, there: Sequence[Message]) -> bool:
    """A report that a mail did not arrive (RFC 3464), or what a mail server wrote by itself."""
    if any(part.get_content_type() == "message/delivery-status" for part in there):
        return bool(_failed(there))  # else it is late, or has arrived
    if message.get_content_type() == "multipart/report":
        return str(message.get_param("report-type", "delivery-status")).lower() == "delivery-status"
    return any(_FROM_MACHINES.match(each) for each in _addresses(message, "From"))


def _is_automatic(message: Message) -> bool:
    """By RFC 3834, and by what older programs write instead.

    Calendars of large providers send a person's answer by machine, so auto-generated is no sign of one.
    """
    said = _header(message, "Auto-Submitted").lower()
    precedence = _header(message, "Precedence").lower()
    marks = ("X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress-Reply")
    replied = said.startswith("auto-replied") or precedence in {"auto_reply", "junk", "bulk", "list"}
    return replied or any(name in message for name in marks)


def _failed(there: Sequence[Message]) -> list[str]:
    """Final recipients of a report; a block with ``Action: delayed`` has not failed yet."""
    found: list[str] = []
    for part in there:
        if part.get_content_type() == "message/delivery-status" and part.is_multipart():
            for block in _all(part):
                whom = _header(block, "Final-Recipient") or _header(block, "Original-Recipient")
                if whom and _header(block, "Action").lower() not in {"delayed", "delivered", "relayed"}:
                    found.append(whom.rpartition(";")[2].strip().lower())
    return list(dict.fromkeys(found))


def _about(there: Sequence[Message]) -> list[str]:
    """Message-IDs of what is answered; in a report also of what it brings back."""
    found: list[str] = []
    for part in there:
        for name in ("In-Reply-To", "References", "Message-ID", "X-Original-Message-ID"):
            if name != "Message-ID" or part is not there[0]:
                found += _MESSAGE_ID.findall(_header(part, name))
        if part.get_content_type() == "text/rfc822-headers":
            found += _MESSAGE_ID.findall(_header(message_from_string(_text(part)), "Message-ID"))
    return list(dict.fromkeys(found))[:20]


def _words(there: Sequence[Message]) -> str:
    """What the writer says, on one line: up to the first line that is quoted."""
    for part in there:
        if part.get_content_type() == "text/plain" and not part.is_multipart():
            lines = _text(part)[:20_000].splitlines()
            own = takewhile(lambda line: not _QUOTED.match(line), lines)
            return " ".join(" ".join(own).split())[:LONGEST_WORDS]
    return ""


def _header(message: Message, name: str) -> str:
    """A header in words on one line, whatever it is made of."""
    plain = " ".join(str(message.get(name, "")).split())
    with suppress(ValueError, LookupError):
        plain = str(make_header(decode_header(plain)))
    return texts.one_line(plain, LONGEST_HEADER)


def _addresses(message: Message, *names: str) -> list[str]:
    lines = [str(each).replace("rfc822;", "") for name in names for each in message.get_all(name, [])]
    found = [texts.one_line(address).lower() for _, address in getaddresses(lines) if "@" in address]
    return list(dict.fromkeys(found))

"""A message as one thing: what kind it is, the events it is about, and what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from coordinator.calendars.incoming import events, files, mails
from coordinator.calendars.incoming.events import ReadCalendar, ReadEvent
from coordinator.calendars.incoming.mails import Mail


class Kind(StrEnum):
    """What a message wants, by RFC 5546; ``bounce``: ours did not arrive; ``none``: nothing that we know."""

    REPLY = "reply"
    COUNTER = "counter"
    CANCEL = "cancel"
    REQUEST = "request"
    REFRESH = "refresh"
    PUBLISH = "publish"
    BOUNCE = "bounce"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read. ``mail`` is missing for a calendar file by itself."""

    kind: Kind
    events: Sequence[ReadEvent] = ()
    problems: Sequence[str] = ()
    mail: Mail | None = None


def read(octets: bytes, *, assume: tzinfo | None = None) -> Reading:
    """A mail or a calendar file. Never raises for what is in it: it is named among the problems."""
    try:
        if mails.is_calendar(octets):
            return _of(events.read(files.text_of(octets), assume=assume))
        mail = mails.read(octets)
        if mail.bounce:
            return Reading(kind=Kind.BOUNCE, mail=mail)
        people = [*mail.writers, *mail.readers]
        found = [
            calendar
            for part in mail.parts
            for calendar in events.read(part.text, method=part.method, people=people, assume=assume)
        ]
        return _of(found, mail)
    except files.TooMuch as too_much:
        return Reading(kind=Kind.NONE, problems=[f"too much to read: {too_much}"])


def _of(found: Sequence[ReadCalendar], mail: Mail | None = None) -> Reading:
    """One reading of all calendars of a message: of equal events the first counts."""
    problems = [problem for calendar in found for problem in calendar.problems]
    if not found and mail is None:
        problems = ["no calendar in it"]
    once = {
        (each.uid, each.recurrence_id, each.sequence): each
        for calendar in reversed(found)
        for each in reversed(calendar.events)
    }
    told = list(reversed(once.values()))
    method = next((calendar.method for calendar in found if calendar.method), None)
    kind = _kind(method, told)
    if method is not None and kind is Kind.NONE:
        problems.append(f"METHOD {method} asks nothing of an organizer")
    return Reading(kind=kind, events=told, problems=list(dict.fromkeys(problems)), mail=mail)


def _kind(method: str | None, told: Sequence[ReadEvent]) -> Kind:
    """By the method; an answer that proposes another time is a proposal, in whatever way it was made."""
    if method == "REPLY" and any(each.proposed for each in told):
        return Kind.COUNTER
    named = (method or "").lower()
    return Kind(named) if named in set(Kind) - {Kind.BOUNCE, Kind.NONE} else Kind.NONE

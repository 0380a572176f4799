"""The lines that every calendar of ours has in common."""

from datetime import datetime
from typing import Final

from icalendar import Calendar, Event, vCalAddress

from coordinator.calendars import texts
from coordinator.calendars.visits import Party

PRODUCER: Final = "-//Coordinator//Appointments//EN"


def calendar(method: str) -> Calendar:
    """An empty calendar for one scheduling method (RFC 5546)."""
    written = Calendar()
    written.add("prodid", PRODUCER)
    written.add("version", "2.0")
    written.add("calscale", "GREGORIAN")
    written.add("method", method)
    return written


def booked(
    uid: str, sequence: int, *, starts_at: datetime, ends_at: datetime, revised_at: datetime, cancelled: bool
) -> Event:
    """When something is, in UTC: the one form that all readers agree on for a single visit."""
    written = Event()
    written.add("uid", uid)
    written.add("sequence", sequence)
    for name in ("dtstamp", "last-modified"):
        written.add(name, texts.instant(revised_at))
    written.add("dtstart", texts.instant(starts_at))
    written.add("dtend", texts.instant(ends_at))
    written.add("class", "PRIVATE")
    written.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    written.add("transp", "TRANSPARENT" if cancelled else "OPAQUE")
    return written


def line(text: str) -> str:
    """A text on one line as a calendar may hold it."""
    return _without_escapes(texts.one_line(text))


def title(text: str) -> str:
    """As ``line``, and never empty: some readers refuse a calendar where a title is missing."""
    return line(text) or "—"


def describe(written: Event, summary: str, place: str, description: str, language: str | None = None) -> None:
    """Add what it is and where; an empty text is left out, since readers take an empty line for a fault."""
    told = {"language": language} if language else {}
    written.add("summary", title(summary), parameters=told)
    if shown := line(place):
        written.add("location", shown, parameters=told)
    if shown := _without_escapes(texts.paragraphs(description)):
        written.add("description", shown, parameters=told)


def mailbox(party: Party, **parameters: str) -> vCalAddress:
    """A person as a calendar names them, with the address as it is: readers compare it letter by letter."""
    written = vCalAddress(f"mailto:{party.email}")
    if name := line(party.name):
        written.params["CN"] = name  # written by RFC 6868, whatever stands in it
    written.params.update(parameters)
    return written


def _without_escapes(text: str) -> str:
    # A backslash starts an escape (RFC 5545, 3.3.11), and not all readers undo a doubled one.
    return text.replace("\\", "/")

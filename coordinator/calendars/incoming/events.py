"""Events as their senders mean them: who answers what to which revision, and which other time they propose."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from icalendar import Calendar, Component, vCalAddress

from coordinator.calendars.incoming import files
from coordinator.calendars.incoming.instants import Clocks, Moment, is_whole

IOS_PROPOSAL = "TO-ALL-PROPOSED-NEW-TIME"
"""In an attendee's parameters: how the calendar of iOS proposes another time within a plain answer."""
COMMENTS = ("COMMENT", "X-CALENDARSERVER-PRIVATE-COMMENT", "X-CALENDARSERVER-ATTENDEE-COMMENT")
LONGEST_COMMENT = 500
_INSTANT = re.compile(r"\d{8}T\d{6}Z")
_NO_UID = {"", "null", "none", "undefined"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEvent:
    """One event of a message. Instants are in UTC; a naive one had no zone that is known; a date is a whole day."""

    uid: str | None
    """None: the sender gave no name, so that nothing of ours can be meant."""
    recurrence_id: Moment | None
    sequence: int
    dtstamp: Moment | None
    attendee: str | None
    """Who answers, or is asked: an address in small letters."""
    partstat: str | None
    start: Moment | None
    end: Moment | None
    status: str | None
    organizer: str | None
    comment: str | None
    proposed: tuple[Moment, Moment | None] | None = None

    @property
    def all_day(self) -> bool:
        """Whether it is on whole days."""
        return self.start is not None and not isinstance(self.start, datetime)


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """What one calendar of a file says."""

    method: str | None
    events: Sequence[ReadEvent]
    problems: Sequence[str]


def read(
    text: str, *, method: str | None = None, people: Sequence[str] = (), assume: tzinfo | None = None
) -> list[ReadCalendar]:
    """Each calendar of a text. Its own method counts; ``method`` is what its mail says, where it says none itself.

    ``people``: the addresses of the mail, from which the attendee who answers is chosen, the likeliest first.
    Raises ``files.TooMuch``.
    """
    found = []
    for written, calendar, problems in files.calendars(text):
        said = files.method(written) or method
        if calendar is None:
            found.append(ReadCalendar(said, (), problems))
            continue
        clocks = Clocks(_word(calendar, "X-WR-TIMEZONE"), assume)
        events = list(_events(calendar, said, people, clocks, problems))
        if not events and not problems:
            problems.append("no event in it")
        found.append(ReadCalendar(said, events, [*problems, *clocks.problems]))
    return found


def _events(
    calendar: Calendar, method: str | None, people: Sequence[str], clocks: Clocks, problems: list[str]
) -> Iterator[ReadEvent]:
    for event in calendar.walk("VEVENT"):
        uid = _word(event, "UID")
        if uid is None or uid.lower() in _NO_UID:
            problems.append("an event without a UID")
            uid = None
        plain = _event(uid, event, people, clocks)
        yield replace(plain, proposed=_proposed(plain, event, method, clocks))


def _event(uid: str | None, event: Component, people: Sequence[str], clocks: Clocks) -> ReadEvent:
    attendee = _answering(event, people)
    start = clocks.of(event, "DTSTART")
    return ReadEvent(
        uid=uid,
        recurrence_id=clocks.of(event, "RECURRENCE-ID"),
        sequence=_number(event, "SEQUENCE"),
        dtstamp=Clocks(None, UTC).of(event, "DTSTAMP"),  # is in UTC, whatever it looks like
        attendee=address(attendee) if attendee is not None else None,
        partstat=str(attendee.params.get("PARTSTAT", "NEEDS-ACTION")).upper()
        if attendee is not None
        else None,
        start=start,
        end=_end(event, start, clocks),
        status=(_word(event, "STATUS") or "").upper() or None,
        organizer=_organizer(event),
        comment=_comment(event, attendee),
    )


def _end(event: Component, start: Moment | None, clocks: Clocks) -> Moment | None:
    """DTEND, or the start and a duration, or by RFC 5545 (3.6.1) the whole day or the instant itself."""
    end = clocks.of(event, "DTEND")
    if end is not None or start is None:
        return end
    written = event.get("DURATION")
    lasts = getattr(written, "td", None) if is_whole(written) else None
    if not isinstance(lasts, timedelta):
        lasts = timedelta() if isinstance(start, datetime) else timedelta(days=1)
    try:
        return start + lasts
    except OverflowError:
        return None


def _proposed(
    plain: ReadEvent, event: Component, method: str | None, clocks: Clocks
) -> tuple[Moment, Moment | None] | None:
    """The other time: of a COUNTER its own, in an answer from iOS what stands beside the attendee.

    Outlook's COUNTER keeps the old time in X-MS-OLK-ORIGINALSTART and proposes, as all others do, by DTSTART.
    """
    for attendee in _attendees(event):
        if said := _INSTANT.findall(str(attendee.params.get(IOS_PROPOSAL, ""))):
            start, *rest = [datetime.strptime(each, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) for each in said]
            return start, rest[0] if rest else _as_long(plain, start)
    if method != "COUNTER" or plain.start is None:
        return None
    return plain.start, plain.end


def _as_long(plain: ReadEvent, start: datetime) -> datetime | None:
    if isinstance(plain.start, datetime) and isinstance(plain.end, datetime):
        return start + (plain.end - plain.start)
    return None


def _attendees(event: Component) -> list[vCalAddress]:
    written = event.get("ATTENDEE", [])
    return [each for each in (written if isinstance(written, list) else [written]) if is_whole(each)]


def _answering(event: Component, people: Sequence[str]) -> vCalAddress | None:
    """The attendee whom the mail is from (or to); else the only one who has answered; else the first."""
    there = _attendees(event)
    for person in people:
        for each in there:
            if address(each) == person.lower():
                return each
    answered = [
        each for each in there if str(each.params.get("PARTSTAT", "")).upper() not in {"", "NEEDS-ACTION"}
    ]
    return answered[0] if len(answered) == 1 else next(iter(there), None)


def address(written: str) -> str | None:
    """The bare address of an attendee or organizer, in small letters."""
    bare = str(written).strip().lower().removeprefix("mailto:").strip("<> ")
    return bare or None


def _organizer(event: Component) -> str | None:
    written = event.get("ORGANIZER")
    return address(written) if is_whole(written) and not isinstance(written, list) else None


def _comment(event: Component, attendee: vCalAddress | None) -> str | None:
    said = [_word(event, name) for name in COMMENTS]
    said.append(str(attendee.params.get("X-RESPONSE-COMMENT", "")) if attendee is not None else None)
    plain = (re.sub(r"\\\\n|\s+", " ", each).strip() for each in said if each)
    return next((each[:LONGEST_COMMENT] for each in plain if each), None)


def _word(component: Component, name: str) -> str | None:
    written = component.get(name)
    if isinstance(written, list):
        written = written[0] if written else None
    return str(written).strip() if written is not None else None


def _number(event: Component, name: str) -> int:
    """A counter; what cannot be read counts as none (RFC 5545, 3.8.7.4: the default is 0)."""
    written = event.get(name)
    return int(written) if isinstance(written, int) and 0 <= written < 2**31 else 0

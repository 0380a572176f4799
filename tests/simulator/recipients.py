"""The mail server and those behind it: what arrives in which order, and what their calendars then show."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from enum import Enum

from icalendar import Calendar

from coordinator.errors import DeliveryFailed
from coordinator.notices.post import Letterhead
from tests.simulator.program import Died

LETTERHEAD = Letterhead("https://visits.example.org", "visits@example.org", "a secret of the tests")
MOST_TRIES = 8
"""After so many the program gives a mail up."""


class Mood(Enum):
    """What the mail server does with the next mail; it takes all that follow."""

    TAKES = "takes it"
    LATER = "is busy"
    NEVER = "refuses it for good"
    DIES_BEFORE = "the worker dies before the mail has left"
    DIES_AFTER = "the worker dies between the server's yes and its mark"


@dataclass(frozen=True, slots=True)
class Told:
    """What one mail says; ``method`` is empty where it carries no calendar."""

    message_id: str
    address: str
    uid: str
    method: str = ""
    sequence: int = 0
    time: tuple[datetime, datetime] | None = None


@dataclass
class Entry:
    """One appointment in somebody's calendar."""

    sequence: int = -1
    shown: tuple[datetime, datetime] | None = None
    lost: int = -1
    """The highest revision that was refused for good, or given up: the calendar cannot know of it."""


@dataclass
class Recipients:
    """A post, as delivery knows it. ``is_true`` says whether a mail tells the truth at the moment it leaves."""

    is_true: Callable[[Told], bool]
    mood: Mood = Mood.TAKES
    calendars: dict[tuple[str, str], Entry] = field(default_factory=dict)
    """By address and UID."""
    arrived: dict[str, Told] = field(default_factory=dict)
    times: Counter[str] = field(default_factory=Counter)
    tries: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    """How often the worker died with a mail in its hand that had arrived."""
    last: str | None = None
    wrong: list[str] = field(default_factory=list)
    """What should never have come. It is kept: delivery would take an exception for a fault of the mail."""

    def send(self, message: EmailMessage) -> None:
        """Take a mail, or not, as the mood is."""
        told, mood = read(message), self.mood
        self.mood = Mood.TAKES
        self.tries[told.message_id] += 1
        if mood is Mood.DIES_BEFORE:
            raise Died
        if mood in {Mood.LATER, Mood.NEVER}:
            self._refuse(told, for_good=mood is Mood.NEVER)
        self._take(told)
        if mood is Mood.DIES_AFTER:
            raise Died

    def hang_up(self) -> None:
        """Nothing is kept open."""

    def worker_died(self) -> None:
        """The last mail that arrived may come once more."""
        if self.last is not None:
            self.deaths[self.last] += 1

    def _refuse(self, told: Told, *, for_good: bool) -> None:
        if told.method and (for_good or self.tries[told.message_id] >= MOST_TRIES):
            entry = self._entry(told)
            entry.lost = max(entry.lost, told.sequence)
        raise DeliveryFailed("550 no" if for_good else "451 busy", again=not for_good)

    def _take(self, told: Told) -> None:
        self.last = told.message_id
        self.times[told.message_id] += 1
        self._expect(self.is_true(told), "not true when it left", told)
        self._expect(
            self.arrived.setdefault(told.message_id, told) == told, "another one had that name", told
        )
        self._expect(self.times[told.message_id] <= 1 + self.deaths[told.message_id], "came too often", told)
        if told.method:
            self._enter(told)

    def _expect(self, holds: bool, otherwise: str, told: Told) -> None:
        if not holds:
            self.wrong.append(f"{otherwise}: {told}")

    def _enter(self, told: Told) -> None:
        """As a calendar does (RFC 5546, 2.1.5): by UID and SEQUENCE, a later revision takes an earlier one's place."""
        entry = self._entry(told)
        self._expect(told.sequence >= entry.sequence, "overtaken by a later one", told)
        entry.sequence, entry.shown = told.sequence, None if told.method == "CANCEL" else told.time

    def _entry(self, told: Told) -> Entry:
        return self.calendars.setdefault((told.address, told.uid), Entry())


def read(message: EmailMessage) -> Told:
    """What a mail says, found as a stranger would find it."""
    message_id = str(message["Message-ID"]).strip("<>")
    address, uid = str(message["To"].addresses[0].addr_spec), message_id.partition(".")[0]
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            calendar = Calendar.from_ical(part.get_content())
            event = calendar.walk("VEVENT")[0]
            assert str(event["UID"]).partition("@")[0] == uid
            return Told(
                message_id=message_id,
                address=address,
                uid=uid,
                method=str(calendar["METHOD"]),
                sequence=event.decoded("SEQUENCE"),
                time=(event.decoded("DTSTART"), event.decoded("DTEND")),
            )
    return Told(message_id=message_id, address=address, uid=uid)

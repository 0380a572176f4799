"""Calendars that practitioners subscribe to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Event

from coordinator.calendars import texts, visits, writing
from coordinator.calendars.visits import Party

ASK_AGAIN_AFTER = timedelta(hours=1)  # a wish; some readers come once a day


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One appointment in a practitioner's feed; ``follows`` is the uid of the step before it in the plan.

    ``revised_at`` is its last change, not the time of asking. Raises ValueError as ``Visit`` does.
    """

    uid: str
    sequence: int
    revised_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    place: str
    description: str
    cancelled: bool = False
    follows: str | None = None

    def __post_init__(self) -> None:
        visits.check(self.uid, self.sequence, self.starts_at, self.ends_at, self.revised_at)
        if self.follows is not None:
            texts.uid(self.follows)


def feed(
    entries: Iterable[FeedEntry],
    *,
    name: str,
    zone_name: str,
    color: str | None = None,
    organizer: Party | None = None,
) -> bytes:
    """All ``entries`` as one calendar to subscribe to: the same entries, in any order, give the same bytes.

    ``zone_name`` is the zone that a reader may show times in, ``color`` a CSS3 colour name (RFC 7986).
    RFC 5546 asks for an ``organizer`` (the clinic) in what is published; readers do without. Raises
    ValueError where a uid comes twice: many readers would then ignore the whole feed.
    """
    ordered = sorted(entries, key=lambda entry: (entry.starts_at, entry.uid))
    if len({entry.uid for entry in ordered}) < len(ordered):
        raise ValueError("an appointment stands twice in a feed")
    written = writing.calendar("PUBLISH")
    for heading in ("name", "x-wr-calname"):
        written.add(heading, writing.title(name))
    written.add("x-wr-timezone", writing.line(zone_name))
    written.add("refresh-interval", ASK_AGAIN_AFTER, parameters={"VALUE": "DURATION"})
    written.add("x-published-ttl", "PT1H")
    if color is not None:
        written.add("color", _css_name(color))
    for entry in ordered:
        written.add_component(_shown(entry, organizer))
    return bytes(written.to_ical())


def _shown(entry: FeedEntry, organizer: Party | None) -> Event:
    shown = writing.booked(
        entry.uid,
        entry.sequence,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        revised_at=entry.revised_at,
        cancelled=entry.cancelled,
    )
    writing.describe(shown, entry.summary, entry.place, entry.description)
    if entry.follows:
        # RFC 9253, 5: here the later one names the earlier; FINISHTOSTART would stand in the earlier one.
        shown.add("related-to", entry.follows, parameters={"RELTYPE": "DEPENDS-ON"})
    if organizer:
        shown.add("organizer", writing.mailbox(organizer))
    return shown


def _css_name(color: str) -> str:
    if not re.fullmatch("[a-z]{3,30}", color):
        raise ValueError(f"not a CSS3 colour name: {color!r}")
    return color

"""Calendars that others subscribe to."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from icalendar import Event, vDuration

from coordinator.calendars import texts, visits, writing
from coordinator.calendars.visits import Party

ASK_AGAIN_AFTER = timedelta(hours=1)  # a wish; some readers come once a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """The uid of a later step of the plan, and the least that has to lie between the two."""

    uid: str
    gap: timedelta = timedelta()

    def __post_init__(self) -> None:
        texts.uid(self.uid)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """One appointment in a feed; ``leads_to`` are steps of its plan that cannot begin before it is over.

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
    leads_to: Sequence[Lead] = ()

    def __post_init__(self) -> None:
        visits.check(self.uid, self.sequence, self.starts_at, self.ends_at, self.revised_at)


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
    for lead in sorted(entry.leads_to, key=lambda each: each.uid):
        # RFC 9253, 5: the earlier one names the later, which starts once it is finished and the gap is over.
        told = {"RELTYPE": "FINISHTOSTART"}
        if lead.gap:
            told["GAP"] = vDuration(lead.gap).to_ical().decode("ascii")  # type: ignore[no-untyped-call]
        shown.add("related-to", lead.uid, parameters=told)
    if organizer:
        shown.add("organizer", writing.mailbox(organizer))
    return shown


def _css_name(color: str) -> str:
    if not re.fullmatch("[a-z]{3,30}", color):
        raise ValueError(f"not a CSS3 colour name: {color!r}")
    return color

"""When a practitioner's own calendar says that they are busy: times only, nothing of what they are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from icalendar import Calendar, Component

from coordinator import times
from coordinator.calendars.incoming import files, occurrences
from coordinator.calendars.incoming.instants import Clocks, Moment, is_whole

NOT_BUSY = {"FREE"}
SORTS = {"BUSY": "busy", "BUSY-UNAVAILABLE": "busy", "BUSY-TENTATIVE": "tentative"}
"""Of a VFREEBUSY (RFC 5545, 3.2.9); what is not known counts as busy."""


class Sort(StrEnum):
    """How sure it is."""

    BUSY = "busy"
    TENTATIVE = "tentative"


@dataclass(frozen=True, slots=True, order=True)
class BusyTime:
    """A stretch in UTC."""

    starts_at: datetime
    ends_at: datetime
    sort: Sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """What was read: stretches that do not overlap within their sort, and what was doubtful."""

    times: Sequence[BusyTime] = ()
    assumed_zone: bool = False
    """Whether a time was read by the practitioner's zone because the file names none that is known."""
    problems: Sequence[str] = ()
    readable: bool = True
    """Whether there was a calendar at all, however doubtful: one without any busy time is as good as another."""


@dataclass(frozen=True, slots=True)
class Window:
    """From the start of one date to the start of another, by the practitioner's clocks."""

    first: date
    end: date
    place: times.Zone

    @property
    def starts_at(self) -> datetime:
        return times.day_start(self.first, self.place).astimezone(UTC)

    @property
    def ends_at(self) -> datetime:
        return times.day_start(self.end, self.place).astimezone(UTC)

    def clipped(self, starts_at: datetime, ends_at: datetime, sort: Sort) -> Iterator[BusyTime]:
        """The part of a stretch that lies within."""
        begin, end = max(starts_at, self.starts_at), min(ends_at, self.ends_at)
        if begin < end:
            yield BusyTime(begin, end, sort)


def read(octets: bytes, window: Window) -> Busy:
    """The busy times of a calendar file. Never raises for what is in it: it is named among the problems."""
    found = _Found(window)
    try:
        text = occurrences.without_what_is_far(files.text_of(octets), window.first, window.end)
        for _, calendar, problems in files.calendars(text):
            found.problems += problems
            if calendar is not None:
                found.readable = True
                found.add(calendar)
    except files.TooMuch as too_much:
        return Busy(problems=[f"too much to read: {too_much}"], readable=False)
    return Busy(
        times=sorted([*_joined(found.times, Sort.BUSY), *_joined(found.times, Sort.TENTATIVE)]),
        assumed_zone=found.assumed,
        problems=list(dict.fromkeys(found.problems)),
        readable=found.readable,
    )


@dataclass
class _Found:
    """What was found so far."""

    window: Window
    times: list[BusyTime] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    assumed: bool = False
    readable: bool = False

    def add(self, calendar: Calendar) -> None:
        """All of one calendar."""
        named = calendar.get("X-WR-TIMEZONE")
        clocks = Clocks(str(named) if named is not None else None, self.window.place)
        for event in occurrences.within(calendar, self.window.starts_at, self.window.ends_at, clocks):
            if (sort := _sort(event)) is not None:
                self.times += self._stretch(event, sort, clocks)
        for component in calendar.walk("VFREEBUSY"):
            self.times += self._periods(component, clocks)
        self.problems += clocks.problems
        self.assumed = self.assumed or clocks.assumed

    def _stretch(self, event: Component, sort: Sort, clocks: Clocks) -> Iterator[BusyTime]:
        begin, end = clocks.of(event, "DTSTART"), clocks.of(event, "DTEND")
        if begin is None:
            return
        if isinstance(begin, datetime) and (lasts := occurrences.lasts(event)) is not None:
            end = begin + lasts
        yield from self.window.clipped(self._instant(begin), self._instant(end or begin), sort)

    def _instant(self, moment: Moment) -> datetime:
        """Whole days are days of the practitioner."""
        if isinstance(moment, datetime):
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return times.first_instant(datetime.combine(moment, time()), self.window.place)

    def _periods(self, component: Component, clocks: Clocks) -> Iterator[BusyTime]:
        written = component.get("FREEBUSY", [])
        for each in written if isinstance(written, list) else [written]:
            if not is_whole(each):
                continue
            kind = str(each.params.get("FBTYPE", "BUSY")).upper()
            if kind in NOT_BUSY:
                continue
            sort = Sort(SORTS.get(kind, "busy"))
            periods = getattr(each, "dts", None) or [each]
            for period in periods:
                yield from self._period(getattr(period, "dt", None), sort, clocks)

    def _period(self, said: object, sort: Sort, clocks: Clocks) -> Iterator[BusyTime]:
        if not isinstance(said, tuple) or len(said) != 2:
            return
        begin, end = clocks.read(said[0]), said[1]
        if isinstance(end, timedelta) and isinstance(begin, datetime):
            end = begin + end
        end = clocks.read(end)
        if isinstance(begin, datetime) and isinstance(end, datetime):
            yield from self.window.clipped(self._instant(begin), self._instant(end), sort)


def _sort(event: Component) -> Sort | None:
    """How an event keeps its owner busy, if at all; Outlook says it in a word of its own."""
    status = str(event.get("STATUS", "")).upper()
    outlook = str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()
    transparent = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    if status == "CANCELLED" or outlook in NOT_BUSY or (transparent and outlook not in {"BUSY", "OOF"}):
        return None
    return Sort.TENTATIVE if "TENTATIVE" in {status, outlook} else Sort.BUSY


def _joined(found: Iterable[BusyTime], sort: Sort) -> list[BusyTime]:
    """Stretches of one sort, those that overlap or touch as one."""
    joined: list[BusyTime] = []
    for each in sorted(each for each in found if each.sort is sort):
        if joined and each.starts_at <= joined[-1].ends_at:
            last = joined.pop()
            each = BusyTime(last.starts_at, max(last.ends_at, each.ends_at), sort)
        joined.append(each)
    return joined

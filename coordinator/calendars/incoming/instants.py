"""When something is, out of a calendar whose zones may be named, described, meant or missing."""

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from icalendar import Component
from icalendar.prop.broken import vBroken
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from coordinator import times
from coordinator.errors import UnknownZone

Moment = datetime | date
EARLIEST = 1900
"""What is said to be before that year is a mistake of some program (1601 is where Windows begins to count)."""


@dataclass
class Clocks:
    """The zones of one calendar: its own, the one it names for all its times, and one to assume where it names none.

    ``assumed`` tells whether a time was read by another zone than the one it names, ``problems`` which.
    """

    named: str | None
    assume: tzinfo | None
    assumed: bool = False
    problems: list[str] = field(default_factory=list)

    def of(self, component: Component, name: str) -> Moment | None:
        """What a property says: an instant in UTC, a date, or None. Without any zone it stays without one."""
        written = component.get(name)
        if isinstance(written, list):
            written = written[0] if written else None
        value = getattr(written, "dt", None) if is_whole(written) else None
        if value is None:
            return None
        return self.read(value, written.params.get("TZID"))

    def read(self, value: Moment | timedelta, zone_name: str | None = None) -> Moment | None:
        """An instant or a date; of a period, nothing."""
        if isinstance(value, datetime):
            return self._instant(value, zone_name)
        return value if isinstance(value, date) and value.year >= EARLIEST else None

    def placed(self, value: datetime, zone_name: str | None) -> datetime:
        """A time by the clocks of its place: of the zone that it names, else of the one that is to be assumed."""
        if value.tzinfo is not None:
            return value
        return value.replace(tzinfo=self._instead_of(zone_name))

    def _instant(self, value: datetime, zone_name: str | None) -> datetime | None:
        if value.year < EARLIEST:
            self._note(f"{value:%H:%M} in the year {value.year} is no time")
            return None
        placed = self.placed(value, zone_name)
        return placed.astimezone(UTC) if placed.tzinfo else placed

    def _instead_of(self, zone_name: str | None) -> tzinfo | None:
        """The zone of a time that has none, or one that nobody knows."""
        if zone_name is not None:
            if (known := zone(zone_name)) is not None:
                return known
            self._note(f"nobody knows the zone {zone_name[:80]}")
            self.assumed = True
        if self.named is not None and (known := zone(self.named)) is not None:
            return known
        if zone_name is None:
            self._note("a time without a zone")
            self.assumed = True
        return self.assume

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def zone(name: str) -> tzinfo | None:
    """The zone of that name: of the tz database, or what Windows calls it (after CLDR)."""
    plain = name.strip().strip('"').removeprefix("/")
    for candidate in (plain, WINDOWS_TO_OLSON.get(plain)):
        with suppress(UnknownZone):
            if candidate:
                return times.zone(candidate)
    return None


def is_whole(written: object) -> bool:
    """Whether a property could be read; the library keeps one that could not, and raises when it is touched."""
    return written is not None and not isinstance(written, vBroken)


def text(moment: Moment | None) -> str | None:
    """``2027-03-28T09:00:00Z``; a date alone for a whole day; without ``Z`` where no zone is known."""
    if isinstance(moment, datetime):
        shown = moment.replace(microsecond=0)
        return shown.astimezone(UTC).isoformat()[:-6] + "Z" if shown.tzinfo else shown.isoformat()
    return moment.isoformat() if moment else None

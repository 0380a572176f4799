"""When a location is open and a resource is there on one date, as instants."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from coordinator import times
from coordinator.models import Location, Resource
from coordinator.services.hours import Horizon, SiteCalendar
from coordinator.services.stretches import Stretch, without

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class SiteDay:
    """One date of one location; the location's closures have to be loaded."""

    location: Location
    day: date

    @cached_property
    def zone(self) -> times.Zone:
        """The location's time zone."""
        return times.zone(self.location.timezone)

    @cached_property
    def span(self) -> Span:
        """The whole date, which may have 23 or 25 hours."""
        first, last = times.day_starts(self.day, 2, self.zone)
        return first, last

    @cached_property
    def calendar(self) -> SiteCalendar:
        """The hours of the location, seen over this date only."""
        begin, end = self.span
        return SiteCalendar(
            self.location, Horizon(start=begin, minutes=(end - begin) // timedelta(minutes=1))
        )

    @property
    def closed(self) -> bool:
        """Whether nobody is there all day: a day off of the week, a holiday, one of the location's closures."""
        return not self.calendar.open

    @property
    def open(self) -> list[Span]:
        """When the location is open."""
        return self.instants(self.calendar.open)

    def there(self, resource: Resource) -> list[Span]:
        """When a resource is there; its hours, exceptions and absences have to be loaded.

        A room or device without hours of its own keeps the opening hours.
        """
        rows = [row for row in resource.hours if row.location_id == self.location.id]
        own = [each for each in resource.exceptions if each.location_id == self.location.id]
        whole = resource.location_id == self.location.id and not rows
        there = self.calendar.open if whole else self.calendar.worked(rows, own)
        horizon = self.calendar.horizon
        gone = [horizon.stretch(each.starts_at, each.ends_at) for each in resource.absences]
        return self.instants(without(there, gone))

    def weekly(self, hours: dict[str, list[str]]) -> list[Span]:
        """Weekly hours on this date, where the location is open at all."""
        return self.instants(self.calendar.weekly(hours, but=self.calendar.closed_dates))

    def instants(self, stretches: Iterable[Stretch]) -> list[Span]:
        """Minutes of the date as instants."""
        horizon = self.calendar.horizon
        return [(horizon.instant(begin), horizon.instant(end)) for begin, end in stretches]


def gaps(spans: Iterable[Span], within: Span) -> list[Span]:
    """What lies in a stretch and in none of the spans."""
    made, at = [], within[0]
    for begin, end in sorted(spans):
        if begin > at:
            made.append((at, min(begin, within[1])))
        at = max(at, end)
    if at < within[1]:
        made.append((at, within[1]))
    return [(begin, end) for begin, end in made if begin < end]

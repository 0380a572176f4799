"""Weekly wall-time hours laid over real dates: when a location is open, when its people and rooms are there."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from coordinator import times
from coordinator.models import HoursException, Location, WorkingHours
from coordinator.services.stretches import Stretch, common, joined

Weekly = Mapping[str, Sequence[str]]
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """The stretch of time that is looked at: ``minutes`` from ``start`` (UTC) on."""

    start: datetime
    minutes: int
    first_day: date | None = None
    """Nothing before this date, which begins at another instant where the clocks show another time."""
    dates: frozenset[date] | None = None
    """Where only some dates matter: those."""

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        return self.start + timedelta(minutes=self.minutes)

    def minute(self, instant: datetime) -> int:
        """Whole minutes from the start to an instant, rounded down."""
        return int((instant - self.start).total_seconds() // 60)

    def instant(self, minute: int) -> datetime:
        """The instant of a minute."""
        return self.start + timedelta(minutes=minute)

    def clip(self, stretches: Iterable[Stretch]) -> list[Stretch]:
        """Only what lies inside."""
        return common(stretches, [(0, self.minutes)])

    def stretch(self, starts_at: datetime, ends_at: datetime) -> Stretch:
        """The whole minutes that two instants span; a minute that is touched counts."""
        past_end = int((self.start - ends_at).total_seconds() // 60)
        return self.minute(starts_at), -past_end


def wall_spans(spans: Iterable[str]) -> list[tuple[time, time]]:
    """``"08:00-12:00"`` as two wall times; ``24:00`` is the day's end, written as 00:00."""
    return [(_wall(begin), _wall(end)) for begin, end in (span.split("-") for span in spans)]


def _wall(text: str) -> time:
    return time() if text == "24:00" else time.fromisoformat(text)


@dataclass(frozen=True)
class SiteCalendar:
    """The dates of one location within a horizon, and what its clocks show on them."""

    location: Location
    horizon: Horizon

    @cached_property
    def zone(self) -> times.Zone:
        """The location's time zone."""
        return times.zone(self.location.timezone)

    @cached_property
    def days(self) -> list[tuple[date, int, int]]:
        """Each date with its first minute and its length in minutes (1380 to 1500 where the clock changes)."""
        first = times.local_date(self.horizon.start, self.zone)
        first = max(first, self.horizon.first_day or first)
        count = self.horizon.minutes // DAY_MINUTES + 3
        marks = [self.horizon.minute(each) for each in times.day_starts(first, count, self.zone)]
        dates, wanted = (first + timedelta(days=n) for n in range(count - 1)), self.horizon.dates
        return [
            (day, marks[n], marks[n + 1] - marks[n])
            for n, day in enumerate(dates)
            if wanted is None or day in wanted
        ]

    def spans(self, day: date, begins: int, length: int, walls: Iterable[str]) -> Iterator[Stretch]:
        """Wall-time spans of one date in minutes of the horizon."""
        for begin, end in wall_spans(walls):
            if length == DAY_MINUTES:
                last = end.hour * 60 + end.minute or DAY_MINUTES
                yield begins + begin.hour * 60 + begin.minute, begins + last
            else:
                for starts_at, ends_at in times.spans_of_day(day, [(begin, end)], self.zone):
                    yield self.horizon.minute(starts_at), self.horizon.minute(ends_at)

    def weekly(
        self,
        hours: Weekly,
        *,
        first: date | None = None,
        last: date | None = None,
        but: frozenset[date] = frozenset(),
    ) -> list[Stretch]:
        """Weekly hours over the whole horizon, from ``first`` to ``last``, not on the dates in ``but``."""
        made: list[Stretch] = []
        for day, begins, length in self.days:
            if (first and day < first) or (last and day > last) or day in but:
                continue
            made += self.spans(day, begins, length, hours.get(times.weekday(day), ()))
        return self.horizon.clip(joined(made))

    @cached_property
    def closed_dates(self) -> frozenset[date]:
        """Public holidays and the location's own closures (``closures`` must be loaded)."""
        found = {
            day
            for day, _, _ in self.days
            for closure in self.location.closures
            if closure.first_date <= day <= closure.last_date
        }
        if self.location.holiday_country:
            import holidays  # here, because it takes a while and pages start without it

            years = range(self.days[0][0].year, self.days[-1][0].year + 1)
            country, part = self.location.holiday_country, self.location.holiday_subdivision
            found |= set(holidays.country_holidays(country, subdiv=part, years=years))
        return frozenset(found)

    @cached_property
    def open(self) -> list[Stretch]:
        """When the location is open."""
        return self.weekly(self.location.opening, but=self.closed_dates)

    def worked(self, rows: Iterable[WorkingHours], exceptions: Sequence[HoursException]) -> list[Stretch]:
        """When a resource with these hours is there, and the location open; exceptions stand in for the week's hours.

        Hours that hold for some capabilities only have no part in an exception: that day belongs to the general ones.
        """
        other = frozenset(exception.on_date for exception in exceptions)
        made: list[Stretch] = []
        general = False
        for row in rows:
            general = general or not row.only
            made += self.weekly(row.days, first=row.valid_from, last=row.valid_until, but=other)
        if general:
            by_date = {exception.on_date: exception.spans for exception in exceptions}
            for day, begins, length in self.days:
                made += self.spans(day, begins, length, by_date.get(day, ()))
        return common(made, self.open)

"""The local calendar days of a location, as numbers and stretches of minutes; right over every clock change."""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from coordinator import times
from coordinator.scheduling.problem import Problem


class Days:
    """The calendar dates of one zone over the horizon; a date is its proleptic ordinal (``date.toordinal``)."""

    def __init__(self, start: datetime, minutes: int, timezone: str) -> None:
        self.start, self.zone = start.astimezone(UTC), times.zone(timezone)
        self.first = times.local_date(self.start, self.zone).toordinal()
        last = times.local_date(self.start + timedelta(minutes=minutes), self.zone).toordinal()
        self.count = last - self.first + 1
        first = times.local_date(self.start, self.zone)
        instants = times.day_starts(first, self.count + 1, self.zone)
        self.begins = [self._minute(instant) for instant in instants]
        """Minute at which each date begins, one more than there are dates."""

    def _minute(self, instant: datetime) -> int:
        """The first whole minute at or after ``instant``."""
        return -((self.start - instant) // timedelta(minutes=1))

    def index(self, minute: int) -> int:
        """Which date of the horizon, from 0, a minute lies in."""
        return bisect_right(self.begins, minute) - 1

    def ordinal(self, minute: int) -> int:
        """The number of the date in which a minute lies, also beyond the horizon."""
        if self.begins[0] <= minute < self.begins[-1]:
            return self.first + self.index(minute)
        return times.local_date(self.start + timedelta(minutes=minute), self.zone).toordinal()

    def wall(self, minute: int) -> datetime:
        """What the clock shows at a minute."""
        return times.to_wall(self.start + timedelta(minutes=minute), self.zone)


@lru_cache(maxsize=64)
def _days(start: datetime, minutes: int, timezone: str) -> Days:
    return Days(start, minutes, timezone)


def of(problem: Problem, location: str) -> Days:
    """The calendar of a location over the problem's horizon."""
    return _days(problem.start, problem.minutes, problem.location[location].timezone)

"""Absences of whole days, as files say them, and the instants that rows keep."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from coordinator import times


def instants(first: date, last: date, zones: Collection[times.Zone]) -> tuple[datetime, datetime]:
    """From where the first day begins to where the last one ends, in whichever of the zones is furthest."""
    begin = min(times.day_start(first, zone) for zone in zones)
    end = max(times.day_start(last + timedelta(days=1), zone) for zone in zones)
    return begin, end


def days(starts_at: datetime, ends_at: datetime, zones: Collection[times.Zone]) -> tuple[date, date]:
    """The first and last day of an absence: what ``instants`` was given, or the days that it touches."""
    first = max(times.local_date(starts_at, zone) for zone in zones)
    last = min(times.local_date(ends_at - timedelta(seconds=1), zone) for zone in zones)
    return first, max(first, last)

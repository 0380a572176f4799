"""Absences of whole days survive being kept as instants."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from coordinator import times
from coordinator.services import absence_days

NAMES = ("America/Los_Angeles", "America/New_York", "Europe/Madrid", "Asia/Tokyo", "Pacific/Kiritimati")
dates = st.dates(date(2020, 1, 1), date(2035, 1, 1))


@given(dates, st.integers(0, 400), st.sets(st.sampled_from(NAMES), min_size=1))
def test_the_same_days_come_back(first, length, names):
    zones = [times.zone(name) for name in names]
    last = first + timedelta(days=length)
    assert absence_days.days(*absence_days.instants(first, last, zones), zones) == (first, last)


def test_somebody_who_works_in_two_zones_is_gone_in_both():
    zones = [times.zone("America/Los_Angeles"), times.zone("America/New_York")]
    day = date(2026, 12, 7)
    begin, end = absence_days.instants(day, day, zones)
    assert (begin, end) == (datetime(2026, 12, 7, 5, tzinfo=UTC), datetime(2026, 12, 8, 8, tzinfo=UTC))

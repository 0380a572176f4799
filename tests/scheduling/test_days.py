from datetime import date, datetime

import pytest

from coordinator.scheduling.days import Days


@pytest.mark.parametrize(
    ("start", "zone", "lengths"),
    [
        ("2026-03-28T00:00:00+01:00", "Europe/Amsterdam", [1440, 1380, 1440]),
        ("2026-10-24T00:00:00+02:00", "Europe/Amsterdam", [1440, 1500, 1440]),
        ("2026-04-04T00:00:00+11:00", "Australia/Lord_Howe", [1440, 1470, 1440]),
        ("2026-04-23T00:00:00+02:00", "Africa/Cairo", [1440, 1380, 1440]),
    ],
)
def test_a_date_is_as_long_as_its_clock_makes_it(start: str, zone: str, lengths: list[int]) -> None:
    days = Days(datetime.fromisoformat(start), 3 * 1440, zone)
    assert [end - begin for begin, end in zip(days.begins, days.begins[1:], strict=False)][:3] == lengths


def test_a_minute_lies_in_the_date_that_the_wall_shows() -> None:
    days = Days(datetime.fromisoformat("2026-03-28T12:00:00+00:00"), 5000, "America/St_Johns")
    for minute in range(0, 5000, 7):
        assert date.fromordinal(days.ordinal(minute)) == days.wall(minute).date()
        assert days.first + days.index(minute) == days.ordinal(minute)


def test_a_minute_beyond_the_horizon_has_a_date_too() -> None:
    days = Days(datetime.fromisoformat("2026-03-01T00:00:00+00:00"), 1440, "UTC")
    assert date.fromordinal(days.ordinal(100 * 1440)) == date(2026, 6, 9)
    assert date.fromordinal(days.ordinal(-1)) == date(2026, 2, 28)

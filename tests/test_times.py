"""Wall time and instants, in the zones where it hurts."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator import times
from coordinator.errors import NoSuchTime, UnknownZone

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata", "UTC")
BERLIN = times.zone("Europe/Berlin")
walls = st.datetimes(datetime(2020, 1, 1), datetime(2035, 12, 31)).map(
    lambda wall: wall.replace(microsecond=0, fold=0)
)


def test_an_ordinary_wall_time_has_one_instant() -> None:
    assert times.to_instant(datetime(2026, 7, 1, 10), BERLIN) == datetime(2026, 7, 1, 8, tzinfo=UTC)


@pytest.mark.parametrize("wall", [datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)])
def test_a_wall_time_that_is_skipped_or_shown_twice_is_asked_about(wall: datetime) -> None:
    with pytest.raises(NoSuchTime, match="Europe/Berlin"):
        times.to_instant(wall, BERLIN)


def test_a_computed_time_takes_the_first_instant_that_exists() -> None:
    skipped, twice = datetime(2026, 3, 29, 2, 30), datetime(2026, 10, 25, 2, 30)
    assert times.first_instant(skipped, BERLIN) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert times.first_instant(twice, BERLIN) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_date_that_a_place_left_out_begins_where_the_next_does() -> None:
    apia = times.zone("Pacific/Apia")  # went from 29 to 31 December 2011
    left_out, following = times.day_starts(date(2011, 12, 30), 2, apia)
    assert left_out == following


def test_days_have_their_real_lengths() -> None:
    starts = times.day_starts(date(2026, 10, 24), 3, BERLIN)
    assert [(after - before) // timedelta(hours=1) for before, after in pairwise(starts)] == [24, 25]


@given(wall=walls, name=st.sampled_from(ZONES))
def test_the_first_instant_shows_the_wall_time_or_the_end_of_the_gap(wall: datetime, name: str) -> None:
    place = times.zone(name)
    shown = times.to_wall(times.first_instant(wall, place), place).replace(tzinfo=None, fold=0)
    assert shown == wall or timedelta(0) < shown - wall <= timedelta(hours=24)


@given(wall=walls, name=st.sampled_from(ZONES))
def test_what_a_person_may_type_comes_back_as_typed(wall: datetime, name: str) -> None:
    place = times.zone(name)
    try:
        instant = times.to_instant(wall, place)
    except NoSuchTime:
        return
    assert times.to_wall(instant, place).replace(tzinfo=None, fold=0) == wall


def test_hours_of_a_day_shrink_and_vanish_with_the_clock() -> None:
    spans = times.spans_of_day(date(2026, 3, 29), [(time(1), time(4)), (time(2), time(3))], BERLIN)
    assert [(end - begin) // timedelta(minutes=1) for begin, end in spans] == [120]


def test_midnight_as_an_end_is_the_end_of_the_day() -> None:
    ((begin, end),) = times.spans_of_day(date(2026, 5, 4), [(time(18), time())], BERLIN)
    assert end - begin == timedelta(hours=6)


@pytest.mark.parametrize("name", ["Mars/Phobos", "", "../../etc/passwd", "a" * 500])
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(UnknownZone):
        times.zone(name)


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        times.to_wall(datetime(2026, 1, 1), BERLIN)

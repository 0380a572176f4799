"""Which dates ticks touch, against asking tick by tick; clocks change, and dates need not begin on a tick."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.scheduling import bits
from coordinator.scheduling.dates import Dates
from coordinator.scheduling.days import Days

DAYS = Days(datetime(2026, 3, 20, 7, 30, tzinfo=UTC), 25 * 1440, "Europe/Vienna")


@pytest.mark.parametrize("grid", [7, 60, 1500])
@given(draw=st.data(), last_day=st.integers(0, 20))
def test_the_dates_of_ticks(draw: st.DataObject, last_day: int, grid: int) -> None:
    dates = Dates(DAYS, grid, 25 * 1440 // grid, last_day)
    ticks = draw.draw(st.sets(st.integers(0, dates.most), max_size=60))
    members = sum(1 << tick for tick in ticks)
    touched = {DAYS.index(tick * grid) for tick in ticks}
    assert set(bits.each(dates.touched(members))) == touched
    assert {day for day, flag in enumerate(dates.flags(members)) if flag} == touched


@given(length=st.integers(1, 30))
def test_late_ticks_last_until_the_next_date(length: int) -> None:
    dates = Dates(DAYS, 60, 25 * 24, 20)
    for tick in range(dates.most - 30):
        ends = DAYS.index((tick + length) * 60) != DAYS.index(tick * 60)
        assert bool(dates.late(length) >> tick & 1) == ends

"""How few dates can serve: never more than it takes."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from coordinator.scheduling.journey.covering import dates_at_least

DAYS = 6


def fewest(groups: list[tuple[int, int, int]]) -> int:
    """By trying all dates; groups that never share one are not asked about."""
    for count in range(DAYS + 1):
        for chosen in combinations(range(DAYS), count):
            if all(any(days >> day & 1 for day in chosen) for _, days, _ in groups):
                return count
    raise AssertionError


@given(st.lists(st.integers(1, 2**DAYS - 1), max_size=6))
def test_a_floor_for_the_dates_is_never_too_high(dates: list[int]) -> None:
    groups = [(number, days, 0) for number, days in enumerate(dates)]
    assert dates_at_least(groups) <= fewest(groups)


@given(st.lists(st.integers(1, 2**DAYS - 1), min_size=1, max_size=5))
def test_up_to_three_dates_the_floor_is_exact(dates: list[int]) -> None:
    groups = [(number, days, 0) for number, days in enumerate(dates)]
    assert dates_at_least(groups) >= min(3, fewest(groups))


def test_groups_that_never_share_a_date_need_one_each() -> None:
    everywhere = 2**DAYS - 1
    groups = [(number, everywhere, 0b1111 & ~(1 << number)) for number in range(4)]
    assert dates_at_least(groups) == 4

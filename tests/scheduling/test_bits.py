from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from coordinator.scheduling import bits

numbers = st.sets(st.integers(0, 60))


def as_bits(members: set[int]) -> int:
    return sum(1 << each for each in members)


@given(numbers)
def test_runs_say_what_is_in_the_set(members: set[int]) -> None:
    found = bits.runs(as_bits(members))
    assert {n for low, high in found for n in range(low, high + 1)} == members
    assert all(one[1] + 1 < other[0] for one, other in pairwise(found))
    assert set(bits.each(as_bits(members))) == members


@given(numbers, st.integers(0, 9), st.integers(0, 30))
def test_widen_and_lower_are_every_distance(members: set[int], least: int, more: int) -> None:
    wide = {n + d for n in members for d in range(least, least + more + 1)}
    assert bits.widen(as_bits(members), least, least + more) == as_bits(wide)
    low = {n - d for n in members for d in range(least, least + more + 1) if n >= d}
    assert bits.lower(as_bits(members), least, least + more) == as_bits(low)


@given(
    st.lists(st.integers(1, 40), max_size=8),
    st.integers(-20, 50),
    st.integers(0, 40),
    st.sampled_from([1, 4, 7]),
)
def test_starts_are_those_whose_stretch_is_free(
    gaps: list[int], offset: int, minutes: int, grid: int
) -> None:
    marks = [sum(gaps[: n + 1]) for n in range(len(gaps))]
    free = tuple(zip(marks[::2], marks[1::2], strict=False))
    most = 200 // grid
    found = set(bits.each(bits.starts(free, offset, minutes, grid, most)))
    assert found == {
        tick
        for tick in range(most + 1)
        if any(low <= tick * grid + offset and tick * grid + offset + minutes <= high for low, high in free)
    }

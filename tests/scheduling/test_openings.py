"""When a stretch is free, against the plain meaning of the words."""

from hypothesis import given
from hypothesis import strategies as st

from coordinator.scheduling import bits, remainder
from coordinator.scheduling.openings import Openings

MINUTES = 400


@st.composite
def free_times(draw: st.DrawFn) -> tuple[tuple[int, int], ...]:
    edges = sorted(draw(st.sets(st.integers(-20, MINUTES + 20), max_size=12)))
    return tuple(zip(edges[::2], edges[1::2], strict=False))


@given(free_times(), st.integers(-30, 60), st.integers(1, 90), st.sampled_from((1, 5, 15)))
def test_a_start_is_one_whose_stretch_lies_in_one_free_interval(
    free: tuple[tuple[int, int], ...], offset: int, minutes: int, grid: int
) -> None:
    most = MINUTES // grid
    found = Openings(grid, MINUTES).starts("a", free, offset, minutes, most)
    inside = [(max(a, 0), min(b, MINUTES)) for a, b in free]
    for tick in range(most + 1):
        begin = tick * grid + offset
        fits = any(low <= begin and begin + minutes <= high for low, high in inside)
        assert bool(found >> tick & 1) == fits
    assert bits.last(found | 1) <= most


def test_what_is_known_up_to_one_tick_serves_for_earlier_ones() -> None:
    openings, free = Openings(5, MINUTES), ((0, 100), (200, 300))
    later = openings.starts("a", free, 0, 30, 70)
    assert openings.starts("a", free, 0, 30, 20) == later & bits.span(0, 20)


def test_a_resource_with_other_times_is_looked_up_anew() -> None:
    openings = Openings(5, MINUTES)
    assert openings.starts("a", ((0, 100),), 0, 30, 70)
    assert openings.without(["a"]).starts("a", (), 0, 30, 70) == 0


@given(
    free_times(), st.lists(free_times(), max_size=3), st.integers(-30, 60), st.integers(1, 90), st.booleans()
)
def test_what_is_taken_bit_by_bit_is_taken(
    free: tuple[tuple[int, int], ...],
    taken: list[tuple[tuple[int, int], ...]],
    offset: int,
    minutes: int,
    between: bool,
) -> None:
    openings = Openings(5, MINUTES)
    before = openings.starts("a", free, offset, minutes, 70)
    left = free
    for spans in taken:
        openings, left = openings.less({"a": spans}), remainder.less(left, spans)
        if between:
            openings.starts("a", left, offset, minutes, 70)
    fresh = Openings(5, MINUTES).starts("a", left, offset, minutes, 70)
    assert openings.starts("a", left, offset, minutes, 70) == fresh
    assert fresh & ~before == 0

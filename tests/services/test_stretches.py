"""The algebra of stretches, held against sets of minutes."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from coordinator.services.stretches import Stretch, common, joined, without

stretch = st.tuples(st.integers(0, 40), st.integers(0, 40))
some = st.lists(stretch, max_size=8)


def minutes(stretches: list[Stretch]) -> set[int]:
    return {minute for begin, end in stretches for minute in range(begin, end)}


@given(some)
def test_joined_stretches_are_sorted_apart_and_the_same_time(given: list[Stretch]) -> None:
    made = joined(given)
    assert minutes(made) == minutes(given)
    assert all(begin < end for begin, end in made)
    assert all(one[1] < other[0] for one, other in pairwise(made))


@given(some, some)
def test_taking_away(one: list[Stretch], other: list[Stretch]) -> None:
    assert minutes(without(one, other)) == minutes(one) - minutes(other)


@given(some, some)
def test_what_is_common(one: list[Stretch], other: list[Stretch]) -> None:
    assert minutes(common(one, other)) == minutes(one) & minutes(other)

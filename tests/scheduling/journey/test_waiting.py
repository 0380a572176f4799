"""What waiting does to costs, against going through every tick."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coordinator.scheduling.journey.crews import INFINITE
from coordinator.scheduling.journey.waiting import after, ended, kept

COSTS = st.lists(st.sampled_from([0.0, 1.0, 5.0, 40.0, INFINITE]), min_size=1, max_size=24)


@given(costs=COSTS, least=st.integers(0, 9), wider=st.integers(-1, 30), each=st.integers(0, 4))
def test_a_gap_is_kept_at_the_least_cost(costs: list[float], least: int, wider: int, each: int) -> None:
    found = kept(np.array([costs], np.float32), least, least + wider, each)[0]
    for tick, cost in enumerate(found):
        gaps = range(least, min(least + wider, tick - 1) + 1)
        assert cost == min((costs[tick - 1 - gap] + gap * each for gap in gaps), default=INFINITE)


@given(costs=COSTS, each=st.integers(0, 4))
def test_waiting_is_paid_by_the_tick(costs: list[float], each: int) -> None:
    found = after(np.array([costs], np.float32), each)[0]
    for tick, cost in enumerate(found):
        waits = ((costs[since], tick - 1 - since) for since in range(tick))
        assert cost == min((paid + ticks * each for paid, ticks in waits), default=INFINITE)


def test_nothing_comes_over_midnight() -> None:
    layer = np.array([[1.0, 2.0, 3.0]])
    assert ended(None, layer, 2).tolist() == [[INFINITE, 1.0, 2.0]]
    assert ended(layer, layer, 2).tolist() == [[INFINITE, 2.0, 4.0]]
    assert ended(None, layer, 4).tolist() == [[INFINITE] * 3]

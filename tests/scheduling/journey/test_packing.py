"""Steps on one date, against trying every order and every start."""

from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.scheduling.journey.modes import Ways
from coordinator.scheduling.journey.order import Order
from coordinator.scheduling.journey.packing import BLOCK, Packing
from coordinator.scheduling.site import Site
from tests.scheduling.clinic import DAY, a_problem, link, phase, plan, resource, step


def packing_of(problem: Any) -> Packing:
    site = Site(problem, problem.plans[0], "north")
    return Packing(site, Order(site.plan, site.grid), Ways(site), np.float64)


def least(packing: Packing, keys: list[str]) -> dict[int, float]:
    if not all(packing.ways_of(key) for key in keys):
        return {}
    done = sum(1 << packing.ways_of(key)[0] for key in keys)
    costs = np.concatenate([packing.least(done, block) for block in range(packing.blocks)])
    return {day: float(cost) for day, cost in enumerate(costs) if np.isfinite(cost)}


def by_trying(packing: Packing, keys: list[str], before: set[tuple[str, str]], most: int) -> dict[int, float]:
    """The least waiting on each date, over all orders: begin each step as soon as it can, from every first start."""
    site, found = packing.site, {}
    for day, (low, high) in enumerate(site.day_ticks):
        for order in permutations(keys):
            if any(order.index(one) > order.index(other) for one, other in before):
                continue
            for first in range(low, high + 1):
                tick = first
                for key in order:
                    while tick <= high and not site.domains[key] >> tick & 1:
                        tick += 1
                    tick += site.steps[key].minutes // site.grid
                    if key == order[0] and tick - site.steps[key].minutes // site.grid != first:
                        tick = high + 2
                work = sum(site.steps[key].minutes for key in keys)
                span = (tick - first) * site.grid
                if tick <= high + 1 and span <= most:
                    found[day] = min(found.get(day, 10**9), float(span - work))
    return found


@st.composite
def clinics(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[dict[str, Any]], set[tuple[str, str]], int]:
    count = draw(st.integers(2, 3))
    resources, steps = [], []
    for number in range(count):
        edges = sorted(draw(st.sets(st.integers(17, 36), min_size=2, max_size=6)))
        free = [[day * DAY + 30 * a, day * DAY + 30 * b] for day in (0, 1, 3)
                for a, b in zip(edges[::2], edges[1::2], strict=False)]  # fmt: skip
        resources.append(resource(f"r{number}", f"c{number}", free=free))
        steps.append(step(f"s{number}", phase(30 * draw(st.integers(1, 3)), f"c{number}")))
    before = {("s0", "s1")} if draw(st.booleans()) else set()
    return resources, steps, before, draw(st.sampled_from((180, 300, 10_000)))


@settings(deadline=None, max_examples=60)
@given(clinics())
def test_the_least_waiting_is_that_of_the_best_order(
    made: tuple[list[dict[str, Any]], list[dict[str, Any]], set[tuple[str, str]], int],
) -> None:
    resources, steps, before, most = made
    links = [link(one, other) for one, other in before]
    problem = a_problem(plan(*steps, links=links, max_day_minutes=most), resources=resources)
    packing, keys = packing_of(problem), [each["id"] for each in steps]
    assert least(packing, keys) == by_trying(packing, keys, before, most)


def test_the_starts_cost_what_was_said() -> None:
    resources = [
        resource("a", "a", free=[[540, 600], [DAY + 600, DAY + 660]]),
        resource("b", "b", free=[[660, 720], [DAY + 660, DAY + 720]]),
    ]
    problem = a_problem(plan(step("one", phase(60, "a")), step("other", phase(60, "b"))), resources=resources)
    packing = packing_of(problem)
    assert least(packing, ["one", "other"]) == {0: 60, 1: 0}
    done = sum(1 << packing.ways_of(key)[0] for key in ("one", "other"))
    starts = packing.starts(done, 0)
    assert {key: tick * problem.grid for key, tick in starts.items()} == {"one": 540, "other": 660}


@pytest.mark.parametrize("days", [BLOCK, BLOCK + 1, 2 * BLOCK + 3])
def test_every_date_of_a_long_window_is_packed(days: int) -> None:
    free = [[day * DAY + 540, day * DAY + 600] for day in range(days)]
    problem = a_problem(plan(step("one", phase(60, "a"))), resources=[resource("a", "a", free=free)],
                        minutes=days * DAY)  # fmt: skip
    assert sorted(least(packing_of(problem), ["one"])) == list(range(days))

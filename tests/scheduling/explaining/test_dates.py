"""What is proven by dates and hours alone, without the search."""

import random
import time
from typing import Any

import pytest

from coordinator.scheduling.explaining import loose
from coordinator.scheduling.explaining.circles import Edge, find
from coordinator.scheduling.explaining.conflict import involved
from coordinator.scheduling.explaining.demands import Demands
from coordinator.scheduling.explaining.fitting import Fitting
from coordinator.scheduling.explaining.ground import Ground
from coordinator.scheduling.run import Run
from coordinator.scheduling.site import Site

from ..clinic import a_problem, link, phase, plan, resource, step

DOCTOR = resource("dr-a", "doctor")
HOUR = phase(60, "doctor")
A, B, C = (step(key, HOUR) for key in "abc")
LONG = phase(300, "doctor")


@pytest.mark.parametrize(
    ("made", "rests_on"),
    [
        (plan(A, B, C, links=[link("a", "b", days=[2, 4]), link("b", "c", days=[2, 4]), link("a", "c", days=[0, 3])]),
         {"link"}),
        (plan(A, B, C, links=[link("a", "c", minutes=[0, 30]), link("a", "b"), link("b", "c")]), {"link"}),
        (plan(step("a", LONG), step("b", LONG), links=[link("a", "b", days=[0, 0])]), {"link", "resources"}),
        (plan(step("a", LONG), step("b", LONG), links=[link("a", "b")], same_day=[["a", "b"]]),
         {"link", "same-day", "resources"}),
        (plan(A, B, links=[link("a", "b", days=[0, 0])], not_same_day=[["a", "b"]]), {"link", "not-same-day"}),
        (plan(A, max_day_minutes=30), {"day-length"}),
    ],
)  # fmt: skip
def test_dates_alone_prove_it(made: dict[str, Any], rests_on: set[str]) -> None:
    problem = a_problem(made, resources=[DOCTOR])
    demands = Demands(problem.plans[0])
    clash = Fitting(problem, demands.plan, Run(until=time.monotonic() + 60)).clash(demands.plan)
    assert clash is not None
    assert rests_on <= {each.rule for each in involved(demands, demands.all, clash)}


def test_later_is_later_on_the_same_date() -> None:
    problem = a_problem(plan(A), resources=[DOCTOR])
    ground, rnd = Ground(Site(problem, problem.plans[0], "north")), random.Random(1)
    days = [(low, high) for low, high in ground.site.day_ticks if low <= high]
    for share in (0.0, 0.01, 0.1, 0.5):
        for _ in range(50):
            some = sum(
                1 << tick for low, high in days for tick in range(low, high + 1) if rnd.random() < share
            )
            told = {
                tick
                for low, high in days
                for tick in range(low, high + 1)
                if any(some >> each & 1 for each in range(low, tick + 1))
            }
            assert ground.later(some) == sum(1 << tick for tick in told)


def test_rules_that_leave_room_make_no_circle() -> None:
    room = [Edge("a", "b", 2, (("link", 0),)), Edge("b", "a", -2, (("link", 0),))]
    assert find(room, "ab") is None
    assert find(room, "ab", grid=3) is not None
    clash = find([*room, Edge("a", "c", 0, (("link", 1),)), Edge("b", "a", -1, (("link", 2),))], "abc")
    assert clash is not None
    assert clash.sources == {("link", 0), ("link", 2)}


def test_only_steps_of_which_nothing_is_asked_are_loose() -> None:
    free = step("free", phase(30))
    problem = a_problem(plan(A, free, step("late", phase(30), windows=[[0, 60]])), resources=[DOCTOR])
    made = problem.plans[0]
    assert loose.keys(made) == {"free"}
    assert [each.key for each in loose.without(problem, made).steps] == ["a", "late"]
    crowded = a_problem(
        plan(A, step("free", phase(30)), step("long", phase(5000))), resources=[DOCTOR]
    ).plans[0]
    assert loose.without(problem, crowded) == crowded

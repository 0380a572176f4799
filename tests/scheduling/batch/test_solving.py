"""Many plans at once: nothing twice, a bound that is true, and what the caller hears."""

import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

import pytest

from coordinator.scheduling import engine, rules
from coordinator.scheduling.batch import solving
from coordinator.scheduling.batch.schedule import Schedule
from coordinator.scheduling.batch.solving import Progress
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.run import Run
from tests.scheduling.clinic import a_problem, free, link, phase, plan, resource, step

FOREVER = Run(until=float("inf"))


def a_run(work: float, **more: Any) -> Run:
    """A run that ends after so much work, whatever the clock says."""
    return Run(until=float("inf"), most=work, **more)


def a_batch(count: int, doctors: int = 2, **more: Any) -> Problem:
    """Plans of an exam and a talk some days later, and few doctors for all of them."""
    resources = [resource(f"doctor-{n}", "doctor", free=free(0, 1, 2, 3, end=720)) for n in range(doctors)]
    steps = [step("exam", phase(60, "doctor")), step("talk", phase(30, "doctor"))]
    plans = [plan(*steps, links=[link("exam", "talk", days=[1, 2])], **more) | {"id": f"plan-{number}"}
             for number in range(count)]  # fmt: skip
    return a_problem(*plans, resources=resources)


@pytest.mark.parametrize("count", [2, 3, 5, 8])
def test_nothing_is_used_twice_and_no_bound_is_above_the_total(count: int) -> None:
    problem = a_batch(count)
    found = engine.solve(problem, seconds=2)
    placed = [each for each in found.plans if each.proposal is not None]
    assert not list(rules.violations(problem, *(each.proposal for each in placed if each.proposal)))
    total = sum(each.cost or 0 for each in placed) + problem.weights.unplaced * (count - len(placed))
    assert found.bound is not None
    assert found.bound <= total
    assert all((each.status == "optimal") == (found.bound == total) for each in placed)


def test_a_slow_machine_finds_what_a_fast_one_does() -> None:
    problem = a_batch(9)

    def slow() -> bool:
        time.sleep(0.0005)
        return False

    def found(run: Run) -> object:
        return solving.solve(problem, run, explain=False)

    assert found(a_run(3_000)) == found(a_run(3_000, cancelled=slow))


def test_counted_work_comes_to_an_end_without_a_clock() -> None:
    run = a_run(2_000)
    solving.solve(a_batch(12, doctors=1), run, explain=False)
    assert run.over
    assert run.work.done < 2 * run.most


def test_the_order_in_which_names_are_hashed_says_nothing() -> None:
    asked = (
        "from tests.scheduling.batch.test_solving import a_batch, a_run, solving;"
        "print(solving.solve(a_batch(9), a_run(3_000), explain=False))"
    )
    told = {
        subprocess.run([sys.executable, "-c", asked], env=os.environ | {"PYTHONHASHSEED": seed},
                       capture_output=True, check=True, text=True).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(told) == 1


def test_every_plan_is_placed_where_there_is_room() -> None:
    assert all(each.placed for each in engine.solve(a_batch(8), seconds=2).plans)


def test_a_plan_that_cannot_be_placed_alone_is_named_with_its_reasons() -> None:
    problem = a_batch(5)
    never = plan(step("scan", phase(60, "radiographer"))) | {"id": "never"}
    resources = [resource(f"doctor-{n}", "doctor") for n in range(2)]
    steps = [step("exam", phase(60, "doctor"))]
    problem = a_problem(*(plan(*steps) | {"id": f"plan-{n}"} for n in range(4)), never, resources=resources)
    found = engine.solve(problem, seconds=2).plan("never")
    assert found.status == "infeasible"
    assert [each.rule for each in found.why] == ["no-resource"]


def test_the_caller_hears_of_the_first_whole_schedule_and_of_better_ones() -> None:
    heard: list[Progress] = []
    problem = a_batch(6)
    found = engine.solve(problem, seconds=2, told=heard.append)
    assert heard[0].placed == 6
    assert [each.total for each in heard] == sorted((each.total for each in heard), reverse=True)
    assert [each.bound for each in heard] == sorted(each.bound for each in heard)
    assert heard[-1].total == sum(each.cost or 0 for each in found.plans)


def test_who_cancels_a_batch_gets_what_there_is() -> None:
    found = engine.solve(a_batch(6), seconds=60, cancelled=lambda: True)
    assert found.seconds < 30
    assert {each.status for each in found.plans} <= {"feasible", "optimal", "unknown"}


def test_the_same_seed_gives_the_same_schedule() -> None:
    one, other = (engine.solve(a_batch(4), seconds=1, seed=7) for _ in range(2))
    assert [each.proposal for each in one.plans] == [each.proposal for each in other.plans]


def test_what_is_taken_out_of_a_schedule_is_free_again() -> None:
    problem = a_batch(5)
    schedule = Schedule.empty(problem)
    for key in problem.plan:
        schedule = schedule.soon(key, FOREVER)
    emptied = schedule.without(list(schedule.placed))
    assert emptied.total == Schedule.empty(problem).total
    assert [each.free for each in emptied.left.resources] == [each.free for each in problem.resources]


def test_plans_hold_what_they_have_booked_until_they_are_placed() -> None:
    problem = a_batch(1)
    kept = engine.solve(problem, seconds=2).plans[0].proposal
    assert kept is not None
    booked = {
        key: {"start": each.start, "uses": [list(row) for row in each.uses]}
        for key, each in kept.steps.items()
    }
    both = a_problem(
        plan(*[step("exam", phase(60, "doctor")), step("talk", phase(30, "doctor"))],
             links=[link("exam", "talk", days=[1, 2])], booked=booked, booked_location="north") | {"id": "plan-0"},
        plan(step("other", phase(60, "doctor"))) | {"id": "second"},
        resources=[resource("doctor-0", "doctor", free=free(0, 1, 2, 3, end=720))],
    )  # fmt: skip
    schedule = Schedule.empty(both).soon("second", FOREVER)
    assert not list(rules.violations(both, kept, schedule.placed["second"].proposal))
    assert schedule.soon("plan-0", FOREVER).placed["plan-0"].proposal.steps == kept.steps


def two_locations(count: int) -> Problem:
    """Plans that could go to either of two locations with a doctor each."""
    resources = [resource(f"doctor-{place}", "doctor", at=place) for place in ("north", "south")]
    steps = [step("exam", phase(60, "doctor")), step("talk", phase(30, "doctor"))]
    plans = [
        plan(*steps, links=[link("exam", "talk", days=[1, 2])])
        | {"id": f"plan-{number}", "locations": ["north", "south"][:: 1 if number % 2 else -1]}
        for number in range(count)
    ]
    return a_problem(*plans, resources=resources)


def test_locations_are_filled_at_once_on_an_executor() -> None:
    problem = two_locations(8)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        spread = engine.solve(problem, seconds=4, executor=executor)
    assert all(each.placed for each in spread.plans)
    assert not list(rules.violations(problem, *(each.proposal for each in spread.plans if each.proposal)))
    assert {each.proposal.location for each in spread.plans if each.proposal} == {"north", "south"}
    assert sum(each.cost or 0 for each in spread.plans) <= sum(
        each.cost or 0 for each in engine.solve(problem, seconds=2).plans
    )

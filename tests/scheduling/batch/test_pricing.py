"""Prices for what is short: the search pays them, the bound that they give is true, and names come out."""

import os
import random
from typing import Any

from coordinator.scheduling import engine, problem_file, rules, search
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.batch.crowds import Crowds, Shared
from coordinator.scheduling.batch.naming import Naming
from coordinator.scheduling.journey.modes import Use
from coordinator.scheduling.journey.tolls import Tolls
from coordinator.scheduling.problem import Placement, Problem
from coordinator.scheduling.run import Run
from tests.scheduling import exhaustive
from tests.scheduling.clinic import a_problem, free, link, phase, plan, resource, step
from tests.scheduling.tiny import a_tiny_file

FOREVER = Run(until=float("inf"))
MOST = 20_000  # combinations of placements that are tried
SEEDS = 800 * int(os.environ.get("COORDINATOR_MORE", "1"))


def tolls_by_chance(problem: Problem, seed: int) -> Tolls:
    """Prices for some things, one or two together, at some ticks."""
    draw, ticks = random.Random(seed), problem.minutes // problem.grid + 1
    things = sorted({each.thing for each in problem.resources})
    sets = [frozenset(draw.sample(things, min(len(things), draw.choice((1, 1, 2))))) for _ in range(4)]
    return Tolls(
        {each: {draw.randrange(ticks): draw.choice((10, 40, 200)) for _ in range(3)} for each in sets}, ticks
    )


def a_plain_file(seed: str) -> dict[str, Any]:
    """A tiny file without most of what the search from date to date leaves to the solver."""
    made = a_tiny_file(seed)
    for each in made["plans"]:
        each.pop("max_day_minutes", None)
        each["links"] = [one | {"minutes": [0, None]} for one in each["links"]]
        for part in (part for one in each["steps"] for part in one["phases"]):
            part["patient"] = True
            part["needs"] = [{"all": one["all"][:1]} for one in part["needs"][:2]]
    return made


def test_with_tolls_the_best_proposal_is_the_best_of_all() -> None:
    searched = 0
    for seed in range(SEEDS):
        problem = problem_file.from_json(a_plain_file(f"tolled/{seed}"))
        (only,) = problem.plans
        prospects = search.Prospects(problem, only)
        if only.max_day_minutes is not None or not all(prospects[each].plain for each in only.locations):
            continue
        tolls = tolls_by_chance(problem, seed)
        try:
            ways = list(exhaustive.priced(problem, only, MOST))
        except exhaustive.TooMany:
            continue
        paid = [
            cost + tolls.of(prospects[each.location].uses(each)) for cost, each in ways if each is not None
        ]
        found = search.best(prospects.tolled(tolls), FOREVER)
        if found.done:
            searched += 1
            assert found.cost == min(paid, default=None), seed
        else:
            assert found.bound <= min(paid, default=found.bound), seed
    assert searched > SEEDS // 25


def a_morning(count: int, doctors: int, **more: object) -> Problem:
    """Plans of an exam and a talk on the next day, and doctors who have the first two mornings."""
    steps = [step("exam", phase(60, "doctor")), step("talk", phase(30, "doctor"))]
    plans = [plan(*steps, links=[link("exam", "talk", days=[1, 3])], **more) | {"id": f"plan-{number}"}
             for number in range(count)]  # fmt: skip
    hours = free(0, 1, end=660) + free(3, end=720)
    return a_problem(
        *plans, resources=[resource(f"doctor-{n}", "doctor", free=hours) for n in range(doctors)]
    )


def test_what_one_has_and_the_other_must_wait_for_is_proven() -> None:
    """Alone each plan would be over on the second day; together one of them has to wait."""
    problem = a_morning(3, 1)
    found = engine.solve(problem, seconds=20)
    assert {each.status for each in found.plans} == {"optimal"}
    assert found.bound == exhaustive.least_of_all(problem)


def test_who_waits_for_nothing_pays_no_toll() -> None:
    problem = a_morning(1, 2)
    ticks = problem.minutes // problem.grid + 1
    first, both = frozenset([("id", "doctor-0")]), frozenset([("id", "doctor-0"), ("id", "doctor-1")])
    dear = dict.fromkeys(range(ticks), 7)
    prospects = search.Prospects(problem, problem.plans[0])
    plain = search.best(prospects, FOREVER)
    assert search.best(prospects.tolled(Tolls({first: dear}, ticks)), FOREVER).cost == plain.cost
    assert (
        search.best(prospects.tolled(Tolls({both: dear}, ticks)), FOREVER).cost == (plain.cost or 0) + 3 * 7
    )


def test_a_crowd_is_named_once_for_each_stretch_that_is_too_full() -> None:
    problem = a_morning(1, 1)
    doctor, first = frozenset([("id", "doctor-0")]), 540 // problem.grid
    wanted = [
        Shared(0.6, (Use(doctor, first, first + 2),)),
        Shared(0.5, (Use(doctor, first + 1, first + 3),)),
    ]
    assert Crowds(problem).overfull(wanted) == [(doctor, first + 1)]
    assert not Crowds(problem).overfull(wanted[:1])
    assert Crowds(problem).overfull([Shared(1.0, (Use(doctor, 0, 1),))]) == [(doctor, 0)]


def both_with(doctor: str, problem: Problem) -> list[Proposal]:
    """Two plans at the same times with the same doctor."""
    steps = {key: Placement(start=start, uses=((doctor,),)) for key, start in (("exam", 540), ("talk", 1980))}
    return [Proposal(plan=each.key, location="north", steps=steps) for each in problem.plans]


def named(problem: Problem, proposals: list[Proposal]) -> list[Proposal] | None:
    """The same with names that do not clash."""
    windows = [search.Prospects(problem, problem.plan[each.plan])["north"].window for each in proposals]
    return Naming(zip((window.ways for window in windows), proposals, strict=True)).find(FOREVER)


def test_two_who_have_the_same_doctor_at_once_get_two() -> None:
    problem = a_morning(2, 2)
    found = named(problem, both_with("doctor-0", problem))
    assert found is not None
    assert not list(rules.violations(problem, *found))
    assert [each.steps["exam"].start for each in found] == [540, 540]


def test_there_are_no_names_where_there_is_one_doctor() -> None:
    problem = a_morning(2, 1)
    assert named(problem, both_with("doctor-0", problem)) is None


def test_who_is_liked_stays_with_those_who_like_him() -> None:
    problem = a_morning(2, 2)
    steps = [step("exam", phase(60, "doctor"), prefer=["doctor-0"]), step("talk", phase(30, "doctor"))]
    other = a_problem(
        plan(*steps, links=[link("exam", "talk", days=[1, 3])]) | {"id": "plan-0"},
        plan(step("exam", phase(60, "doctor")), step("talk", phase(30, "doctor"))) | {"id": "plan-1"},
        resources=[resource(f"doctor-{n}", "doctor", free=free(0, 1)) for n in range(2)],
    )
    found = named(other, both_with("doctor-0", problem))
    assert found is not None
    assert found[0].steps["exam"].uses == (("doctor-0",),)
    assert found[1].steps["exam"].uses == (("doctor-1",),)

from itertools import pairwise
from typing import Any

import pytest

from coordinator.scheduling import bits, engine, rules
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.site import Site
from coordinator.scheduling.solver import order, serving
from coordinator.scheduling.solver.prospect import Prospect

from .clinic import a_problem, free, link, phase, plan, resource, step

KEYS = ("a", "b", "c")


def series(*, same: bool, **more: Any) -> dict[str, Any]:
    """A plan of three steps by one doctor, on three dates."""
    steps = [step(key, phase(60, "doctor")) for key in KEYS]
    links = [link(one, other, days=[1, 3]) for one, other in pairwise(KEYS)]
    return (
        plan(*steps, links=links, series=[{"steps": list(KEYS), "capability": "doctor", "same": same}]) | more
    )


def site(problem: Problem) -> Site:
    return Site(problem, problem.plans[0], "north")


def doctors(**days: tuple[int, ...]) -> list[dict[str, Any]]:
    return [resource(key, "doctor", free=free(*dates)) for key, dates in days.items()]


def test_visits_are_counted_along_the_longest_chain_whatever_comes_first() -> None:
    steps = [step(key, phase(30, "doctor")) for key in ("side", *KEYS)]
    links = [link(one, other, days=[1, 9]) for one, other in pairwise(KEYS)]
    made = a_problem(plan(*steps, links=links), resources=doctors(one=(0, 1, 2, 3)))
    assert order.Dates(site(made)).visits_at_least(site(made)) == 3


def test_no_fewer_visits_than_dates_apart_are_looked_for() -> None:
    prospect = Prospect(site(a_problem(series(same=False), resources=doctors(one=(0, 1, 2, 3)))))
    assert prospect.end(Limits(visits_most=2)) < prospect.finish <= prospect.end(Limits(visits_most=3))
    assert prospect.end(Limits(below=prospect.bound)) < prospect.finish


@pytest.mark.parametrize("same", [True, False])
def test_each_way_to_serve_a_series_bars_everyone_else(same: bool) -> None:
    made = site(a_problem(series(same=same), resources=doctors(one=(0, 1, 2), two=(1, 2, 3))))
    ways = serving.by_one_each(made, same=same)
    assert ways == [[(key, {other}) for key in KEYS] for other in ("two", "one")]
    alone = made.without(ways[0], made.domains)
    assert {name for key in KEYS for role in alone.roles[key] for name in role.starts} == {"one"}
    assert bits.last(alone.domains["a"]) < bits.last(made.domains["a"])
    assert serving.by_one_each(made, same=not same) == []


@pytest.mark.parametrize(
    ("same", "price", "finish", "served"),
    [(True, 150, 3, 1), (False, 150, 3, 1), (False, 50, 2, 2), (False, 0, 2, 2)],
)
def test_one_for_a_series_is_weighed_against_waiting(
    same: bool, price: int, finish: int, served: int
) -> None:
    weights = {"finish_day": 100, "visit_day": 300, "continuity": price}
    team = doctors(one=(0, 2), two=(1, 2, 3))
    (found,) = engine.solve(a_problem(series(same=same), resources=team, weights=weights)).plans
    assert found.proposal is not None
    cost = rules.cost(a_problem(series(same=same), resources=team, weights=weights), found.proposal)
    assert (found.status, cost.finish_day, cost.continuity + 1) == ("optimal", finish, served)

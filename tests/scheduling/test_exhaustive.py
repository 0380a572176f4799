"""The engine's answers to tiny problems beside everything tried; ``COORDINATOR_MORE=10`` takes ten times as many."""

import os

import pytest

from coordinator.scheduling import engine, problem_file, rules
from coordinator.scheduling.problem import Problem

from . import exhaustive
from .tiny import a_tiny_file

MORE = int(os.environ.get("COORDINATOR_MORE", "1"))
BLOCK = 40
"""Problems of one test."""

MOST = 40_000
"""Combinations of placements that are tried; what has more is left out."""


@pytest.mark.parametrize("block", range(6 * MORE))
def test_one_plan_has_the_best_answer_of_all(block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        problem = problem_file.from_json(a_tiny_file(f"one/{seed}"))
        try:
            best = exhaustive.least(problem, MOST)
        except exhaustive.TooMany:
            continue
        (found,) = engine.solve(problem, reasons=False).plans
        assert (found.status, found.cost) == ("infeasible" if best is None else "optimal", best), (
            f"one/{seed}"
        )


@pytest.mark.parametrize("block", range(3 * MORE))
def test_no_total_of_two_plans_is_below_the_bound_or_the_best(block: int) -> None:
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        problem = problem_file.from_json(a_tiny_file(f"two/{seed}", plans=2, most=2))
        try:
            best = exhaustive.least_of_all(problem, MOST)
        except exhaustive.TooMany:
            continue
        assert_batch(problem, best, f"two/{seed}")


def assert_batch(problem: Problem, best: int, seed: str) -> None:
    """Two plans' total is no better than the best, equal where it is called optimal, and not below its bound."""
    found = engine.solve(problem, seconds=2, reasons=False)
    placed = [each.proposal for each in found.plans if each.proposal is not None]
    assert not list(rules.violations(problem, *placed)), seed
    left_out = problem.weights.unplaced * (len(problem.plans) - len(placed))
    total = sum(rules.cost(problem, each).total for each in placed) + left_out
    assert (found.bound or 0) <= best <= total, seed
    assert total == best or all(each.status != "optimal" for each in found.plans), seed

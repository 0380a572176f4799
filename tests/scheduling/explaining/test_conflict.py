"""The reasons are a smallest set: together they cannot be kept, and without any one of them they can."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from coordinator.scheduling import engine, problem_file, rules
from coordinator.scheduling.explaining import conflict
from coordinator.scheduling.explaining.demands import Demand, Demands
from coordinator.scheduling.explaining.fitting import Fitting
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.run import Run

from . import clinics


def alone(made: clinics.Made) -> Iterator[Problem]:
    """Each plan of a problem by itself, if it cannot be placed."""
    problem = problem_file.from_json(made)
    for plan in problem.plans:
        by_itself = replace(problem, plans=(plan,))
        if engine.solve(by_itself, reasons=False).plans[0].status == "infeasible":
            yield by_itself


def hold(problem: Problem, *, soon: bool = False) -> None:
    """Hold a set of reasons against the search itself, or (``soon``) against any proposal that keeps the rules."""
    plan = problem.plans[0]
    demands, fitting = Demands(plan), Fitting(problem, plan, Run(until=time.monotonic() + 60))
    found = conflict.smallest(demands, fitting)

    def placed(kept: list[Demand]) -> bool:
        relaxed = fitting.with_plan(demands.keep(kept))
        proposal = fitting.witness(relaxed.plans[0], fitting.left(relaxed.plans[0])) if soon else None
        if proposal is not None:
            return not any(rules.violations(relaxed, proposal))
        return engine.solve(relaxed, seconds=60, reasons=False).plans[0].placed

    assert found is not None
    assert not placed(found)
    for demand in found:
        assert placed([each for each in found if each is not demand]), demand


@pytest.mark.parametrize(("shape", "seed"), clinics.ODD)
def test_no_reason_of_an_odd_clinic_is_too_much(shape: str, seed: int) -> None:
    for problem in alone(clinics.odd(shape, seed)):
        hold(problem)


@pytest.mark.parametrize("name", clinics.IMPOSSIBLE)
def test_no_reason_of_a_whole_clinic_is_too_much(name: str) -> None:
    (problem,) = alone(clinics.IMPOSSIBLE[name]())
    hold(problem, soon=True)

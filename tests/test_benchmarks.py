"""The benchmarks measure what they say: clinics that can be read, a textbook model that agrees, a table."""

import json

import pytest
from rich.console import Console

from benchmarks.engine import clinics, plans, textbook
from benchmarks.engine.__main__ import table
from benchmarks.engine.rows import ROWS, Bench, Row
from benchmarks.engine.sources import Own
from coordinator.scheduling import engine, problem_file


@pytest.mark.parametrize("shape", plans.SHAPES)
def test_a_clinic_is_a_problem_file_and_always_the_same(shape: str) -> None:
    made = clinics.make(3, shape, days=28, plans=2)
    problem = problem_file.from_json(json.loads(json.dumps(made)))
    assert len(problem.plans) == 2
    assert made == clinics.make(3, shape, days=28, plans=2)
    assert made != clinics.make(4, shape, days=28, plans=2)


def test_about_as_much_is_booked_as_was_asked_for() -> None:
    made = clinics.make(1, days=84, load=0.8)
    free = sum(b - a for each in made["resources"] if "nurse" in each["id"] for a, b in each["free"])
    staff = sum("nurse" in each["id"] for each in made["resources"])
    assert 0.1 < free / (staff * 12 * 4 * 480) < 0.3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "days", "load"), [("assessment", 10, 0.6), ("random", 21, 0.3), ("injection", 56, 0.2)]
)
def test_the_textbook_model_agrees(shape: str, days: int, load: float) -> None:
    problem = problem_file.from_json(clinics.make(2, shape, days=days, load=load))
    theirs = textbook.solve(problem, seconds=20)
    ours = engine.solve(problem, seconds=20, reasons=False).plans[0]
    if theirs.proven:
        assert ours.cost == theirs.cost
    elif theirs.cost is not None:
        assert ours.cost is not None
        assert ours.cost <= theirs.cost


def test_an_infeasible_programme_is_one() -> None:
    found = engine.solve(problem_file.from_json(clinics.infeasible(1, days=70)), seconds=20)
    assert found.plans[0].status == "infeasible"
    assert found.plans[0].why


def test_rows_come_as_a_table() -> None:
    console = Console(width=120, record=True)
    rows = list(ROWS["space"](Bench(Own(), [1], 1, None)))
    console.print(table([*rows, Row("programme", [1.0, 2.0, 9.0], "ms", "")]))
    assert "memory for one plan" in console.export_text()

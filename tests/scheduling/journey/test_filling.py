"""The resources for starts that are found."""

import pytest

from coordinator.scheduling import engine, search
from coordinator.scheduling.run import Run
from coordinator.scheduling.solver import searching
from tests.scheduling.clinic import WEIGHTS, a_problem, free, phase, plan, resource, step


def test_who_is_booked_stays_also_where_many_others_could_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two nurses of one step are booked the other way round than they are listed, among many other choices."""
    names = [
        *(f"nurse-{n}" for n in range(8)),
        *(f"bay-{n}" for n in range(8)),
        *(f"chair-{n}" for n in range(8)),
    ]
    steps = [step("block", phase(30, "nurse", "bay"), phase(30, "nurse", "chair"), phase(60, "bay", "chair"))]
    uses = [["nurse-7", "bay-3"], ["nurse-1", "chair-6"], ["bay-5", "chair-2"]]
    booked = {"block": {"start": 600, "uses": uses}}
    problem = a_problem(
        plan(*steps, booked=booked, booked_location="north"),
        resources=[resource(name, name.split("-")[0]) for name in names],
    )
    monkeypatch.setattr(searching, "best", lambda *_: pytest.fail("the solver need not be asked"))
    found = search.best(search.Prospects(problem, problem.plans[0]), Run(until=float("inf")))
    assert found.proposal is not None
    assert [list(row) for row in found.proposal.steps["block"].uses] == uses


def test_a_plan_of_short_days_keeps_what_it_has_where_moving_costs_nothing() -> None:
    """Modes of one price are one layer: the booked start is not lost beside all others."""
    booked = {"exam": {"start": 600, "uses": [["doctor-0"]]}}
    problem = a_problem(
        plan(step("exam", phase(30, "doctor")), booked=booked, booked_location="north", max_day_minutes=60),
        resources=[resource("doctor-0", "doctor", free=[[600, 630], *free(3)])],
        weights=WEIGHTS | {"moved": 0, "reassigned": 0},
    )
    (found,) = engine.solve(problem).plans
    assert found.status == "optimal"
    assert found.proposal is not None
    assert found.proposal.steps["exam"].start == 600

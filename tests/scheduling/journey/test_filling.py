"""The resources for starts that are found."""

import pytest

from coordinator.scheduling import search
from coordinator.scheduling.run import Run
from coordinator.scheduling.solver import searching
from tests.scheduling.clinic import a_problem, phase, plan, resource, step


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

"""Why not sooner, why not this day: reasons of the same kind as where nothing fits, or what it would cost."""

from datetime import date
from typing import Any

import pytest

from coordinator.scheduling import engine, problem_file, rules
from coordinator.scheduling.answer import Change, Proposal
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.why_not import WhyNot

from .clinic import DAY, a_problem, free, link, phase, plan, resource, step
from .explaining import clinics

DOCTOR = resource("dr-a", "doctor")
EXAM, TALK = step("exam", phase(60, "doctor")), step("talk", phase(60, "doctor"))


def placed(made: dict[str, Any], *resources: dict[str, Any]) -> tuple[Problem, Proposal]:
    """A problem with its best proposal."""
    problem = a_problem(made, resources=list(resources))
    proposal = engine.solve(problem).plans[0].proposal
    assert proposal is not None
    return problem, proposal


def texts(found: WhyNot) -> set[str]:
    assert found.alternative is None
    return {each.text for each in found.reasons}


def test_not_sooner_because_of_a_link() -> None:
    found = engine.why_not_sooner(
        *placed(plan(EXAM, TALK, links=[link("exam", "talk", days=[2, 3])]), DOCTOR)
    )
    assert texts(found) == {"talk has to follow exam by 2 to 3 days."}


def test_not_sooner_because_nobody_is_free() -> None:
    found = engine.why_not_sooner(*placed(plan(EXAM), resource("dr-a", "doctor", free=free(2))))
    assert texts(found) == {"No doctor is free for exam between 2 March 2026 and 3 March 2026 at north."}


def test_sooner_for_more_than_it_is_worth() -> None:
    made = plan(EXAM, EXAM | {"id": "other", "prefer": ["dr-b"]})
    liked = resource("dr-b", "doctor", free=free(1, 2))
    problem = a_problem(made, resources=[DOCTOR, liked], weights={"finish_day": 1, "preference": 50})
    first = engine.solve(problem).plans[0].proposal
    assert first is not None
    found = engine.why_not_sooner(problem, first).alternative
    assert found is not None
    assert (found.kind, found.better, found.worse) == (
        "sooner", (Change(what="finish_day", by=1),), (Change(what="preference", by=1),)
    )  # fmt: skip
    assert found.cost == found.bound == 50
    assert not list(rules.violations(problem, found.proposal))


def test_a_day_on_which_nobody_is_there() -> None:
    problem, first = placed(plan(EXAM), resource("dr-a", "doctor", free=free(0, 2)))
    found = engine.why_not_on(problem, first, "exam", date(2026, 3, 3))
    assert texts(found) == {"No doctor is free for exam on 3 March 2026 at north."}


def test_a_day_that_a_window_leaves_out() -> None:
    problem, first = placed(plan(EXAM | {"windows": [[0, DAY]]}), DOCTOR)
    found = engine.why_not_on(problem, first, "exam", date(2026, 3, 3))
    assert texts(found) == {"exam has to lie between 2 March 2026, 00:00 and 3 March 2026, 00:00."}


def test_another_day_and_what_it_would_cost() -> None:
    problem, first = placed(plan(EXAM), DOCTOR)
    found = engine.why_not_on(problem, first, "exam", date(2026, 3, 4)).alternative
    assert found is not None
    assert (found.better, found.worse) == ((), (Change(what="finish_day", by=2),))
    assert found.proposal.steps["exam"].start // DAY == 2


@pytest.mark.parametrize("seed", range(2, 8))
def test_what_is_told_of_an_odd_clinic_keeps_the_rules(seed: int) -> None:
    made = clinics.odd("hostile", seed)
    for each in made["plans"]:
        problem = problem_file.from_json(made | {"plans": [each]})
        best = engine.solve(problem, reasons=False).plans[0]
        if best.proposal is None or best.cost is None:
            continue
        found = engine.why_not_sooner(problem, best.proposal)
        assert bool(found.reasons) != (found.alternative is not None)
        if found.alternative is not None:
            assert not list(rules.violations(problem, found.alternative.proposal))
            assert found.alternative.cost >= best.cost
            assert "finish_day" in {part.what for part in found.alternative.better}


@pytest.mark.parametrize("day", [date(2026, 3, 1), date(2027, 3, 1)])
def test_a_day_outside_the_calendars(day: date) -> None:
    problem, first = placed(plan(EXAM), DOCTOR)
    (reason,) = engine.why_not_on(problem, first, "exam", day).reasons
    assert reason.rule == "no-time"
    assert "outside the calendars" in reason.text

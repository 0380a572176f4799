"""What is kept between the plans of a batch is what would be found anew."""

from dataclasses import replace

from coordinator.scheduling import engine, remainder, roles, rosters
from coordinator.scheduling.openings import Openings
from coordinator.scheduling.problem import Problem
from tests.scheduling.clinic import a_problem, need, phase, plan, resource, step


def found(problem: Problem) -> list[dict[str, int]]:
    """When each could fill each role of the first plan, as it is kept."""
    made = [rosters.kept(problem).of(problem, each, "north") for each in problem.plans[0].steps]
    assert all(role.anyone() == role.by(role.starts) for some in made for role in some)
    return [role.starts for some in made for role in some]


def anew(problem: Problem) -> list[dict[str, int]]:
    """The same without anything that is kept."""
    most, own = problem.minutes // problem.grid, problem.plans[0]
    fresh = Openings(problem.grid, problem.minutes)
    made = [roles.of_step(problem, own, each, "north", fresh, most) for each in own.steps]
    return [role.starts for some in made for role in some]


def test_what_is_kept_is_what_is_found_anew() -> None:
    resources = [resource("a", "doctor"), resource("b", "doctor", "nurse"), resource("room", "room"),
                 resource("other", "nurse", same_as="a")]  # fmt: skip
    steps = [
        step("exam", phase(60, "doctor", need("room", before=30, after=30))),
        step("talk", phase(30, need("doctor", label="who")), phase(30, need("doctor", label="who"), "room")),
        step("care", phase(60, "doctor", "nurse")),
    ]
    problem = a_problem(plan(*steps, patient="p"), resources=resources)
    problem.openings.far = problem.minutes // problem.grid
    assert found(problem) == anew(problem)
    proposal = engine.solve(problem, seconds=5).plans[0].proposal
    assert proposal is not None
    booked = remainder.after(problem, proposal)
    assert found(booked) == anew(booked) != anew(problem)
    assert found(problem) == anew(problem)
    again = remainder.before(booked, problem, proposal)
    assert found(again) == anew(again) == anew(problem)


def test_a_clinic_with_other_people_keeps_nothing() -> None:
    problem = a_problem(plan(step("exam", phase(60, "doctor"))), resources=[resource("a", "doctor")])
    problem.openings.far = problem.minutes // problem.grid
    assert [set(starts) for starts in found(problem)] == [{"a"}]
    other = replace(problem, resources=(replace(problem.resources[0], key="b"),))
    other.openings.far = problem.openings.far
    assert [set(starts) for starts in found(other)] == [{"b"}]

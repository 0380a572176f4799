import subprocess
import sys
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coordinator.scheduling import answer, engine, problem_file, rules
from coordinator.scheduling.problem import Problem

from . import exhaustive
from .clinic import DAY, a_file, a_problem, free, link, need, phase, plan, resource, step

ROOM, DOCTOR = resource("room", "room"), resource("dr-a", "doctor")


def best(problem: Problem, **options: Any) -> answer.PlanAnswer:
    """The only plan's answer, with the promises that hold for every answer."""
    (found,) = engine.solve(problem, **options).plans
    if found.proposal is not None:
        assert not list(rules.violations(problem, found.proposal))
        assert found.cost == rules.cost(problem, found.proposal).total
        assert found.bound is not None
        assert found.bound <= found.cost
        assert (found.status == "optimal") == (found.bound == found.cost)
    return found


@pytest.mark.parametrize(
    "loaded",
    ["from coordinator.scheduling import answer, engine, problem_file, rules", "import coordinator.app"],
)
def test_the_solver_is_loaded_by_a_search_only(loaded: str) -> None:
    asked = f"import sys; {loaded}; print('ortools' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


def test_cleaning_between_two_steps_in_the_only_room_is_waited_for() -> None:
    steps = [step(key, phase(60, need("room", after=30))) for key in ("one", "two")]
    found = best(a_problem(plan(*steps, same_day=[["one", "two"]]), resources=[ROOM]))
    assert found.cost == 300 + 30
    assert found.status == "optimal"


def test_with_a_second_room_nobody_waits() -> None:
    steps = [step(key, phase(60, need("room", after=30))) for key in ("one", "two")]
    found = best(a_problem(plan(*steps), resources=[ROOM, resource("room-2", "room")]))
    assert found.cost == 300


def test_a_conference_without_the_patient_may_run_beside_a_step_but_not_with_the_same_doctor() -> None:
    steps = [step("exam", phase(60, "doctor")), step("team", phase(60, "doctor", patient=False))]
    hours = free(0, end=600)
    alone = a_problem(plan(*steps), resources=[resource("dr-a", "doctor", free=hours)])
    assert best(alone).status == "infeasible"
    two = [resource(key, "doctor", free=hours) for key in ("dr-a", "dr-b")]
    assert best(a_problem(plan(*steps), resources=two)).cost == 300


def test_one_person_under_two_names_is_not_two_people() -> None:
    made = plan(step("both", phase(30, "doctor", "nurse")))
    names = [resource("as-doctor", "doctor", same_as="sam"), resource("as-nurse", "nurse", same_as="sam")]
    assert best(a_problem(made, resources=names)).status == "infeasible"
    assert best(a_problem(made, resources=[*names, resource("kim", "nurse")])).status == "optimal"


def test_all_steps_are_in_one_location() -> None:
    made = plan(step("a", phase(30, "doctor")), step("b", phase(30, "room")), locations=["north", "south"])
    scattered = [DOCTOR, resource("s-room", "room", at="south")]
    assert best(a_problem(made, resources=scattered)).status == "infeasible"
    found = best(a_problem(made, resources=[*scattered, resource("dr-s", "doctor", at="south")]))
    assert found.proposal is not None
    assert found.proposal.location == "south"


def test_a_pinned_step_stays_and_one_whose_resource_is_gone_cannot() -> None:
    pin = {"booked_location": "north", "pinned": ["a"]}
    stays = plan(
        step("a", phase(30, "doctor")), booked={"a": {"start": 2 * DAY + 600, "uses": [["dr-a"]]}}, **pin
    )
    found = best(a_problem(stays, resources=[DOCTOR]))
    assert found.proposal is not None
    assert found.proposal.steps["a"].start == 2 * DAY + 600
    gone = stays | {"booked": {"a": {"start": 600, "uses": [["dr-x"]]}}}
    assert best(a_problem(gone, resources=[DOCTOR])).status == "infeasible"


def test_a_day_is_a_date_of_the_location_also_when_the_clock_changes() -> None:
    made = plan(
        step("a", phase(60, "doctor")), step("b", phase(60, "doctor")), links=[link("a", "b", days=[1, 1])]
    )
    night = resource("dr-a", "doctor", free=[[20 * 60, 21 * 60], [22 * 60, 23 * 60], [46 * 60, 47 * 60]])
    places = [{"id": "north", "timezone": "Europe/Amsterdam"}, {"id": "south", "timezone": "UTC"}]
    problem = a_problem(made, resources=[night], locations=places, start="2026-03-28T00:00:00+00:00")
    found = best(problem)  # 28 March 21:00 and 23:00 are one date there, 30 March 00:00 is two dates later
    assert found.status == "infeasible"


def test_a_task_without_a_place_costs_nothing_and_keeps_its_links() -> None:
    made = plan(step("a", phase(60, "doctor")), step("call", windows=[[2 * DAY, 3 * DAY]]),
                links=[link("a", "call", days=[1, 2])])  # fmt: skip
    found = best(a_problem(made, resources=[DOCTOR]))
    assert found.cost == 300


def test_the_same_problem_and_seed_give_the_same_answer() -> None:
    steps = [step(key, phase(30, "doctor", "room")) for key in "abcd"]
    problem = a_problem(
        plan(*steps), resources=[DOCTOR, ROOM, resource("dr-b", "doctor"), resource("room-2", "room")]
    )
    assert best(problem).proposal == best(problem).proposal


def test_who_cancels_is_answered_all_the_same() -> None:
    found = engine.solve(
        a_problem(plan(step("a", phase(30, "doctor"))), resources=[DOCTOR]), cancelled=lambda: True
    )
    assert found.plans[0].status in ("unknown", "feasible", "optimal")


def test_two_plans_share_a_clinic_and_a_patient() -> None:
    made = [plan(step("a", phase(60, "doctor")), id=key, patient="someone") for key in ("p", "q")]
    two = [resource(key, "doctor") for key in ("dr-a", "dr-b")]
    found = engine.solve(a_problem(*made, resources=two))
    starts = {each.proposal.steps["a"].start for each in found.plans if each.proposal}
    assert starts == {540, 600}
    assert (found.bound, [each.status for each in found.plans]) == (600, ["optimal", "optimal"])


def test_a_plan_that_the_other_leaves_no_room_is_left_out_at_its_price() -> None:
    made = [plan(step("a", phase(60, "doctor")), id=key) for key in ("p", "q")]
    found = engine.solve(a_problem(*made, resources=[resource("dr-a", "doctor", free=[[540, 600]])]))
    assert sorted(each.status for each in found.plans) == ["optimal", "unknown"]
    assert found.bound == 300 + 30_000


def test_an_answer_is_read_back_from_its_file() -> None:
    made = plan(step("a", phase(30, "doctor")), step("b", phase(30, "room")), locations=["north", "south"])
    rooms = [DOCTOR, ROOM, resource("dr-s", "doctor", at="south"), resource("s-room", "room", at="south")]
    found = engine.solve(a_problem(made, resources=rooms), alternatives=2)
    assert answer.from_json(answer.to_json(found)) == found


def any_of(choices: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(choices)


STARTS = st.integers(0, 11)
DOCTORS, ROOMS = st.sampled_from(["doctor", "nurse"]), st.sampled_from(["doctor", "nurse", "room"])


@st.composite
def tiny_files(draw: st.DrawFn) -> dict[str, Any]:
    """A day and a half at an hour's grid: few resources and steps, every rule of the format now and then."""
    resources = [
        resource(
            f"r{n}",
            *draw(st.sets(ROOMS, min_size=1, max_size=2)),
            at=draw(st.sampled_from(["north", "north", "south"])),
            free=draw(
                st.sampled_from([[[0, 720]], [[60, 420]], [[240, 360], [420, 720]], [[120, 180], [300, 720]]])
            ),
            **draw(any_of([{}, {}, {"same_as": "one"}])),
        )
        for n in range(draw(st.integers(2, 4)))
    ]
    keys = [f"s{n}" for n in range(draw(st.integers(1, 3)))]
    steps = [draw(steps_of(key, [each["id"] for each in resources])) for key in keys]
    gap = any_of([{}, {"days": [0, 0]}, {"days": [1, 1]}, {"minutes": [0, 60]}, {"minutes": [60, None]}])
    made = plan(*steps, locations=draw(st.sampled_from([["north"], ["south", "north"]])))
    made["links"] = [link(a, b, **draw(gap)) for a, b in pairwise(keys) if draw(st.booleans())]
    made["series"] = [{"steps": keys, "capability": draw(ROOMS), "same": draw(st.booleans())}] * draw(
        st.integers(0, 1)
    )
    made[draw(st.sampled_from(["same_day", "not_same_day"]))] = draw(st.sampled_from([[], [], [keys]]))
    made |= draw(
        st.sampled_from(
            [{}, {}, {"max_day_minutes": 180}, {"free": [[60, 300], [360, 720]]}, {"earliest": 100}]
        )
    )
    if draw(st.booleans()):
        uses = [["r0"] * len(each["needs"]) for each in steps[0]["phases"]]
        made |= {"booked": {keys[0]: {"start": 60 * draw(STARTS), "uses": uses}}, "booked_location": "north"}
        made |= draw(st.sampled_from([{}, {}, {"pinned": [keys[0]]}]))
    zone = draw(st.sampled_from(["UTC", "America/St_Johns"]))
    places = [{"id": "north", "timezone": zone}, {"id": "south", "timezone": "Pacific/Apia"}]
    start = "2026-03-07T20:00:00+00:00"
    return a_file(made, resources=resources, minutes=720, grid=60, locations=places, start=start)


@st.composite
def steps_of(draw: st.DrawFn, key: str, resources: list[str]) -> dict[str, Any]:
    """A step of at most two phases with at most two needs each."""
    side = any_of([{}, {}, {}, {"after": 60}, {"before": 30}, {"label": "l"}])
    phases = []
    for _ in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
        needs = [need(draw(ROOMS), **draw(side)) for _ in range(draw(st.sampled_from([0, 1, 1, 2])))]
        if len({each.get("as") for each in needs} - {None}) < sum("as" in each for each in needs):
            needs = needs[:1]
        phases.append(
            phase(
                draw(st.sampled_from([30, 60, 90])),
                *needs,
                patient=draw(st.sampled_from([True, True, False])),
            )
        )
    made = step(key, *phases)
    made |= draw(
        st.sampled_from(
            [{}, {}, {"prefer": [resources[-1]]}, {"remote": True}, {"windows": [[0, 240], [300, 600]]}]
        )
    )
    return made


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(tiny_files())
def test_nothing_is_better_than_the_best(made: dict[str, Any]) -> None:
    problem = problem_file.from_json(made)
    found = best(problem)
    assert found.cost == exhaustive.least(problem)


@pytest.mark.parametrize("kind", ["location", "sooner", "fewer-visits", "practitioner", "days"])
def test_alternatives_differ_in_kind(kind: str) -> None:
    steps = [step("a", phase(60, "doctor"), prefer=["dr-b"]), step("b", phase(60, "doctor"), prefer=["dr-b"])]
    late = resource("dr-b", "doctor", free=free(0, 2, begin=540, end=600))
    rest = [DOCTOR, resource("dr-s", "doctor", at="south")]
    made = plan(*steps, locations=["north", "south"])
    weights = {"preference": 5000, "finish_day": 100, "visit_day": 300, "location_rank": 50}
    problem = a_problem(made, resources=[late, *rest], weights=weights)
    found = best(problem, alternatives=5)
    others = {each.kind: each for each in found.alternatives}
    if kind in others:
        assert not list(rules.violations(problem, others[kind].proposal))
        assert others[kind].bound == others[kind].cost >= (found.cost or 0)
        assert others[kind].proposal.steps != (found.proposal and found.proposal.steps)
    assert {"location", "sooner"} <= others.keys()
    assert others["location"].proposal.location == "south"
    assert [(each.what, each.by) for each in others["sooner"].better if each.what == "finish_day"] == [
        ("finish_day", 2)
    ]


def test_a_visit_is_counted_on_the_date_on_which_the_patient_comes() -> None:
    late = step("late", phase(60, patient=False), phase(60))
    made = a_problem(
        plan(late, step("next", phase(60)), links=[link("late", "next", days=[1, 1])], free=[[1440, 1620]]),
        resources=[],
    )
    found = engine.solve(made, seconds=5).plans[0]
    assert found.proposal is not None
    assert found.proposal.steps["late"].start < 1440
    assert rules.cost(made, found.proposal).visit_day == 1
    assert found.status == "optimal"

from typing import Any

import pytest

from coordinator.scheduling import rules
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.problem import Placement

from .clinic import DAY, a_problem, link, need, phase, plan, resource, step

STAFF = [
    resource("dr-a", "doctor"),
    resource("dr-b", "doctor"),
    resource("alias", "nurse", same_as="one"),
    resource("nurse", "nurse", same_as="one"),
    resource("far", "doctor", at="south"),
]


def proposed(location: str = "north", **steps: Any) -> Proposal:
    """A proposal from ``name=(start, [uses of each phase])``."""
    placed = {
        key: Placement(start=start, uses=tuple(map(tuple, uses))) for key, (start, uses) in steps.items()
    }
    return Proposal(plan="plan", location=location, steps=placed)


def broken(made: dict[str, Any], proposal: Proposal) -> set[tuple[str, str]]:
    problem = a_problem(made, resources=STAFF)
    return {(each.step, each.rule) for each in rules.violations(problem, proposal)}


EXAM = step("exam", phase(60, "doctor"))
TALK = step("talk", phase(60, "doctor"))
A, B = [["dr-a"]], [["dr-b"]]


@pytest.mark.parametrize(
    ("made", "proposal", "expected"),
    [
        (plan(EXAM), proposed(exam=(540, A)), set()),
        (plan(EXAM), proposed(exam=(541, A)), {("exam", "no-time")}),
        (plan(EXAM), proposed(exam=(480, A)), {("exam", "no-time")}),
        (plan(EXAM, earliest=600), proposed(exam=(540, A)), {("exam", "no-time")}),
        (plan(EXAM), proposed("south", exam=(540, [["far"]])), {("-", "location")}),
        (plan(EXAM), proposed(exam=(540, [["far"]])), {("exam", "no-resource")}),
        (plan(EXAM), proposed(exam=(540, [["nurse"]])), {("exam", "no-resource")}),
        (plan(EXAM), proposed(exam=(540, [["gone"]])), {("exam", "no-resource")}),
        (plan(EXAM), proposed(exam=(540, [])), {("exam", "shape")}),
        (plan(EXAM), proposed(other=(540, A)), {("-", "shape")}),
        (plan(EXAM | {"windows": [[600, 700]]}), proposed(exam=(540, A)), {("exam", "window")}),
        (plan(EXAM, free=[[570, 700]]), proposed(exam=(540, A)), {("exam", "patient")}),
        (plan(EXAM, TALK), proposed(exam=(540, A), talk=(570, B)), {("talk", "patient")}),
        (plan(EXAM, TALK), proposed(exam=(540, A), talk=(600, A)), set()),
        (plan(EXAM, TALK, links=[link("talk", "exam")]), proposed(exam=(540, A), talk=(600, A)), {("exam", "link")}),
        (plan(EXAM, TALK, links=[link("exam", "talk", days=[1, 2])]), proposed(exam=(540, A), talk=(600, A)),
         {("talk", "link")}),
        (plan(EXAM, TALK, links=[link("exam", "talk", minutes=[0, 20])]), proposed(exam=(540, A), talk=(660, A)),
         {("talk", "link")}),
        (plan(EXAM, TALK, series=[{"steps": ["exam", "talk"], "capability": "doctor", "same": True}]),
         proposed(exam=(540, A), talk=(600, B)), {("exam", "series")}),
        (plan(EXAM, TALK, same_day=[["exam", "talk"]]), proposed(exam=(540, A), talk=(540 + DAY, A)),
         {("exam", "same-day")}),
        (plan(EXAM, TALK, not_same_day=[["exam", "talk"]]), proposed(exam=(540, A), talk=(600, A)),
         {("exam", "not-same-day")}),
        (plan(EXAM, TALK, max_day_minutes=120), proposed(exam=(540, A), talk=(630, A)), {("-", "day-length")}),
        (plan(step("two", phase(30, "nurse", "nurse"))), proposed(two=(540, [["alias", "nurse"]])),
         {("two", "no-resource"), ("two", "no-time")}),
        (plan(step("two", phase(30, need("nurse", label="n")), phase(30, need("nurse", label="n")))),
         proposed(two=(540, [["alias"], ["nurse"]])), {("two", "no-resource")}),
        (plan(step("two", phase(30, need("doctor", after=30)), phase(30, "doctor"))),
         proposed(two=(960, [["dr-a"], ["dr-a"]])), set()),
        (plan(step("two", phase(30, "doctor"), phase(30, need("doctor", after=30)))),
         proposed(two=(960, [["dr-a"], ["dr-a"]])), {("two", "no-time")}),
        (plan(step("set", phase(30, need("doctor", before=30)))), proposed(set=(540, A)), {("set", "no-time")}),
        (plan(EXAM, booked={"exam": {"start": 600, "uses": A}}, booked_location="north", pinned=["exam"]),
         proposed(exam=(540, A)), {("exam", "pinned")}),
    ],
)  # fmt: skip
def test_each_rule_is_told(made: dict[str, Any], proposal: Proposal, expected: set[tuple[str, str]]) -> None:
    assert broken(made, proposal) == expected


def test_one_thing_under_two_names_is_not_in_two_plans_at_once() -> None:
    made = [plan(step("talk", phase(60, "nurse")), id=key) for key in ("p", "q")]
    problem = a_problem(*made, resources=STAFF)
    both = [
        Proposal(plan=key, location="north", steps={"talk": Placement(start=540, uses=((name,),))})
        for key, name in (("p", "alias"), ("q", "nurse"))
    ]
    assert [each.rule for each in rules.violations(problem, *both)] == ["no-time"]


def test_the_cost_is_the_sum_of_its_parts() -> None:
    steps = [
        step("exam", phase(60, "doctor"), prefer=["dr-b"]),
        TALK,
        step("team", phase(30, "doctor", patient=False)),
    ]
    made = plan(
        *steps,
        locations=["south", "north"],
        series=[{"steps": ["exam", "talk"], "capability": "doctor", "same": False}],
        booked={"exam": {"start": 600, "uses": A}, "talk": {"start": 660 + DAY, "uses": A}},
        booked_location="north",
    )
    found = rules.cost(
        a_problem(made, resources=STAFF),
        proposed(exam=(540 + DAY, A), talk=(660 + DAY, B), team=(540 + 2 * DAY, A)),
    )
    units = {name: count for name, count in found.units().items() if count}
    assert units == {"finish_day": 2, "visit_day": 1, "wait_minute": 60, "preference": 1, "continuity": 1,
                     "location_rank": 1, "moved": 1, "reassigned": 1}  # fmt: skip
    assert found.total == 200 + 300 + 60 + 50 + 150 + 400 + 250 + 20

from typing import Any

import pytest

from coordinator.scheduling import engine, problem_file
from coordinator.scheduling.answer import Reason

from .clinic import DAY, a_file, link, need, phase, plan, resource, step

DOCTOR, ROOM = resource("dr-a", "doctor"), resource("room", "room")
EXAM, TALK = step("exam", phase(60, "doctor")), step("talk", phase(60, "doctor"))


def why(made: dict[str, Any], *resources: dict[str, Any]) -> tuple[Reason, ...]:
    """Why nothing fits."""
    (found,) = engine.solve(problem_file.from_json(a_file(made, resources=list(resources)))).plans
    assert found.status == "infeasible"
    return found.why


def test_a_capability_that_nobody_has_is_named() -> None:
    (reason,) = why(plan(EXAM, step("scan", phase(30, "mri"))), DOCTOR)
    assert (reason.step, reason.rule) == ("scan", "no-resource")
    assert reason.text == "scan needs a mri; there is none at north."


def test_resources_that_are_never_free_together_are_named_with_the_dates() -> None:
    morning = resource("dr-a", "doctor", free=[[540, 720], [540 + DAY, 720 + DAY]])
    evening = resource("room", "room", free=[[720, 900]])
    made = plan(EXAM, step("scan", phase(30, "doctor", "room", "nurse")))
    (reason,) = why(made, morning, evening, resource("nurse", "nurse"))
    assert (reason.step, reason.rule) == ("scan", "no-time")
    assert reason.text == (
        "No doctor is free together with a room for scan between 2 March 2026 and 5 March 2026 at north."
    )
    assert reason.facts["from"] == "2026-03-02"


@pytest.mark.parametrize(
    ("made", "rules"),
    [
        (plan(EXAM | {"windows": [[0, 60]]}), {"no-time", "window"}),
        (plan(EXAM, free=[[0, 60]]), {"no-time", "patient"}),
        (plan(EXAM, TALK, links=[link("exam", "talk", days=[30, 40])]), {"link"}),
        (plan(EXAM, TALK, max_day_minutes=30), {"day-length"}),
        (plan(EXAM, TALK, not_same_day=[["exam", "talk"]], same_day=[["exam", "talk"]]), {"same-day", "not-same-day"}),
        (plan(EXAM, booked={"exam": {"start": 0, "uses": [["dr-a"]]}}, booked_location="north", pinned=["exam"]),
         {"no-time", "pinned"}),
        (plan(EXAM, earliest=10 * DAY), {"no-time"}),
        (plan(EXAM, step("other", phase(60, need("doctor", "boss"))),
              series=[{"steps": ["exam", "other"], "capability": "doctor", "same": True}],
              booked={"exam": {"start": 540, "uses": [["dr-a"]]}}, booked_location="north", pinned=["exam"]),
         {"series", "pinned", "no-time"}),
    ],
)  # fmt: skip
def test_a_smallest_set_of_rules_is_named(made: dict[str, Any], rules: set[str]) -> None:
    found = why(made, DOCTOR, resource("dr-b", "doctor", "boss", free=[[540, 900]]))
    assert {each.rule for each in found} == rules
    assert all(each.text.endswith(".") for each in found)


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        ({"days": [30, 40]}, "talk has to follow exam by 30 to 40 days."),
        ({"days": [30, 30]}, "talk has to follow exam by exactly 30 days."),
        ({"days": [30, None]}, "talk has to follow exam by at least 30 days."),
        ({"minutes": [9000, None]}, "talk has to follow exam by at least 9000 minutes."),
        ({"days": [0, 0], "minutes": [600, 600]},
         "talk has to follow exam on the same date and by exactly 600 minutes."),
    ],
)  # fmt: skip
def test_a_link_is_told_as_a_person_would(gap: dict[str, Any], said: str) -> None:
    texts = [each.text for each in why(plan(EXAM, TALK, links=[link("exam", "talk", **gap)]), DOCTOR)]
    assert said in texts


def test_a_window_is_told_with_its_hours() -> None:
    texts = [each.text for each in why(plan(EXAM | {"windows": [[0, 60]]}), DOCTOR)]
    assert "exam has to lie between 2 March 2026, 00:00 and 2 March 2026, 01:00." in texts


def test_a_plan_that_is_longer_than_the_calendars_says_so() -> None:
    (reason,) = why(plan(EXAM, earliest=10 * DAY), DOCTOR)
    assert (reason.step, reason.rule) == ("exam", "no-time")
    assert reason.text.endswith("6 March 2026, the end of the calendars.")

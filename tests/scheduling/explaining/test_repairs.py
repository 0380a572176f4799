"""What would help: each change, laid over the problem's file, gives a plan at just the cost that it states."""

import json
from typing import Any

import pytest

from coordinator.scheduling import engine, problem_file
from coordinator.scheduling.answer import PlanAnswer

from ..clinic import DAY, a_file, free, link, phase, plan, resource, step
from . import clinics

DOCTOR, ROOM = resource("dr-a", "doctor"), resource("room", "room")
EXAM, TALK = step("exam", phase(60, "doctor")), step("talk", phase(60, "doctor"))


def merged(target: Any, patch: Any) -> Any:
    """RFC 7386, section 2."""
    if not isinstance(patch, dict):
        return patch
    made = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), value)
    return made


def patched(made: clinics.Made, patch: dict[str, Any]) -> clinics.Made:
    """A problem file with a patch of its plans and resources."""
    return made | {
        what: [merged(each, patch.get(what, {}).get(each["id"], {})) for each in made[what]]
        for what in ("plans", "resources")
    }


def hold(made: clinics.Made, most: int = 3) -> PlanAnswer:
    """The answer for a plan that does not fit, after each of its repairs was tried."""
    (found,) = engine.solve(problem_file.from_json(made), seconds=60, repairs=most).plans
    assert found.status == "infeasible"
    assert len(found.repairs) <= most
    costs = [each["cost"] for each in found.repairs]
    assert costs == sorted(costs)
    for each in found.repairs:
        problem = problem_file.from_json(json.loads(json.dumps(patched(made, each["patch"]))))
        (best,) = engine.solve(problem, seconds=60).plans
        assert (best.status, best.cost) == ("optimal", each["cost"]), each["text"]
        assert set(each["patch"]) <= {"plans", "resources"}
    return found


@pytest.mark.parametrize(("shape", "seed"), clinics.ODD[::2])
def test_repairs_of_an_odd_clinic_do_what_they_say(shape: str, seed: int) -> None:
    made = clinics.odd(shape, seed)
    for each in made["plans"]:
        alone = made | {"plans": [each]}
        if engine.solve(problem_file.from_json(alone), reasons=False).plans[0].status == "infeasible":
            hold(alone, most=2)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("without_recovery_nurses", "add-capability"),
        ("every_second_day", "stretch-link"),
        ("on_mondays", "patient-time"),
        ("early_in_the_morning", "extend-hours"),
        ("one_part_timer", "relax-series"),
        ("five_weeks", "stretch-link+extend-hours"),
    ],
)
def test_something_helps_in_a_whole_clinic(name: str, change: str) -> None:
    found = hold(clinics.IMPOSSIBLE[name](), most=2)
    assert found.repairs[0]["change"] == change


def repairs(made: dict[str, Any], *resources: dict[str, Any], most: int = 9) -> list[tuple[str, str]]:
    """What would help, by word and text."""
    found = hold(a_file(made, resources=list(resources)), most)
    return [(each["change"], each["text"]) for each in found.repairs]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (plan(EXAM, TALK, links=[link("exam", "talk", days=[0, 0], minutes=[600, 600])]),
         ("stretch-link", "Let talk follow exam after 360 minutes or more instead of 600: done by 2 March 2026.")),
        (plan(EXAM | {"windows": [[0, 60]]}),
         ("widen-window", "Let the window of exam end 9 hours later: done by 2 March 2026.")),
        (plan(EXAM, free=[[480, 570]]),
         ("patient-time", "Let the patient stay 30 minutes longer on each day: done by 2 March 2026.")),
        (plan(EXAM, free=[[3 * DAY, 3 * DAY + 60]]),
         ("patient-time", "Let the patient come on 2 March 2026, 09:00 to 10:00 too: done by 2 March 2026.")),
        (plan(EXAM, step("more", phase(60, "doctor")), max_day_minutes=90, same_day=[["exam", "more"]]),
         ("longer-day", "Let a day last 2 hours instead of 1 hour 30 minutes: done by 2 March 2026.")),
        (plan(EXAM, TALK, not_same_day=[["exam", "talk"]], same_day=[["exam", "talk"]]),
         ("share-day", "Let exam and talk share a date: done by 2 March 2026.")),
        (plan(EXAM, booked={"exam": {"start": 0, "uses": [["dr-a"]]}}, booked_location="north", pinned=["exam"]),
         ("unpin", "Let exam move from where it is booked: done by 2 March 2026.")),
        (plan(EXAM, earliest=4 * DAY),
         ("earlier-start", "Let the plan begin 1 day sooner: done by 5 March 2026.")),
    ],
)  # fmt: skip
def test_what_would_help_is_said_in_a_sentence(made: dict[str, Any], said: tuple[str, str]) -> None:
    assert said in repairs(made, DOCTOR)


def test_another_location_helps() -> None:
    said = repairs(plan(step("scan", phase(30, "mri"))), resource("scanner", "mri", at="south"))
    assert said == [
        ("allow-location", "Let the plan be booked at south: done by 2 March 2026 at south."),
    ]


def test_somebody_who_comes_for_some_minutes_more_helps() -> None:
    made = plan(step("scan", phase(60, "doctor", "room")))
    said = repairs(made, DOCTOR, resource("room", "room", free=free(2, begin=500, end=580)))
    assert said[0] == (
        "extend-hours",
        "Let room be free on 4 March 2026, 09:40 to 10:00 for scan: done by 4 March 2026.",
    )


def test_those_who_do_half_of_it_are_asked_first() -> None:
    made = plan(step("talk", phase(60, {"all": ["nurse", "spanish"]})))
    said = repairs(made, resource("n-1", "nurse"), resource("n-2", "spanish"), resource("porter", "porter"))
    assert [text for _, text in said] == [
        "Let n-1 work as spanish too: done by 2 March 2026.",
        "Let n-2 work as nurse too: done by 2 March 2026.",
    ]


def test_one_who_does_it_too_helps_every_step_that_lacks_it() -> None:
    nobody = phase(30, "doctor"), phase(30, "recovery-nurse")
    made = plan(step("first", *nobody), step("second", *nobody))
    said = repairs(made, DOCTOR, resource("n-1", "nurse"))
    assert said[0] == ("add-capability", "Let n-1 work as recovery nurse too: done by 2 March 2026.")


def test_two_changes_are_named_where_one_is_not_enough() -> None:
    made = plan(EXAM | {"windows": [[0, 60]]}, TALK | {"windows": [[DAY, DAY + 60]]})
    said = repairs(made, DOCTOR, most=1)
    assert said == [
        (
            "widen-window",
            "Let the window of talk begin 8 hours earlier, and let the window of exam end 9 hours later: "
            "done by 2 March 2026.",
        )
    ]


def test_a_series_may_be_shared() -> None:
    days = [resource("dr-a", "doctor", free=free(0)), resource("dr-b", "doctor", free=free(1))]
    series = [{"steps": ["exam", "talk"], "capability": "doctor", "same": True}]
    made = plan(EXAM, TALK, series=series, not_same_day=[["exam", "talk"]])
    said = repairs(made, *days)
    assert ("relax-series", "Let more than one doctor do exam and talk: done by 3 March 2026.") in said


def test_no_more_are_given_than_asked_for_and_none_unasked() -> None:
    made = a_file(plan(EXAM | {"windows": [[0, 60]]}, free=[[0, 60]]), resources=[DOCTOR])
    assert engine.solve(problem_file.from_json(made)).plans[0].repairs == ()
    assert len(hold(made, most=1).repairs) <= 1

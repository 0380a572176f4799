"""Why nothing fits, said with titles and names in the reader's language; no key is left in it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from coordinator.models import PlanLink, PlanStep
from coordinator.web import obstacles

from .an_app import an_app

NAMES = {
    "interpreter-vi": {"en": "Interpreter for Vietnamese", "es": "Intérprete de vietnamita"},
    "mri-room": {"en": "MRI room", "es": "Sala de RM"},
}
DAYS = {"from": "2026-11-22", "to": "2026-11-25"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return an_app(f"sqlite:///{tmp_path / 'none.db'}", tmp_path)


def a_page(*reasons: dict[str, Any], can_come: dict[str, list[str]] | None = None) -> Any:
    steps = [
        PlanStep(key="mri", title={"en": "MRI", "es": "RM"}),
        PlanStep(key="ot-3", title={"en": "Group", "es": "Grupo"}, number=3, of=20),
    ]
    links = [PlanLink(before_key="mri", after_key="ot-3", min_days=1, max_days=14)]
    patient = SimpleNamespace(can_come=can_come)
    return SimpleNamespace(
        plan=SimpleNamespace(steps=steps, links=links, patient=patient, locations=["south"]),
        search=SimpleNamespace(reasons=list(reasons)),
        names=NAMES,
        locations=[SimpleNamespace(key="north", name="North"), SimpleNamespace(key="south", name="South")],
    )


def a_reason(rule: str, step: str = "mri", **facts: Any) -> dict[str, Any]:
    return {"step": step, "rule": rule, "text": "the core's own words", "facts": facts}


SAID = [
    (
        a_reason("no-resource", capabilities=["mri-room"], locations=["north", "south"]),
        "Needed and not there at North or South: MRI room.",
    ),
    (
        a_reason("no-time", needs=[["interpreter-vi"]], **DAYS),
        "Not free at South when this step needs it: Interpreter for Vietnamese. "
        "The other rules leave it the days from 22 November 2026 to 25 November 2026.",
    ),
    (
        a_reason("no-time", needs=[["interpreter-vi"], ["mri-room"]]),
        "Never free together at South when this step needs them: Interpreter for Vietnamese; MRI room.",
    ),
    (
        a_reason("no-time", earliest=0, until=9),
        "The steps do not fit between the earliest day and the end of the calendars.",
    ),
    (
        a_reason("link", "ot-3", **{"from": "mri", "to": "ot-3"}),
        "Group, 3 of 20 has to follow MRI: 1 to 14 days later.",
    ),
    (
        a_reason("series", capability="mri-room"),
        "One and the same person has to do the whole series: MRI room.",
    ),
    (a_reason("patient", "-"), "The patient has other appointments at the times that are left."),
    (a_reason("window"), "This step has to lie within the days that are set for it."),
    (a_reason("day-length", "-", minutes=360), "A day of the patient may last 6 hours at most."),
    (a_reason("same-day", steps=["mri", "ot-3"]), "These have to be on one day: MRI; Group, 3 of 20."),
    (a_reason("not-same-day", steps=["mri", "ot-3"]), "These must not share a day: MRI; Group, 3 of 20."),
    (a_reason("pinned", start=5), "This step has to stay where it is booked."),
    (a_reason("something new"), "the core's own words"),
]


@pytest.mark.parametrize(("reason", "sentence"), SAID)
def test_every_reason_is_a_sentence(app: Flask, reason: dict[str, Any], sentence: str):
    with app.test_request_context("/"):
        (obstacle,) = obstacles.obstacles(a_page(reason))
    assert obstacle.sentence == sentence
    assert obstacle.title == (
        "" if reason["step"] == "-" else "Group, 3 of 20" if "ot" in reason["step"] else "MRI"
    )


def test_hours_of_the_patient_are_named(app: Flask):
    with app.test_request_context("/"):
        page = a_page(a_reason("patient", "-"), can_come={"mon": ["08:00-12:00"]})
        assert "Mon 08:00–12:00" in obstacles.obstacles(page)[0].sentence


def test_in_spanish_too(app: Flask):
    with app.test_request_context("/", headers={"Accept-Language": "es"}):
        said = [obstacles.obstacles(a_page(reason))[0] for reason, _ in SAID[:-1]]
    assert "Intérprete de vietnamita" in said[1].sentence
    english = {sentence for _, sentence in SAID}
    assert not english & {each.sentence for each in said}


def test_no_search_no_obstacles(app: Flask):
    page = a_page()
    page.search = None
    assert obstacles.obstacles(page) == []

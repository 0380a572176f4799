"""The twelve pathways as they were researched: every fact of theirs is in the examples."""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml

from coordinator import files
from coordinator.files.clinics import Clinic
from coordinator.files.pathways import PathwayFile, Span, Step
from coordinator.files.therapies import InlineTherapy, Phase
from tests.files.builders import EXAMPLES, ON, PATHWAYS, shared

ROOMS = {
    "exam": "exam-room",
    "consult": "consult-room",
    "quiet": "quiet-room",
    "xray": "xray-room",
    "ct": "ct-room",
    "mri": "mri-room",
    "conference": "conference-room",
}
STRENGTH = {"required": "required", "preferred": "wished"}
NUMBERS = range(12)


@cache
def ours(number: int) -> PathwayFile:
    value = files.read(PATHWAYS[number], on=ON)
    assert isinstance(value, PathwayFile)
    return value


def theirs(number: int) -> dict[str, Any]:
    path = sorted(shared("pathways").glob("[01]*.yaml"))[number]
    source: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return source


def pairs(number: int) -> Iterator[tuple[dict[str, Any], Step]]:
    pathway = ours(number)
    for source in theirs(number)["steps"]:
        yield source, pathway.step(kebab(source["id"]))


def kebab(word: str) -> str:
    return word.replace("_", "-").lower()


def basis(given: str | list[str]) -> list[str]:
    """Source ids, and whether something is assumed."""
    words = [given] if isinstance(given, str) else given
    return ["assumed" if "ASSUMED" in word else word for word in words]


def said(given: tuple[str, ...]) -> list[str]:
    return ["assumed" if "assumed" in word else word for word in given]


@cache
def clinic() -> Clinic:
    value = files.read(EXAMPLES / "clinic.yaml", on=ON)
    assert isinstance(value, Clinic)
    return value


def therapy_of(step: Step, pathway: PathwayFile) -> InlineTherapy:
    known = {one.key: one for one in (*clinic().therapies, *pathway.own_therapies())}
    return known[str(pathway.therapy_key(step))]


def span(given: Span | None) -> tuple[int | None, int | None]:
    return (given.least, given.most) if given else (None, None)


def asked(phase: dict[str, Any]) -> list[str]:
    people = [kebab(role["role"]) for role in phase["roles"] for _ in range(role["count"])]
    room = (
        []
        if phase["room_capability"] == "none"
        else [ROOMS.get(phase["room_capability"], kebab(phase["room_capability"]))]
    )
    return sorted([*people, *room, *map(kebab, phase["equipment"])])


def needed(phase: Phase) -> list[str]:
    return sorted(key for need in phase.needs for key in need.capabilities for _ in range(need.count))


@pytest.mark.parametrize("number", NUMBERS)
def test_lengths_people_rooms_and_devices(number: int) -> None:
    pathway = ours(number)
    for source, step in pairs(number):
        if source.get("task"):
            assert step.task
            assert list(step.by) == [kebab(role["role"]) for role in source["phases"][0]["roles"]]
            continue
        therapy = therapy_of(step, pathway)
        assert therapy.minutes == source["duration_min"]
        assert (step.remote or therapy.remote) == source.get("remote", False)
        held = "group" in source
        for index, (phase, there) in enumerate(zip(therapy.phases, source["phases"], strict=True)):
            assert (phase.minutes, phase.patient) == (there["minutes"], there["patient_present"])
            if held and index == 0:
                assert therapy.group is not None
                assert therapy.group.capacity == source["group"]["capacity"]
                assert said(therapy.group.basis) == basis(source["group"]["basis"])
                assert sorted([*therapy.group.led_by, str(therapy.group.room)]) == asked(there)
                assert needed(phase)[0].endswith("-place")
            else:
                assert needed(phase) == asked(there), (step.key, phase.name)


@pytest.mark.parametrize("number", NUMBERS)
def test_links_and_gates(number: int) -> None:
    for source, step in pairs(number):
        for after, there in zip(step.after, source["after"], strict=True):
            assert after.step == kebab(there["step"])
            assert after.anchor == {"end": "end", "first_occurrence": "first"}[there["anchor"]]
            least, most = span(after.days)
            assert (least or 0, most) == (there.get("min_gap_days", 0), there.get("max_gap_days"))
            assert span(after.minutes)[0] == there.get("min_gap_minutes")
            assert after.same_day == there.get("same_day", False)
            assert (after.gate is not None) == ("gate" in there)
            if after.gate and any(letter.isdigit() for letter in there["gate"]):
                assert digits(there["gate"]) == digits(after.gate.en) == digits(after.gate.es)
            assert said(after.basis) == basis(there["basis"])


def digits(words: str) -> str:
    return "".join(letter for letter in words if letter.isdigit())


@pytest.mark.parametrize("number", NUMBERS)
def test_series(number: int) -> None:
    for source, step in pairs(number):
        there = source.get("series")
        assert (step.series is not None) == (there is not None)
        if step.series is None:
            continue
        series = step.series
        assert (series.count, series.per_week) == (there["count"], there.get("max_per_week"))
        assert span(series.days) == (there["min_gap_days"], there["max_gap_days"])
        assert series.within_days == there.get("within_days")
        assert series.consecutive == there.get("consecutive_calendar_days", False)
        assert series.weekdays_only == there.get("weekdays_only", False)
        for same, name in (
            (series.same_practitioner and series.same_practitioner.strength, "same_therapist"),
            (series.same_room and series.same_room.strength, "same_bay"),
            (series.same_time, "same_time"),
        ):
            assert same == STRENGTH.get(there.get(name))
        assert said(series.basis) == basis(there["basis"])


@pytest.mark.parametrize("number", NUMBERS)
def test_waivers_conditions_and_remarks(number: int) -> None:
    for source, step in pairs(number):
        waived = source.get("waived_if")
        assert (step.waived_if and step.waived_if.within_days) == (waived and waived["within_days"])
        if step.waived_if:
            assert (step.waived_if.needs is not None) == ("needs" in waived)
            assert said(step.waived_if.basis) == basis(waived["basis"])
        assert step.only_if == (kebab(source["only_if"]) if "only_if" in source else None)
        for flag in ("optional", "task", "hard_max", "blood_thinner_check"):
            assert getattr(step, flag) == source.get(flag, False)
        for place in ("region", "side", "joint"):
            assert getattr(step, place) == (kebab(source[place]) if place in source else None)
        assert step.valid_for_days == source.get("valid_for_days")
        assert (step.note is not None) == ("note" in source)
        assert [one.step for one in step.same_people_as] == source.get("same_people_as", [])
        back = source.get("back_scheduled_from")
        assert (step.back_scheduled is not None) == (back is not None)
        if step.back_scheduled:
            assert step.back_scheduled.step == kebab(back["step"])
            assert step.back_scheduled.days_before == {kebab(k): v for k, v in back["days_before"].items()}


@pytest.mark.parametrize("number", NUMBERS)
def test_preparations_and_where_numbers_come_from(number: int) -> None:
    pathway = ours(number)
    for source, step in pairs(number):
        prepared = step.preparations
        if prepared is None:
            prepared = () if step.task else therapy_of(step, pathway).preparations
        assert [one.lead_days for one in prepared] == [one["lead_days"] for one in source.get("prep", [])]
        assert all(one.text.en != one.text.es for one in prepared)
        assert {name: said(given) for name, given in step.basis.items()} == {
            name: basis(given) for name, given in source["basis"].items()
        }
        there = [(kebab(one["role"]), one["concurrent_max"]) for one in source.get("background_roles", [])]
        background = () if step.task else therapy_of(step, pathway).background
        assert [(one.role, one.at_most) for one in background] == there
    assert set(theirs(number)["sources"]) <= set(pathway.sources)


@pytest.mark.parametrize("number", NUMBERS)
def test_rules_and_bundles(number: int) -> None:
    pathway, source = ours(number), theirs(number)
    for rule, there in zip(pathway.rules, source["rules"], strict=True):
        known = {"one_region_per_session": "one-region-per-visit", "min_trial_hours": "min-trial"}
        assert rule.kind == known.get(there["kind"], kebab(there["kind"]))
        assert (rule.days, rule.hours, rule.minutes) == (
            there.get("days"),
            there.get("hours"),
            there.get("minutes"),
        )
        assert (rule.at_most, rule.window_days) == (there.get("max"), there.get("window_days"))
        assert (rule.at_least, rule.percent) == (
            there.get("count"),
            there.get("threshold_percent", there.get("percent")),
        )
        assert rule.per == (kebab(there["per"]) if "per" in there else None)
        assert (rule.same_region, rule.same_side) == (
            there.get("same_region", False),
            there.get("same_side", False),
        )
        for kind in there.get("types", []):
            assert any(step.startswith(kebab(kind)) for step in rule.steps)
        assert list(rule.others) == [kebab(one) for one in there.get("with_types", rule.others)]
        assert (rule.note is not None) == ("note" in there)
        assert said(rule.basis) == basis(there["basis"])
    for bundle, there in zip(pathway.bundles, source["bundles"], strict=True):
        assert (bundle.mode, bundle.weight) == (STRENGTH[there["mode"]], there.get("weight"))
        assert bundle.max_idle_minutes == there.get("max_idle_minutes")
        order = there.get("order")
        assert list(bundle.order) == ([kebab(one) for one in order] if isinstance(order, list) else [])
        assert list(bundle.steps) == [
            kebab(one["id"]) for one in source["steps"] if one.get("bundle") == there["id"]
        ]
        assert said(bundle.basis) == basis(there["basis"])

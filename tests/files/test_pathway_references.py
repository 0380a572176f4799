"""Whether a pathway hangs together, and whether the clinic has what it asks for."""

import pytest

from coordinator import files
from coordinator.files.pathway_references import unknown_to_clinic
from coordinator.files.pathways import PathwayFile
from tests.files.builders import ON, a_pathway, pathway_text, problems

TWO = "{key: a, therapy: t}\n{key: b, therapy: t, after: [{step: a}]}"
INLINE = "{name: V, patient_name: V, phases: [{name: V, minutes: 5, needs: [{all: [witch]}]}]}"


@pytest.mark.parametrize(
    ("steps", "more", "field", "words"),
    [
        ("{key: a, therapy: t}\n{key: a, therapy: t}", "", "steps[1].key", "'a' is there twice"),
        ("{key: a, therapy: t, after: [{step: z}]}", "", "steps[0].after[0].step", "no step 'z'"),
        ("{key: a, therapy: t, after: [{step: a}]}", "", "steps[0].after", "circle: a → a"),
        ("{key: a}", "", "steps[0]", "needs a therapy"),
        ("{key: a, task: true}", "", "steps[0]", "a task needs a title"),
        ("{key: a, task: true, title: A, therapy: t}", "", "steps[0]", "a task has no therapy"),
        ("{key: a, therapy: {name: A, patient_name: A}}", "", "steps[0].therapy.phases", "is missing"),
        ("{key: a, therapy: [t]}", "", "steps[0].therapy", "group of fields"),
        (
            "{key: a, therapy: t, series: {count: 3, days: [9, 3]}}",
            "",
            "steps[0].series.days",
            "more than the most",
        ),
        ("{key: a, therapy: t, series: {count: 1, days: 3}}", "", "steps[0].series.count", "at least 2"),
        ("{key: a, therapy: t, series: {count: 3, days: [1, 2, 3]}}", "", "steps[0].series.days", "least"),
        ("{key: a, therapy: t, series: {count: 3, days: [-1, 2]}}", "", "steps[0].series.days", "at least 0"),
        (
            "{key: a, therapy: t, series: {count: 12, days: 9, within_days: 90}}",
            "",
            "steps[0].series.within_days",
            "at least 99 days",
        ),
        (
            "{key: a, therapy: t, series: {count: 3, days: [1, 3], per_week: 2}}",
            "",
            "steps[0].series.per_week",
            "2 a week and at most 3 days",
        ),
        (
            TWO,
            "bundles: [{key: x, mode: required, steps: [a, b], order: [b, a]}]",
            "steps[1].after",
            "circle",
        ),
        (
            "{key: a, therapy: t, series: {count: 3, days: [2, 4], consecutive: true}}",
            "",
            "steps[0].series.consecutive",
            "1 day apart",
        ),
        (
            "{key: a, therapy: t, series: {count: 2, days: 1}}\n{key: a-2, therapy: t}",
            "",
            "steps[1].key",
            "'a-2'",
        ),
        (
            "{key: a, therapy: t, same_people_as: [{step: z, of: n}]}",
            "",
            "steps[0].same_people_as[0].step",
            "'z'",
        ),
        ("{key: a, therapy: t, instead_of: z}", "", "steps[0].instead_of", "no step 'z'"),
        (
            "{key: a, therapy: t, back_scheduled: {step: z, days_before: {warfarin: 5}}}",
            "",
            "steps[0].back_scheduled.step",
            "no step 'z'",
        ),
        (TWO, "bundles: [{key: x, mode: required, steps: [a, z]}]", "bundles[0].steps[1]", "no step 'z'"),
        (
            TWO,
            "bundles: [{key: x, mode: required, steps: [a, b], order: [c]}]",
            "bundles[0].order[0]",
            "none of",
        ),
        (TWO, "bundles: [{key: x, mode: often, steps: [a, b]}]", "bundles[0].mode", "'required' or 'wished'"),
        (
            "{key: a, therapy: t}\n{key: b, therapy: t, series: {count: 2, days: 1}}",
            "bundles: [{key: x, mode: required, steps: [a, b]}]",
            "bundles[0].steps",
            "same count",
        ),
        (TWO, "rules: [{kind: min-gap, steps: [z], days: 3}]", "rules[0].steps[0]", "no step 'z'"),
        (TWO, "rules: [{kind: min-gap, steps: [a]}]", "rules[0]", "'min-gap' needs days"),
        (TWO, "rules: [{kind: max-gap, steps: [a]}]", "rules[0].kind", "must be one of"),
        (TWO, "rules: [{kind: validity, of: z, before: [a], days: 3}]", "rules[0].of", "no step 'z'"),
        (TWO, "rules: [{kind: max-day-span, bundle: z, minutes: 60}]", "rules[0].bundle", "no bundle 'z'"),
        (TWO, "rules: [{kind: bleeding-risk, level: low, basis: S9}]", "rules[0].basis", "no source 'S9'"),
    ],
)
def test_what_does_not_hang_together_is_named(steps: str, more: str, field: str, words: str) -> None:
    found = problems(pathway_text(steps, more))
    assert [one.field for one in found] == [field]
    assert words in found[0].text


def test_a_pathway_of_thousands_is_refused() -> None:
    steps = "\n".join(f"{{key: s{n}, therapy: t, series: {{count: 200, days: 1}}}}" for n in range(6))
    (found,) = problems(pathway_text(steps))
    assert (found.field, found.text) == ("steps", "come to 1200 appointments; a plan has at most 1000")


def test_a_circle_is_named_from_step_to_step() -> None:
    steps = "{key: a, therapy: t, after: [{step: c}]}\n{key: b, therapy: t, after: [{step: a}]}\n"
    (found,) = problems(pathway_text(steps + "{key: c, therapy: t, after: [{step: b}]}"))
    assert "a → b → c → a" in found.text or "b → c → a → b" in found.text or "c → a → b → c" in found.text


def test_days_before_a_step_are_an_order_too() -> None:
    before_a = "back_scheduled: {step: a, days_before: {w: 1}}"
    steps = f"{{key: a, therapy: t}}\n{{key: b, therapy: t, after: [{{step: a}}], {before_a}}}"
    assert "circle" in problems(pathway_text(steps))[0].text


def test_a_step_that_nothing_follows_is_fine() -> None:
    assert len(a_pathway(TWO + "\n{key: c, therapy: t}").steps) == 3


def test_what_the_clinic_lacks_is_named_with_its_line() -> None:
    text = pathway_text(
        f"{{key: a, therapy: visit}}\n{{key: b, therapy: {INLINE}}}\n{{key: c, task: true, title: C, by: [cat]}}"
    )
    reading = files.load(text.encode(), file="p.yaml", on=ON)
    assert isinstance(reading.value, PathwayFile)
    found = reading.problems(unknown_to_clinic(reading.value, therapies={"visits"}, capabilities={"cats"}))
    assert [str(one) for one in found] == [
        "p.yaml:6: steps[0].therapy: there is no therapy 'visit'; did you mean 'visits'?",
        "p.yaml:7: steps[1].therapy.phases[0].needs[0].all[0]: there is no capability 'witch'",
        "p.yaml:8: steps[2].by[0]: there is no capability 'cat'; did you mean 'cats'?",
    ]
    assert not list(unknown_to_clinic(reading.value, therapies={"visit"}, capabilities={"witch", "cat"}))


def test_a_therapy_inside_a_step_is_called_after_both() -> None:
    pathway = a_pathway(f"{{key: b, therapy: {INLINE}}}")
    (own,) = pathway.own_therapies()
    assert own.key == pathway.therapy_key(pathway.steps[0]) == "p-b"
    assert own.minutes == 5

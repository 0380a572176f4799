"""What a plan asks of people, in words."""

import pytest

from coordinator.files.drafts import DraftNote
from coordinator.files.expand import expand
from coordinator.files.note_words import WORDS
from tests.files.builders import ON, a_pathway
from tests.files.test_expand import all_conditions, example


def told(number: int, kind: str) -> list[DraftNote]:
    pathway = example(number)
    return [
        note for note in expand(pathway, conditions=all_conditions(pathway), on=ON).notes if note.kind == kind
    ]


@pytest.mark.parametrize("number", range(1, 13))
def test_every_note_of_the_examples_is_a_sentence_in_both_languages(number: int) -> None:
    pathway = example(number)
    notes = expand(pathway, conditions=all_conditions(pathway), on=ON).notes
    assert notes[0].kind == "status"
    for note in notes:
        for words in (note.text.en, note.text.es):
            assert words[0].isupper() or not words[0].isalpha()
            assert words.endswith(".") or note.kind == "remark"
            assert "{" not in words
            assert "None" not in words
        assert note.text.en != note.text.es


def test_limits_over_time_are_told_with_what_the_plan_has() -> None:
    half_year, year = told(3, "rolling-limit")
    assert (half_year.facts["at_most"], half_year.facts["window_days"], half_year.facts["planned"]) == (
        3,
        183,
        2,
    )
    assert (year.facts["at_most"], year.facts["window_days"]) == (4, 365)
    assert "at most 3 in 183 days in the same region; this plan has 2" in half_year.text.en
    assert "como máximo 3 en 183 días en la misma región; este plan tiene 2" in half_year.text.es


def test_rules_that_are_links_are_not_told() -> None:
    assert not told(7, "min-trial")
    assert not told(7, "validity")
    assert not told(1, "max-day-span")
    assert not told(11, "window")


def test_a_role_in_the_background_is_told() -> None:
    (note,) = told(8, "background")
    assert (note.facts["role"], note.facts["at_most"]) == ("physician-on-site", 4)


@pytest.mark.parametrize(
    ("number", "kind", "count"),
    [
        (1, "bundle-idle", 1),
        (2, "wished-bundle", 1),
        (2, "no-therapy-before", 1),
        (3, "optional", 1),
        (3, "blood-thinner-check", 1),
        (3, "one-region-per-visit", 1),
        (3, "same-time", 1),
        (4, "required-positive", 1),
        (4, "min-gap", 1),
        (4, "remark", 1),
        (5, "not-same-day", 1),
        (5, "requires-active", 1),
        (6, "wished-order", 1),
        (6, "bundle-idle", 1),
        (7, "hard-max", 1),
        (7, "valid-for", 1),
        (9, "attendance-target", 1),
        (12, "bleeding-risk", 2),
    ],
)
def test_a_rule_that_no_link_keeps_is_told(number: int, kind: str, count: int) -> None:
    assert len(told(number, kind)) == count


def test_a_rule_for_steps_that_are_left_out_is_not_told() -> None:
    notes = expand(example(11), on=ON, leave_out={"acu", "acu-ext"}).notes
    assert "rolling-limit" not in {note.kind for note in notes}


def test_a_step_without_a_title_is_called_by_its_key() -> None:
    notes = expand(a_pathway("{key: some-step, therapy: t, optional: true}"), on=ON).notes
    assert notes[-1].text.en.startswith("Some step: in the plan")


def test_every_kind_has_words() -> None:
    assert all(words.en != words.es for words in WORDS.values())

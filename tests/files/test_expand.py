"""From a pathway to the draft of one plan."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from coordinator import files
from coordinator.errors import Refusal
from coordinator.files.drafts import DraftLink, PlanDraft
from coordinator.files.expand import expand
from coordinator.files.pathways import PathwayFile
from coordinator.files.patients import Study
from tests.files.builders import EXAMPLES, ON, PATHWAYS, a_pathway

BOOKINGS = (5, 9, 19, 18, 16, 23, 15, 21, 87, 16, 31, 5)


def example(number: int) -> PathwayFile:
    value = files.read(PATHWAYS[number - 1], on=ON)
    assert isinstance(value, PathwayFile)
    return value


def all_conditions(pathway: PathwayFile) -> set[str]:
    held = {name for step in pathway.steps if step.back_scheduled for name in step.back_scheduled.days_before}
    return held | {step.only_if for step in pathway.steps if step.only_if}


def link(draft: PlanDraft, before: str, after: str) -> DraftLink:
    (found,) = [one for one in draft.links if (one.before, one.after) == (before, after)]
    return found


def days(draft: PlanDraft, before: str, after: str) -> tuple[int | None, int | None]:
    found = link(draft, before, after)
    return found.min_days, found.max_days


def groups(draft: PlanDraft, kind: str) -> list[tuple[str | None, tuple[str, ...]]]:
    return [(group.capability, group.steps) for group in draft.groups if group.kind == kind]


def study(kind: str, days_ago: int, *, reviewed: bool = True) -> Study:
    return Study(study=kind, done_on=ON - timedelta(days=days_ago), reviewed=reviewed)


@pytest.mark.parametrize(("number", "bookings"), list(enumerate(BOOKINGS, 1)))
def test_a_whole_pathway_has_as_many_bookings_as_its_table_says(number: int, bookings: int) -> None:
    pathway = example(number)
    draft = expand(pathway, conditions=all_conditions(pathway), on=ON)
    assert sum(not step.task for step in draft.steps) == bookings
    keys = [step.key for step in draft.steps]
    assert len(set(keys)) == len(keys)
    assert {end for one in draft.links for end in (one.before, one.after)} <= set(keys)
    assert {key for group in draft.groups for key in group.steps} <= set(keys)
    pairs = [(one.before, one.after) for one in draft.links]
    assert len(set(pairs)) == len(pairs)


def test_the_example_pathways_are_twelve() -> None:
    assert len(PATHWAYS) == 12
    assert len(list(EXAMPLES.glob("*.yaml"))) == 2


def test_a_series_is_spelt_out_with_its_place_in_it() -> None:
    draft = expand(example(3), on=ON)
    physio = [step for step in draft.steps if step.step == "pt"]
    assert [step.key for step in physio] == [f"pt-{n}" for n in range(1, 13)]
    assert [(step.position, step.of) for step in physio] == [(n, 12) for n in range(1, 13)]
    assert physio[0].title is not None
    assert physio[0].title.es == "Fisioterapia"


def test_a_series_keeps_its_gaps_and_its_number_a_week() -> None:
    draft = expand(example(3), on=ON)
    assert days(draft, "pt-4", "pt-5") == (2, 7)
    assert days(draft, "pt-4", "pt-6") == (7, None)
    assert not [one for one in draft.links if (one.before, one.after) == ("pt-4", "pt-7")]


def test_a_series_within_days_counts_both_ends() -> None:
    assert days(expand(example(11), on=ON), "acu-1", "acu-12") == (None, 89)


def test_what_follows_a_series_follows_its_last_or_its_first() -> None:
    assert days(expand(example(3), on=ON), "pt-12", "review-final") == (0, 14)
    programme = expand(example(9), on=ON)
    assert days(programme, "fr-pt-1", "fr-mdt-1") == (0, 7)
    assert days(programme, "fr-pt-20", "review-3m") == (80, 100)


def test_a_required_bundle_ties_each_day_of_its_series() -> None:
    draft = expand(example(9), on=ON)
    same_day = groups(draft, "same_day")
    assert len(same_day) == 20
    assert same_day[6] == (None, ("fr-pt-7", "fr-ot-7", "fr-cbt-7", "fr-edu-7"))
    order = ["fr-pt-7", "fr-cbt-7", "fr-edu-7", "fr-ot-7"]
    for before, after in pairwise(order):
        found = link(draft, before, after)
        assert (found.min_minutes, found.max_minutes) == (0, 60)
    assert all(step.weekdays_only for step in draft.steps if step.step == "fr-pt")


def test_a_day_of_assessment_is_one_day_of_six_hours_with_the_same_people() -> None:
    draft = expand(example(1), on=ON)
    assert draft.max_day_minutes == 360
    assert groups(draft, "same_day") == [(None, ("specialist", "psych", "physio", "mdt", "feedback"))]
    assert sorted(groups(draft, "series_same")) == [
        ("pain-physician", ("specialist", "mdt", "feedback")),
        ("pain-psychologist", ("psych", "mdt")),
        ("physiotherapist", ("physio", "mdt")),
    ]
    assert days(draft, "psych", "mdt") == (0, 0)


def test_a_wish_for_one_practitioner_is_told_from_a_must() -> None:
    assert groups(expand(example(3), on=ON), "series_wished")[0][0] == "physiotherapist"
    assert groups(expand(example(10), on=ON), "series_same")[0] == (
        "pain-psychologist",
        tuple(f"cbt-{n}" for n in range(1, 11)),
    )
    assert groups(expand(example(8), on=ON), "series_wished")[0][0] == "infusion-bay"


def test_days_running_are_one_day_apart() -> None:
    draft = expand(example(8), on=ON)
    assert days(draft, "infusion-2", "infusion-3") == (1, 1)
    assert days(draft, "hp-labs", "infusion-1") == (2, 30)
    assert days(draft, "hp-labs", "infusion-5") == (None, 30)


def test_a_trial_lasts_two_days_at_least() -> None:
    found = link(expand(example(7), on=ON), "trial", "lead-removal")
    assert (found.min_minutes, found.min_days, found.max_days) == (48 * 60, 5, 7)


def test_gates_stay_with_their_links_and_are_told() -> None:
    draft = expand(example(4), on=ON)
    gate = link(draft, "diary-1", "mbb-2").gate
    assert gate is not None
    assert gate.en == "at least 80 % relief"
    told = [note for note in draft.notes if note.kind == "gate"]
    assert {note.step for note in told} == {"mbb-2", "rfa-right"}
    assert "80 %" in told[0].text.es


def test_a_recent_reviewed_study_waives_its_step() -> None:
    draft = expand(
        example(3), on=ON, studies=[study("mri-lumbar-spine", 900), study("mri-lumbar-spine", 100)]
    )
    assert [step.key for step in draft.steps][:2] == ["consult", "esi-1"]
    (waiver,) = draft.waivers
    assert (waiver.step, waiver.done_on) == ("mri", ON - timedelta(days=100))
    assert waiver.good_until == ON + timedelta(days=630)
    assert [(gone.step, gone.why) for gone in draft.left_out] == [("mri", "waived")]


@pytest.mark.parametrize(("days_ago", "waived"), [(0, True), (730, True), (731, False), (-1, False)])
def test_a_study_counts_from_its_day_to_its_last(days_ago: int, waived: bool) -> None:
    draft = expand(example(3), on=ON, studies=[study("mri-lumbar-spine", days_ago)])
    assert bool(draft.waivers) is waived


def test_a_study_that_no_physician_has_seen_waives_nothing_but_is_told() -> None:
    draft = expand(example(3), on=ON, studies=[study("mri-lumbar-spine", 100, reviewed=False)])
    assert "mri" in [step.key for step in draft.steps]
    assert not draft.waivers
    (told,) = [note for note in draft.notes if note.kind == "not-reviewed"]
    assert told.step == "mri"


def test_a_step_for_a_condition_stays_only_with_it() -> None:
    without = expand(example(2), on=ON)
    assert [(gone.step, gone.why) for gone in without.left_out] == [("ct", "condition")]
    both = expand(example(2), conditions={"mri-contraindicated"}, on=ON)
    assert {"mri", "ct"} <= {step.key for step in both.steps}
    assert [note.step for note in both.notes if note.kind == "instead-of"] == ["ct"]


def test_what_came_before_a_step_left_out_still_precedes_what_came_after() -> None:
    draft = expand(example(5), on=ON, leave_out={"pt-eval", "sij-dx"})
    assert link(draft, "consult", "pt-1") == DraftLink(before="consult", after="pt-1")
    bridge = link(draft, "consult", "sij-tx")
    assert (bridge.min_days, bridge.max_days) == (None, None)
    assert bridge.gate is not None
    assert {gone.why for gone in draft.left_out} == {"choice"}


def test_two_steps_left_out_in_a_row_are_bridged_together() -> None:
    draft = expand(example(7), on=ON, leave_out={"lead-removal", "implant-decision"})
    pairs = {(one.before, one.after) for one in draft.links}
    assert ("trial", "implant") in pairs


def test_a_bridge_leaves_a_link_that_is_there_and_hands_its_gate_on() -> None:
    draft = expand(example(4), on=ON, leave_out={"diary-1"})
    found = link(draft, "mbb-1", "mbb-2")
    assert (found.min_days, found.max_days) == (14, 60)
    assert found.gate is not None


def test_a_bundle_shrinks_with_its_steps() -> None:
    draft = expand(example(9), on=ON, leave_out={"fr-cbt", "fr-edu"})
    assert groups(draft, "same_day")[0] == (None, ("fr-pt-1", "fr-ot-1"))
    found = link(draft, "fr-pt-1", "fr-ot-1")
    assert (found.min_minutes, found.max_minutes) == (0, 60)


def test_an_optional_step_stays_until_it_is_left_out() -> None:
    assert "esi-2" in [step.key for step in expand(example(3), on=ON).steps if step.optional]
    assert "esi-2" not in [step.key for step in expand(example(3), on=ON, leave_out=["esi-2"]).steps]


@pytest.mark.parametrize(
    ("conditions", "before"),
    [
        ({"warfarin"}, 5),
        ({"clopidogrel"}, 7),
        ({"rivaroxaban-or-apixaban"}, 3),
        ({"warfarin", "clopidogrel"}, 7),
    ],
)
def test_a_pause_begins_so_many_days_before_by_the_medicine(conditions: set[str], before: int) -> None:
    draft = expand(example(12), conditions=conditions, on=ON)
    assert days(draft, "hold-start", "esi") == (before, before)
    assert ("inr" in [step.key for step in draft.steps]) is ("warfarin" in conditions)
    longest = [note for note in draft.notes if note.kind == "days-before-longest"]
    assert bool(longest) is (len(conditions) > 1)


def test_without_a_known_medicine_the_pause_only_comes_first_and_it_is_told() -> None:
    draft = expand(example(12), on=ON)
    assert days(draft, "hold-start", "esi") == (None, None)
    assert [note.step for note in draft.notes if note.kind == "days-before-unknown"] == ["hold-start"]


def test_the_least_days_between_two_of_a_kind_are_links_too() -> None:
    rule = "rules: [{kind: min-gap, steps: [a, c], same_region: true, days: 30}]"
    chain = "{key: a, therapy: t, region: x}\n{key: b, therapy: t, after: [{step: a}]}\n"
    same = a_pathway(chain + "{key: c, therapy: t, region: x, after: [{step: b}]}", rule)
    assert days(expand(same, on=ON), "a", "c") == (30, None)
    other = a_pathway(chain + "{key: c, therapy: t, region: y, after: [{step: b}]}", rule)
    assert ("a", "c") not in {(one.before, one.after) for one in expand(other, on=ON).links}


def test_least_days_run_along_a_fork_and_not_across_it() -> None:
    rule = "rules: [{kind: min-gap, steps: [a, b, c, d], days: 30}]"
    fork = "{key: a, therapy: t}\n{key: b, therapy: t, after: [{step: a}]}\n{key: c, therapy: t, after: [{step: a}]}\n"
    draft = expand(a_pathway(fork + "{key: d, therapy: t, after: [{step: b}, {step: c}]}", rule), on=ON)
    apart = [(one.before, one.after) for one in draft.links if one.min_days == 30]
    assert apart == [("a", "b"), ("a", "c"), ("b", "d"), ("c", "d")]


def test_a_long_chain_of_a_kind_is_kept_apart() -> None:
    steps = [
        f"{{key: s{n}, therapy: t, series: {{count: 40, days: 1}}, after: [{{step: s{n - 1}}}]}}"
        for n in range(5)
    ]
    steps[0] = "{key: s0, therapy: t, series: {count: 40, days: 1}}"
    rule = "rules: [{kind: min-gap, steps: [s0, s1, s2, s3, s4], days: 3}]"
    draft = expand(a_pathway("\n".join(steps), rule), on=ON)
    assert len([one for one in draft.links if one.min_days == 3]) == 199


def test_steps_that_may_not_share_a_day_are_kept_apart() -> None:
    rule = "rules: [{kind: not-same-day, steps: [a], others: [b, facet]}]"
    steps = "{key: a, therapy: t}\n{key: b, therapy: t, series: {count: 2, days: 1}}"
    assert groups(expand(a_pathway(steps, rule), on=ON), "not_same_day") == [
        (None, ("a", "b-1")),
        (None, ("a", "b-2")),
    ]


def test_links_of_one_pair_become_the_tightest() -> None:
    after = "after: [{step: a, days: [1, 9]}, {step: a, days: [3, 20], minutes: [60, null]}]"
    draft = expand(a_pathway(f"{{key: a, therapy: t}}\n{{key: b, therapy: t, {after}}}"), on=ON)
    assert draft.links == (DraftLink(before="a", after="b", min_days=3, max_days=9, min_minutes=60),)


def test_rules_that_leave_no_time_are_refused_with_both_steps() -> None:
    after = "after: [{step: a, days: [1, 2]}, {step: a, days: [5, 9]}]"
    pathway = a_pathway(f"{{key: a, therapy: t}}\n{{key: b, therapy: t, {after}}}")
    with pytest.raises(Refusal, match="From a to b two rules leave no time: at least 5, at most 2"):
        expand(pathway, on=ON)


def test_leaving_out_what_is_not_there_or_everything_is_refused() -> None:
    pathway = a_pathway("{key: a, therapy: t}")
    with pytest.raises(Refusal, match="no step z"):
        expand(pathway, on=ON, leave_out=["z"])
    with pytest.raises(Refusal, match="Nothing is left"):
        expand(pathway, on=ON, leave_out=["a"])


def test_the_same_input_gives_the_same_draft() -> None:
    pathway = example(12)
    one = expand(pathway, conditions=["warfarin", "clopidogrel"], on=date(2027, 1, 1))
    assert one == expand(pathway, conditions={"clopidogrel", "warfarin"}, on=date(2027, 1, 1))

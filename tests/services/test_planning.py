"""Plans are drafted whole, say what they leave out and why, and are approved by physicians."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import AuditLine, PlanState, TreatmentPlan
from coordinator.services import planning
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic


@pytest.fixture(autouse=True)
def _clinic(db: Session) -> None:
    clinic.set_up(db)


def keys(plan: TreatmentPlan) -> list[str]:
    return [step.key for step in plan.steps if step.to_book]


def test_a_draft_has_every_step_of_the_pathway_in_order(db: Session) -> None:
    plan = clinic.a_draft(db)
    assert keys(plan) == ["consult", "imaging", "letter", "talk", "block", "physio-1", "physio-2", "physio-3"]
    assert [(step.number, step.of) for step in plan.steps[5:8]] == [(1, 3), (2, 3), (3, 3)]
    assert plan.state == PlanState.DRAFT


def test_what_is_not_enforced_stands_as_a_note(db: Session) -> None:
    plan = clinic.a_draft(db)
    assert any(note.kind == "rolling-limit" for note in plan.notes)
    assert any(link.gate for link in plan.links if link.after_key == "block")


def test_a_recent_study_waives_its_step_and_the_plan_says_until_when(db: Session) -> None:
    plan = clinic.a_draft(db, "uma")
    waived = next(step for step in plan.steps if step.key == "imaging")
    assert not waived.to_book
    assert waived.waived_by is not None
    assert (waived.waived_by.done_on, waived.waived_until) == (date(2026, 3, 1), date(2027, 3, 1))
    assert ("consult", "talk") in {(link.before_key, link.after_key) for link in plan.links}


def test_an_old_study_waives_nothing(db: Session) -> None:
    plan = clinic.a_draft(db, "uma", earliest=date(2027, 3, 2))
    assert "imaging" in keys(plan)


def test_a_step_for_a_condition_is_left_out_and_shown_where_the_patient_has_it_not(db: Session) -> None:
    blood = next(step for step in clinic.a_draft(db, "rosa").steps if step.key == "blood")
    assert blood.left_out == "condition"
    assert "blood" in keys(clinic.a_draft(db, "uma"))


def test_leaving_a_step_out_keeps_the_order_of_the_others(db: Session) -> None:
    plan = clinic.a_draft(db)
    plan = planning.leave_out_step(
        db, plan.id, "talk", out=True, version=plan.version, by=COMMAND, now=clinic.NOW
    )
    assert "talk" not in keys(plan)
    assert ("imaging", "block") in {(link.before_key, link.after_key) for link in plan.links}
    plan = planning.leave_out_step(
        db, plan.id, "talk", out=False, version=plan.version, by=COMMAND, now=clinic.NOW
    )
    assert "talk" in keys(plan)


def test_a_stale_page_changes_nothing(db: Session) -> None:
    plan = clinic.a_draft(db)
    seen = plan.version
    clinic.approved(db, plan)
    with pytest.raises(Conflict):
        planning.leave_out_step(db, plan.id, "talk", out=True, version=seen, by=COMMAND, now=clinic.NOW)
    db.rollback()
    assert planning.load(db, plan.id).state == PlanState.APPROVED


def test_a_changed_plan_has_to_be_approved_again(db: Session) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    plan = planning.leave_out_step(
        db, plan.id, "talk", out=True, version=plan.version, by=COMMAND, now=clinic.NOW
    )
    assert (plan.state, plan.approved_at) == (PlanState.DRAFT, None)


def test_only_physicians_approve(db: Session) -> None:
    plan = clinic.a_draft(db)
    nurse = clinic.practitioner(db, "nurse-brook")
    with pytest.raises(Refusal, match="Only a physician"):
        planning.approve(
            db, plan.id, practitioner_id=nurse.id, version=plan.version, by=COMMAND, now=clinic.NOW
        )


def test_a_plan_by_hand_follows_the_order_of_its_therapies(db: Session) -> None:
    plan = planning.draft_by_hand(
        db,
        patient_id=clinic.patient(db, "rosa").id,
        title="Two visits",
        therapy_keys=["consult", "physio"],
        earliest=None,
        by=COMMAND,
        now=clinic.NOW,
    )
    assert keys(plan) == ["1-consult", "2-physio"]
    assert [(link.before_key, link.after_key) for link in plan.links] == [("1-consult", "2-physio")]


@pytest.mark.parametrize(("title", "therapies"), [("", ["consult"]), ("Plan", []), ("Plan", ["massage"])])
def test_a_plan_by_hand_needs_a_title_and_known_therapies(
    db: Session, title: str, therapies: list[str]
) -> None:
    with pytest.raises(Refusal):
        planning.draft_by_hand(
            db,
            patient_id=clinic.patient(db, "rosa").id,
            title=title,
            therapy_keys=therapies,
            earliest=None,
            by=COMMAND,
            now=clinic.NOW,
        )


def test_there_is_no_plan_for_nobody(db: Session) -> None:
    with pytest.raises(NotFound):
        planning.draft_from_pathway(
            db, patient_id=999, pathway_id=1, earliest=None, by=COMMAND, now=clinic.NOW
        )
    with pytest.raises(NotFound):
        planning.load(db, 999)


def test_what_was_done_is_written_down(db: Session) -> None:
    clinic.approved(db, clinic.a_draft(db))
    assert list(db.scalars(select(AuditLine.deed).where(AuditLine.subject == "plan"))) == ["draft", "approve"]


@pytest.mark.parametrize("earliest", [date(2032, 1, 1), date(9999, 12, 31)])
def test_a_date_many_years_ahead_is_a_slip_of_the_pen(db: Session, earliest: date) -> None:
    with pytest.raises(Refusal, match="more than 5 years ahead"):
        clinic.a_draft(db, earliest=earliest)


def test_a_plan_may_begin_years_ahead_all_the_same(db: Session) -> None:
    assert clinic.found(db, clinic.a_draft(db, earliest=date(2031, 12, 1))).proposals


def test_leaving_a_step_out_keeps_the_wishes_for_the_others(db: Session) -> None:
    plan, moor = clinic.a_draft(db), clinic.practitioner(db, "pt-moor").id
    plan = planning.prefer(
        db, plan.id, "physio-1", practitioner_id=moor, version=plan.version, by=COMMAND, now=clinic.NOW
    )
    plan = planning.leave_out_step(
        db, plan.id, "talk", out=True, version=plan.version, by=COMMAND, now=clinic.NOW
    )
    wishes = {step.key: step.preferred.key for step in plan.steps if step.preferred}
    assert wishes == dict.fromkeys(("physio-1", "physio-2", "physio-3"), "pt-moor")  # a series has one wish

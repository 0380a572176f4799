"""Wishes for a person: who can be wished for, that a series has one wish."""

from sqlalchemy.orm import Session

from coordinator.models import PlanState, TreatmentPlan
from coordinator.services import plan_pages, planning
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic


def wished(db: Session, plan: TreatmentPlan, step: str, who: str | None) -> TreatmentPlan:
    person = clinic.practitioner(db, who).id if who else None
    return planning.prefer(
        db, plan.id, step, practitioner_id=person, version=plan.version, by=COMMAND, now=clinic.NOW
    )


def wishes(plan: TreatmentPlan) -> dict[str, str]:
    return {each.key: each.preferred.key for each in plan.steps if each.preferred}


def a_series(plan: TreatmentPlan) -> list[str]:
    return [each.key for each in plan.steps if each.pathway_step == "physio"]


def test_only_those_who_can_do_a_step_are_offered(db: Session):
    clinic.set_up(db)
    plan = clinic.a_draft(db)
    page = plan_pages.page(db, plan.id, reader=None, by=COMMAND, now=clinic.NOW)
    for key in a_series(page.plan):
        able = {capability.key for person in page.able[key] for capability in person.capabilities}
        assert "physiotherapist" in able
        assert "dr-vale" not in {person.key for person in page.able[key]}


def test_a_practitioner_who_reads_is_offered_nobody(db: Session):
    clinic.set_up(db)
    plan = clinic.a_draft(db)
    reader = clinic.practitioner(db, "dr-vale").id
    assert not plan_pages.page(db, plan.id, reader=reader, by=COMMAND, now=clinic.NOW).able


def test_a_series_has_one_wish_and_the_approval_stays(db: Session):
    clinic.set_up(db)
    plan = clinic.approved(db, clinic.a_draft(db))
    keys = a_series(plan)
    page = plan_pages.page(db, plan.id, reader=None, by=COMMAND, now=clinic.NOW)
    who = page.able[keys[0]][0].key
    plan = wished(db, plan, keys[0], who)
    assert wishes(plan) == dict.fromkeys(keys, who)
    assert plan.state is PlanState.APPROVED
    assert not wishes(wished(db, plan, keys[1], None))

"""What the plan page shows: lines, ways, who may see it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import NotFound
from coordinator.models import PlanState, TreatmentPlan
from coordinator.services import deeds, plan_pages, treating, ways
from coordinator.services.finding import ProposedStep
from coordinator.services.plan_pages import PlanPage
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic

ZONE = times.zone("America/New_York")


def opened(db: Session, plan: TreatmentPlan, reader: int | None = None) -> PlanPage:
    return plan_pages.page(db, plan.id, reader=reader, by=COMMAND, now=clinic.NOW)


def a_step(day: int, minutes: int = 60, hour: int = 15) -> ProposedStep:
    begin = datetime(2026, 11, 23, hour, tzinfo=UTC) + timedelta(days=day)
    return ProposedStep(
        key=f"{day}-{hour}",
        title={"en": "Step"},
        number=None,
        of=None,
        starts_at=begin,
        ends_at=begin + timedelta(minutes=minutes),
        patient_starts_at=begin,
        patient_ends_at=begin,
        task=False,
        remote=False,
        discipline="nursing",
        resources=[],
    )


def test_a_series_is_one_line_with_its_gap(db: Session):
    clinic.set_up(db)
    page = opened(db, clinic.a_draft(db))
    physio = next(line for line in page.lines if line.step.pathway_step == "physio")
    assert len(physio.steps) == 3
    assert physio.within
    assert (physio.within.min_days, physio.within.max_days) == (2, 7)
    assert [(gap.min_days, gap.max_days) for gap in physio.after] == [(2, 10)]
    assert physio.minutes == 45
    assert [people for phase in physio.phases for people in phase.people] == [
        {"en": "Physiotherapist", "es": "Physiotherapist"}
    ]


def test_what_is_not_booked_is_shown_with_its_reason(db: Session):
    clinic.set_up(db)
    page = opened(db, clinic.a_draft(db, "uma"))
    imaging = next(line.step for line in page.lines if line.step.key == "imaging")
    assert imaging.waived_by
    assert imaging.waived_until
    page = opened(db, clinic.a_draft(db, "rosa"))
    assert next(line.step.left_out for line in page.lines if line.step.key == "blood") == "condition"


def test_ways_come_best_first_and_go_when_the_plan_changes(db: Session):
    clinic.set_up(db)
    plan = clinic.approved(db, clinic.a_draft(db))
    assert opened(db, plan).search is None
    clinic.found(db, plan, alternatives=2)
    page = opened(db, plan)
    assert [way.letter for way in page.ways] == list("ABCDE"[: len(page.ways)])
    assert page.ways
    first = page.ways[0]
    assert first.first <= first.last
    assert first.trips == len(
        {times.local_date(each.starts_at, ZONE) for each in first.steps if each.patient_starts_at}
    )
    db.get_one(TreatmentPlan, plan.id).version += 1
    db.commit()
    assert opened(db, plan).search is None


def test_a_booked_plan_shows_how_far_its_invites_are(db: Session):
    clinic.set_up(db)
    plan_id = clinic.booked(db)[0].plan_id
    page = opened(db, db.get_one(TreatmentPlan, plan_id))
    told = [each for each in page.booked if each.notices]
    assert len(told) == 6
    assert page.undoable is not None
    assert page.undoable.until == clinic.NOW + deeds.UNDO_TIME
    assert (page.broken, page.rest) == ((), None)
    assert all(each.changeable for each in page.booked)


def test_long_gaps_are_folded():
    made = ways.weeks([a_step(0), a_step(1), a_step(28)], ZONE)
    assert [week.quiet for week in made] == [0, 3, 0]
    assert [len(marks) for marks in made[0].days] == [1, 1, 0, 0, 0, 0, 0]


def test_steps_of_a_day_are_piled():
    (week,) = ways.weeks([a_step(0, 30), a_step(0, 45, hour=17)], ZONE)
    assert [(mark.under, mark.minutes) for mark in week.days[0]] == [(0, 30), (30, 45)]


def test_a_physician_sees_drafts_and_others_only_whom_they_treat(db: Session):
    clinic.set_up(db)
    draft = clinic.a_draft(db)
    physician, nurse = (clinic.practitioner(db, key).id for key in ("dr-vale", "nurse-brook"))
    assert opened(db, draft, physician).plan.id == draft.id
    with pytest.raises(NotFound):
        opened(db, draft, nurse)
    booked = clinic.booked(db, "tom")[0].plan_id
    assert treating.check(db, booked, nurse) is None
    with pytest.raises(NotFound):
        treating.check(db, booked, clinic.practitioner(db, "int-rios").id)


def test_lists_by_state_and_reader(db: Session):
    clinic.set_up(db)
    draft = clinic.a_draft(db)
    clinic.booked(db, "tom")
    every = plan_pages.listed(db, None, 1, reader=None)
    assert every.counts == {"draft": 1, "booked": 1}
    assert len(every.plans) == 2
    assert [plan.id for plan in plan_pages.listed(db, PlanState.DRAFT, 99, reader=None).plans] == [draft.id]
    nurse = clinic.practitioner(db, "nurse-brook").id
    assert [plan.state for plan in plan_pages.listed(db, None, 1, reader=nurse).plans] == [PlanState.BOOKED]


def test_by_hand_offers_the_clinics_therapies(db: Session):
    clinic.set_up(db)
    patient = clinic.patient(db, "rosa")
    choices = plan_pages.by_hand(db, patient.id)
    assert {each.key for each in choices.therapies} >= {"consult", "block", "physio"}
    with pytest.raises(NotFound):
        plan_pages.by_hand(db, db.scalars(select(TreatmentPlan.id)).first() or 4711)

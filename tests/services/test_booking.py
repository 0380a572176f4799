"""A proposal is booked whole or not at all, once, and only while it is true."""

from datetime import timedelta
from unittest.mock import Mock

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.errors import Conflict, Refusal
from coordinator.models import (
    Absence,
    Appointment,
    AuditLine,
    Block,
    Claim,
    Notice,
    PlanState,
    Resource,
    TreatmentPlan,
)
from coordinator.scheduling import rules
from coordinator.scheduling.answer import Proposal as CoreProposal
from coordinator.services import appointing, booking, cancelling, finding, holding, planning
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic


@pytest.fixture(autouse=True)
def _clinic(db: Session) -> None:
    clinic.set_up(db)


def count(db: Session, model: type) -> int:
    return db.execute(select(func.count()).select_from(model)).scalar_one()


def overlaps(db: Session) -> list[tuple[int, int]]:
    """Pairs of active claims on one resource that share time, counted by SQL alone."""
    one, other = Claim.__table__.alias("one"), Claim.__table__.alias("other")
    query = select(one.c.id, other.c.id).where(
        one.c.resource_id == other.c.resource_id,
        one.c.id < other.c.id,
        one.c.active,
        other.c.active,
        one.c.starts_at < other.c.ends_at,
        other.c.starts_at < one.c.ends_at,
    )
    return [tuple(row) for row in db.execute(query)]


def test_a_plan_is_booked_whole_with_claims_notices_and_an_audit_line(db: Session) -> None:
    booked = clinic.booked(db)
    plan = db.get_one(TreatmentPlan, booked[0].plan_id)
    assert plan.state == PlanState.BOOKED
    assert len(booked) == 8
    assert {each.location.key for each in booked} == {"north"}
    assert not overlaps(db)
    assert count(db, Notice) > 0
    assert db.scalars(select(AuditLine.deed)).all()[-1] == "book"


def test_what_is_booked_keeps_every_rule_of_the_problem(db: Session) -> None:
    clinic.booked(db, "tom")
    plan = clinic.a_draft(db, "ines")
    search = clinic.found(db, plan)
    problem = finding.problem_of(search)
    proposal = CoreProposal(
        plan=problem.plans[0].key, location="north", steps=finding.placements(search.proposals[0])
    )
    assert not list(rules.violations(problem, proposal))
    assert rules.cost(problem, proposal).total == search.proposals[0].cost


def test_the_patient_and_the_turnover_are_claimed_too(db: Session) -> None:
    block = next(each for each in clinic.booked(db) if each.step.key == "block")
    claims = {
        db.get_one(Resource, claim.resource_id).key: claim
        for claim in db.scalars(select(Claim).where(Claim.appointment_id == block.id))
    }
    assert claims["rosa"].ends_at == block.ends_at
    assert (claims["suite-n"].ends_at - block.ends_at).total_seconds() == 15 * 60


def test_a_conference_without_the_patient_claims_no_time_of_theirs(db: Session) -> None:
    talk = next(each for each in clinic.booked(db) if each.step.key == "talk")
    assert talk.patient_starts_at is None
    assert not db.scalars(
        select(Claim).where(Claim.appointment_id == talk.id, Claim.resource_id == talk.patient_id)
    ).all()


def test_a_needed_interpreter_and_step_free_rooms_are_booked(db: Session) -> None:
    booked = clinic.booked(db, "ines")
    consult = next(each for each in booked if each.step.key == "consult")
    used = {attendance.resource.key for attendance in consult.attendances}
    assert {"int-rios", "exam-free"} <= used


def test_a_plan_that_nobody_approved_is_not_booked(db: Session) -> None:
    plan = clinic.a_draft(db)
    search = clinic.found(db, plan)
    with pytest.raises(Refusal, match="approve"):
        booking.book(
            db, search.proposals[0].id, version=plan.version, delay_seconds=0, by=COMMAND, now=clinic.NOW
        )
    db.rollback()
    assert count(db, Appointment) == 0


def test_the_same_key_books_once(db: Session) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    proposal = clinic.found(db, plan).proposals[0].id

    def book() -> list[int]:
        rows = booking.book(
            db, proposal, version=plan_version, key="once", delay_seconds=0, by=COMMAND, now=clinic.NOW
        )
        return [row.id for row in rows]

    plan_version = plan.version
    assert book() == book()
    assert count(db, Appointment) == 8


def test_a_key_belongs_to_one_plan(db: Session) -> None:
    first = clinic.approved(db, clinic.a_draft(db, "rosa"))
    second = clinic.approved(db, clinic.a_draft(db, "tom", locations=["south"]))
    one, other = clinic.found(db, first).proposals[0].id, clinic.found(db, second).proposals[0].id
    booking.book(db, one, version=first.version, key="once", delay_seconds=0, by=COMMAND, now=clinic.NOW)
    with pytest.raises(Refusal, match="something else"):
        booking.book(
            db, other, version=second.version, key="once", delay_seconds=0, by=COMMAND, now=clinic.NOW
        )
    assert appointing.of_plan(db, second.id) == []


@pytest.mark.parametrize("written", [True, False])
def test_a_connection_that_is_lost_while_committing_is_resolved_by_the_key(
    db: Session, monkeypatch: pytest.MonkeyPatch, written: bool
) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    proposal, version = clinic.found(db, plan).proposals[0].id, plan.version
    commit, lost = db.commit, OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=True)

    def cut() -> None:
        monkeypatch.setattr(db, "commit", commit)
        (commit if written else db.rollback)()
        raise lost

    monkeypatch.setattr(db, "commit", cut)
    booked = booking.book(
        db, proposal, version=version, key="once", delay_seconds=0, by=COMMAND, now=clinic.NOW
    )
    assert count(db, Appointment) == len(booked) > 0


def test_a_connection_that_is_lost_without_a_key_is_said_to_be_lost(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    proposal, version = clinic.found(db, plan).proposals[0].id, plan.version
    lost = OperationalError("COMMIT", {}, Exception("gone"), connection_invalidated=True)
    monkeypatch.setattr(db, "commit", Mock(side_effect=lost))
    with pytest.raises(OperationalError):
        booking.book(db, proposal, version=version, delay_seconds=0, by=COMMAND, now=clinic.NOW)


@pytest.mark.parametrize("absent", [False, True])
def test_what_is_held_is_held_once_and_only_while_it_is_true(db: Session, absent: bool) -> None:
    plan = clinic.a_draft(db)
    proposal, version = clinic.found(db, plan).proposals[0].id, plan.version
    if absent:
        _away(db)
        with pytest.raises(Conflict, match="calendar has changed"):
            holding.hold(db, proposal, version=version, by=COMMAND, now=clinic.NOW)
        return
    held = [
        holding.hold(db, proposal, version=version, key=key, by=COMMAND, now=clinic.NOW).id
        for key in ("one", "one", "other")
    ]
    assert held[0] == held[1] != held[2]


def _away(db: Session) -> None:
    """A physician is away, which was entered after the search."""
    database.begin_writing(db)
    begins = clinic.NOW.replace(hour=0)
    vale = clinic.practitioner(db, "dr-vale").id
    db.add(Absence(resource_id=vale, starts_at=begins, ends_at=begins.replace(day=30)))
    db.commit()


@pytest.mark.parametrize("key", ["k" * 101, "nul\0"])
def test_a_key_that_does_not_fit_is_refused(db: Session, key: str) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    proposal = clinic.found(db, plan).proposals[0].id
    with pytest.raises(Refusal, match="printable"):
        booking.book(db, proposal, version=plan.version, key=key, delay_seconds=0, by=COMMAND, now=clinic.NOW)


def test_time_that_was_taken_meanwhile_is_a_conflict_and_leaves_nothing_behind(db: Session) -> None:
    first = clinic.approved(db, clinic.a_draft(db, "rosa"))
    second = clinic.approved(db, clinic.a_draft(db, "tom", locations=["north"]))
    one, other = clinic.found(db, first).proposals[0].id, clinic.found(db, second).proposals[0].id
    booking.book(db, one, version=first.version, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    before = [count(db, model) for model in (Appointment, Claim, Notice, AuditLine)]
    with pytest.raises(Conflict):
        booking.book(db, other, version=second.version, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    db.rollback()
    assert [count(db, model) for model in (Appointment, Claim, Notice, AuditLine)] == before
    assert planning.load(db, second.id).state == PlanState.APPROVED


def test_the_database_itself_refuses_what_slipped_past_every_check(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = clinic.approved(db, clinic.a_draft(db, "rosa"))
    second = clinic.approved(db, clinic.a_draft(db, "tom", locations=["north"]))
    one, other = clinic.found(db, first).proposals[0].id, clinic.found(db, second).proposals[0].id
    booking.book(db, one, version=first.version, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    with pytest.raises(Conflict, match=r"taken meanwhile from 2026-11-.* and consult needs it then"):
        booking.book(db, other, version=second.version, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    assert not overlaps(db)
    assert appointing.of_plan(db, second.id) == []


def test_an_absence_entered_after_the_search_is_a_conflict(db: Session) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    proposal = clinic.found(db, plan).proposals[0].id
    _away(db)
    with pytest.raises(Conflict, match="calendar has changed"):
        booking.book(db, proposal, version=plan.version, delay_seconds=0, by=COMMAND, now=clinic.NOW)


def test_a_plan_changed_after_the_search_is_searched_again(db: Session) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    proposal = clinic.found(db, plan).proposals[0].id
    changed = planning.leave_out_step(
        db, plan.id, "talk", out=True, version=plan.version, by=COMMAND, now=clinic.NOW
    )
    changed = clinic.approved(db, changed)
    with pytest.raises(Conflict, match="Search again"):
        booking.book(db, proposal, version=changed.version, delay_seconds=0, by=COMMAND, now=clinic.NOW)


def test_a_held_proposal_is_kept_from_others_and_never_from_its_own_plan(db: Session) -> None:
    mine = clinic.approved(db, clinic.a_draft(db, "rosa"))
    proposal = clinic.found(db, mine).proposals[0]
    holding.hold(db, proposal.id, version=mine.version, by=COMMAND, now=clinic.NOW)
    theirs = clinic.found(db, clinic.a_draft(db, "tom", locations=["north"]))
    held = {key: placed for key, placed in proposal.steps.items() if placed["uses"]}
    for key, placed in theirs.proposals[0].steps.items():
        assert key not in held or placed != held[key]
    booked = booking.book(db, proposal.id, version=mine.version, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    assert len(booked) == 8
    assert holding.current(db, mine.id) is None


def test_a_plan_that_cannot_be_says_why(db: Session) -> None:
    plan = clinic.a_draft(db, "ines", locations=["south"])
    search = clinic.found(db, plan)
    assert search.status == "infeasible"
    assert search.proposals == []
    assert search.reasons[0]["text"]


def test_what_is_booked_or_cancelled_is_not_searched_for(db: Session) -> None:
    plan = planning.load(db, clinic.booked(db)[0].plan_id)
    with pytest.raises(Refusal, match="nothing to search"):
        clinic.found(db, plan)
    plan = cancelling.cancel_plan(db, plan.id, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    with pytest.raises(Refusal, match="nothing to search"):
        clinic.found(db, plan)


def test_blocks_stand_in_the_way_like_appointments(db: Session) -> None:
    plan = clinic.a_draft(db)
    free = clinic.found(db, plan).proposals[0].steps["consult"]["start"]
    database.begin_writing(db)
    begins = clinic.NOW.replace(hour=5)
    block = Block(title="Meeting", starts_at=begins, ends_at=begins.replace(hour=23))
    db.add(block)
    db.flush()
    vale = clinic.practitioner(db, "dr-vale").id
    db.add(Claim(resource_id=vale, block_id=block.id, starts_at=block.starts_at, ends_at=block.ends_at))
    db.commit()
    assert clinic.found(db, plan).proposals[0].steps["consult"]["start"] > free


def test_really_different_ways_are_offered_each_with_its_cost_and_what_it_is_better_and_worse_at(
    db: Session,
) -> None:
    search = clinic.found(db, clinic.a_draft(db), alternatives=4)
    assert len(search.proposals) >= 3
    best, *others = search.proposals
    assert best.kind == "best"
    assert all(other.cost >= best.cost for other in others)
    assert len({str(proposal.steps) for proposal in search.proposals}) == len(search.proposals)
    assert {each.key for each in finding.itinerary(db, best)} == set(best.steps)


def test_a_patient_may_think_about_it_for_an_hour(db: Session) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    search = clinic.found(db, plan)
    first = finding.itinerary(db, search.proposals[0])[0]
    later = first.starts_at - timedelta(minutes=30)
    assert booking.book(
        db, search.proposals[0].id, version=plan.version, delay_seconds=0, by=COMMAND, now=later
    )


def test_a_time_that_is_over_is_not_booked(db: Session) -> None:
    plan = clinic.approved(db, clinic.a_draft(db))
    search = clinic.found(db, plan)
    later = finding.itinerary(db, search.proposals[0])[0].starts_at + timedelta(hours=1)
    with pytest.raises(Conflict):
        booking.book(db, search.proposals[0].id, version=plan.version, delay_seconds=0, by=COMMAND, now=later)

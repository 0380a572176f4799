"""Booking a proposal: whole or not at all, in one transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from coordinator.database import begin_writing, retrying
from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import Appointment, DeedKind, PlanState, Proposal, Search, TreatmentPlan
from coordinator.notices import outbox
from coordinator.services import appointing, availability, checking, deeds, holding, planning, trail
from coordinator.services.checking import Checked
from coordinator.services.trail import Actor


@retrying
def book(
    session: Session,
    proposal_id: int,
    *,
    version: int,
    key: str | None = None,
    delay_seconds: int,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Book a proposal: plan, appointments, claims, notices and audit line, all or nothing.

    ``version`` is the plan's as the page showed it; ``key`` (at most 100 printable characters) names this request:
    the same key again gives the same appointments and books nothing. Who attends them is not loaded.

    Raises NotFound, Refusal for a plan that no physician has approved, Conflict where the calendar or the plan has
    moved on since the search.
    """
    proposal, search = _proposal(session, proposal_id)
    plan = planning.load(session, search.plan_id)
    # The key is looked up after the plan is read: whoever sees the plan booked sees the key as well.
    if trail.answered_before(session, key, "book", "plan", plan.id):
        return appointing.of_plan(session, plan.id)
    _may_be_booked(plan, search, version)
    checked = checking.check(session, plan, search, proposal, now)
    clinic = availability.the_clinic(session)
    begin_writing(session, keep=True)
    if not planning.lock(session, plan) and trail.answered_before(session, key, "book", "plan", plan.id):
        return appointing.of_plan(session, plan.id)
    _may_be_booked(plan, search, version)
    appointments = _write(session, plan, proposal, checked, now)
    outbox.announce(session, appointments, clinic=clinic, delay_seconds=delay_seconds, now=now)
    facts = {"proposal": proposal.id, "appointments": len(appointments)}
    line = trail.record(session, by, "book", "plan", plan.id, now, **facts)
    line.request_key = key or None
    session.commit()
    return sorted(appointments, key=lambda each: (each.starts_at, each.ends_at, each.id))


def _write(
    session: Session, plan: TreatmentPlan, proposal: Proposal, checked: Checked, now: datetime
) -> list[Appointment]:
    """The plan as booked, its appointments with all they take, and what was before, so that it can be undone."""
    before = deeds.remember(session, [plan.id], plan=plan)
    held = holding.end_own(session, plan, now)
    appointments = appointing.write(
        session, plan, checked.problem, checked.steps, checked.location, now, instead_of=held
    )
    plan.state, plan.booked_at, plan.location_id = PlanState.BOOKED, now, proposal.location_id
    plan.cost, proposal.booked_at = proposal.cost, now
    plan.version += 1
    deeds.note(session, DeedKind.BOOKING, [plan.id], before, made=appointments, proposals=[proposal.id])
    return appointments


def _proposal(session: Session, proposal_id: int) -> tuple[Proposal, Search]:
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NotFound("There is no such proposal.")
    return proposal, session.get_one(Search, proposal.search_id)


def _may_be_booked(plan: TreatmentPlan, search: Search, version: int) -> None:
    if plan.state == PlanState.BOOKED:
        raise Conflict("This plan has been booked already.")
    if plan.state == PlanState.CANCELLED:
        raise Refusal("This plan is cancelled.")
    if plan.state != PlanState.APPROVED:
        raise Refusal("A physician has to approve this plan before it is booked.")
    if plan.version != version or search.plan_version != plan.version:
        raise Conflict("This plan has changed since the search. Search again.")

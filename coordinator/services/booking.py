"""Booking a proposal: whole or not at all, in one transaction."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.database import begin_writing, retrying
from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import Appointment, PlanState, Proposal, Search, TreatmentPlan
from coordinator.notices import outbox
from coordinator.scheduling import rules
from coordinator.scheduling.answer import Proposal as CoreProposal
from coordinator.scheduling.problem import Placement
from coordinator.services import appointing, availability, finding, holding, planning, trail
from coordinator.services.trail import Actor

LONGEST_KEY = 100


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
    the same key again gives the same appointments and books nothing. Raises NotFound, Refusal for a plan that no
    physician has approved, Conflict where the calendar or the plan has moved on since the search.
    """
    proposal, search = _proposal(session, proposal_id)
    if key and (booked := _booked_under(session, key, search.plan_id)):
        return booked
    problem = finding.problem_of(search)
    _check_again(session, search, proposal, now)
    begin_writing(session)
    plan = planning.load(session, search.plan_id, lock=True)
    if key and plan.booking_key == key:
        return appointing.of_plan(session, plan.id)
    _may_be_booked(plan, search, version)
    proposal = session.get_one(Proposal, proposal_id)
    held = holding.end_own(session, plan, now)
    appointments = appointing.write(session, plan, problem, proposal, now, instead_of=held)
    plan.state, plan.booked_at, plan.booking_key = PlanState.BOOKED, now, key
    plan.location_id, plan.cost, proposal.booked_at = proposal.location_id, proposal.cost, now
    plan.version += 1
    clinic = availability.the_clinic(session)
    outbox.announce(
        session, appointing.loaded(session, plan.id), clinic=clinic, delay_seconds=delay_seconds, now=now
    )
    trail.record(
        session, by, "book", "plan", plan.id, now, proposal=proposal.id, appointments=len(appointments)
    )
    session.commit()
    return appointing.of_plan(session, plan.id)


def _booked_under(session: Session, key: str, plan_id: int) -> list[Appointment]:
    """What this request booked before. Raises Refusal for a key that is none, or that booked another plan."""
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Refusal("The key of a request has at most {most} printable characters.", most=LONGEST_KEY)
    booked = session.scalars(select(TreatmentPlan.id).where(TreatmentPlan.booking_key == key)).one_or_none()
    if booked not in {None, plan_id}:
        raise Refusal("This request has booked another plan already. Open the page of this plan again.")
    return [] if booked is None else appointing.of_plan(session, plan_id)


def _proposal(session: Session, proposal_id: int) -> tuple[Proposal, Search]:
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NotFound("There is no such proposal.")
    return proposal, session.get_one(Search, proposal.search_id)


def _check_again(session: Session, search: Search, proposal: Proposal, now: datetime) -> None:
    """Hold the proposal against the calendar as it is now. Raises Conflict, naming what no longer holds."""
    plan = planning.load(session, search.plan_id)
    if plan.state == PlanState.BOOKED or plan.version != search.plan_version:
        return  # said better by ``_may_be_booked``
    fresh = availability.problem(session, plan, now=now, lead=timedelta())
    shift = int((finding.problem_of(search).start - fresh.start).total_seconds() // 60)
    location = next(
        each.key for each in availability.locations_of(session, plan) if each.id == proposal.location_id
    )
    steps = {
        key: Placement(start=placed.start + shift, uses=placed.uses)
        for key, placed in finding.placements(proposal).items()
    }
    again = CoreProposal(plan=fresh.plans[0].key, location=location, steps=steps)
    for broken in rules.violations(fresh, again):
        raise Conflict(
            "Since the search the calendar has changed: {step}: {text}. Nothing was booked. Search again.",
            step=broken.step,
            text=broken.text,
        )


def _may_be_booked(plan: TreatmentPlan, search: Search, version: int) -> None:
    if plan.state == PlanState.BOOKED:
        raise Conflict("This plan has been booked already.")
    if plan.state == PlanState.CANCELLED:
        raise Refusal("This plan is cancelled.")
    if plan.state != PlanState.APPROVED:
        raise Refusal("A physician has to approve this plan before it is booked.")
    if plan.version != version or search.plan_version != plan.version:
        raise Conflict("This plan has changed since the search. Search again.")

"""Booking a proposal: whole or not at all, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from coordinator import times
from coordinator.database import begin_writing, retrying
from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import Appointment, Location, PlanState, Proposal, Search, TreatmentPlan
from coordinator.notices import outbox
from coordinator.scheduling import rules
from coordinator.scheduling.answer import Proposal as CoreProposal
from coordinator.scheduling.problem import Placement, Problem
from coordinator.services import appointing, availability, finding, holding, planning, trail
from coordinator.services.availability import Part
from coordinator.services.free_time import resource_key
from coordinator.services.trail import Actor


@dataclass(frozen=True, slots=True)
class Checked:
    """A proposal that keeps every rule as they are now, in the minutes of a fresh problem."""

    problem: Problem
    location: Location
    steps: Mapping[str, Placement]


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

    Raises NotFound, Refusal for a plan that no
    physician has approved, Conflict where the calendar or the plan has moved on since the search.
    """
    proposal, search = _proposal(session, proposal_id)
    if trail.answered_before(session, key, "book", "plan", search.plan_id):
        return appointing.of_plan(session, search.plan_id)
    plan = planning.load(session, search.plan_id)
    _may_be_booked(plan, search, version)
    checked = _check(session, plan, search, proposal, now)
    clinic = availability.the_clinic(session)
    begin_writing(session, keep=True)
    if not planning.lock(session, plan) and trail.answered_before(session, key, "book", "plan", plan.id):
        return appointing.of_plan(session, plan.id)
    _may_be_booked(plan, search, version)
    held = holding.end_own(session, plan, now)
    appointments = appointing.write(
        session, plan, checked.problem, checked.steps, checked.location, now, instead_of=held
    )
    plan.state, plan.booked_at, plan.location_id = PlanState.BOOKED, now, proposal.location_id
    plan.cost, proposal.booked_at = proposal.cost, now
    plan.version += 1
    outbox.announce(session, appointments, clinic=clinic, delay_seconds=delay_seconds, now=now)
    line = trail.record(
        session, by, "book", "plan", plan.id, now, proposal=proposal.id, appointments=len(appointments)
    )
    line.request_key = key or None
    session.commit()
    return sorted(appointments, key=lambda each: (each.starts_at, each.ends_at, each.id))


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


def _check(
    session: Session, plan: TreatmentPlan, search: Search, proposal: Proposal, now: datetime
) -> Checked:
    """Hold a proposal against hours and rules as they are now. Raises Conflict, naming what no longer holds.

    What is taken meanwhile is not asked: the database refuses it.
    """
    location = next(
        each for each in availability.locations_of(session, plan) if each.id == proposal.location_id
    )
    placed = finding.placements(proposal)
    fresh = availability.problem(
        session, plan, now=now, part=_part(placed, search.begins_at, location), lead=timedelta()
    )
    shift = (search.begins_at - fresh.start) // timedelta(minutes=1)
    steps = {key: Placement(start=each.start + shift, uses=each.uses) for key, each in placed.items()}
    again = CoreProposal(plan=fresh.plans[0].key, location=location.key, steps=steps)
    for broken in rules.violations(fresh, again):
        raise Conflict(
            "Since the search the calendar has changed: {step}: {text}. Nothing was booked. Search again.",
            step=broken.step,
            text=broken.text,
        )
    return Checked(problem=fresh, location=location, steps=steps)


def _part(placed: Mapping[str, Placement], begins_at: datetime, location: Location) -> Part:
    """What a proposal touches: all that it uses, and its dates."""
    zone = times.zone(location.timezone)
    dates = {times.local_date(begins_at + timedelta(minutes=each.start), zone) for each in placed.values()}
    names = (name for each in placed.values() for names in each.uses for name in names)
    return Part(resources=frozenset(map(resource_key, names)), dates=frozenset(dates))

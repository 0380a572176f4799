"""Checking again: whether a proposal still keeps every rule, before it is held or booked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import Conflict
from coordinator.models import Location, Proposal, Search, TreatmentPlan
from coordinator.scheduling import rules
from coordinator.scheduling.answer import Proposal as CoreProposal
from coordinator.scheduling.problem import Placement, Problem
from coordinator.services import availability, finding
from coordinator.services.availability import Part
from coordinator.services.free_time import resource_key


@dataclass(frozen=True, slots=True)
class Checked:
    """A proposal that keeps every rule as they are now, in the minutes of a fresh problem."""

    problem: Problem
    location: Location
    steps: Mapping[str, Placement]


def check(
    session: Session, plan: TreatmentPlan, search: Search, proposal: Proposal, now: datetime
) -> Checked:
    """Hold a proposal against hours and rules as they are now. Raises Conflict, naming what no longer holds.

    What is taken meanwhile is not asked: the database refuses it.
    """
    location = session.get_one(Location, proposal.location_id)
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

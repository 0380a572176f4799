"""Who was slower: what the database refused to take twice, as a sentence that names step, resource and times."""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import Conflict
from coordinator.models import Claim, Location, Resource, ResourceKind
from coordinator.services import taken
from coordinator.services.claims import Owners, Stretch


def conflict(session: Session, wanted: Sequence[Stretch], instead_of: Owners) -> Conflict:
    """Which step lost what, looked up after the database has refused and everything was rolled back.

    ``wanted`` is sorted by resource and time; what ``instead_of`` had taken is nobody's loss.
    """
    for one, other in pairwise(wanted):
        if one.resource_id == other.resource_id and other.starts_at < one.ends_at:
            return refuse(
                session,
                "Two steps of this plan want {resource} at once, from {begin} to {end}. Nothing was booked.",
                other,
                wanted,
            )
    first, last = min(each.starts_at for each in wanted), max(each.ends_at for each in wanted)
    ids = {each.resource_id for each in wanted}
    there = [
        each
        for each in taken.claims_between(session, ids, first, last)
        if each.appointment_id not in instead_of.appointments and each.hold_id not in instead_of.holds
    ]
    for each in wanted:
        if any(_clash(each, claim) for claim in there):
            return _taken(session, each, wanted)
    return Conflict("Somebody else wanted the same at the same moment. Nothing was booked. Try again.")


def _clash(wanted: Stretch, claim: Claim) -> bool:
    return (
        claim.resource_id == wanted.resource_id
        and claim.starts_at < wanted.ends_at
        and wanted.starts_at < claim.ends_at
    )


def _taken(session: Session, lost: Stretch, wanted: Sequence[Stretch]) -> Conflict:
    """A patient is not called by name."""
    if session.get_one(Resource, lost.resource_id).kind == ResourceKind.PATIENT:
        return refuse(
            session,
            "The patient has another appointment from {begin} to {end}, when {step} would be. Nothing was booked.",
            lost,
            wanted,
        )
    return refuse(
        session,
        "{resource} was taken meanwhile from {begin} to {end}, and {step} needs it then. Nothing was booked.",
        lost,
        wanted,
    )


def refuse(session: Session, sentence: str, lost: Stretch, wanted: Sequence[Stretch]) -> Conflict:
    """A sentence with what was lost, by the clocks of the place."""
    zone = _zone(session, wanted)

    def wall(instant: datetime) -> str:
        return f"{times.to_wall(instant, zone):%Y-%m-%d %H:%M}"

    return Conflict(
        sentence,
        resource=session.get_one(Resource, lost.resource_id).name,
        begin=wall(lost.starts_at),
        end=wall(lost.ends_at),
        step=lost.of or "this plan",
    )


def _zone(session: Session, wanted: Sequence[Stretch]) -> times.Zone:
    """The zone of the location of the rooms and devices that were wanted, or the clinic's first one."""
    ids = {each.resource_id for each in wanted}
    theirs = select(Location.timezone).join(Resource, Resource.location_id == Location.id)
    name = session.scalars(theirs.where(Resource.id.in_(ids)).limit(1)).first()
    name = name or session.scalars(select(Location.timezone).order_by(Location.id).limit(1)).first()
    return times.zone(name or "UTC")

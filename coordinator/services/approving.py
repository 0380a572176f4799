"""The standing order of a physician, by which plans booked at the command line are approved."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.database import begin_writing
from coordinator.errors import NotFound, Refusal
from coordinator.models import Practitioner
from coordinator.services import availability, trail
from coordinator.services.planning import APPROVERS


def stand_in(session: Session, practitioner_id: int, *, by: trail.Actor, now: datetime) -> str:
    """Note whose standing order it is, and give the name. Raises NotFound, Refusal for somebody who is no physician."""
    begin_writing(session)
    query = select(Practitioner).where(Practitioner.id == practitioner_id)
    found = session.scalars(query.options(selectinload(Practitioner.capabilities))).one_or_none()
    if found is None:
        raise NotFound("There is no such practitioner.")
    if not APPROVERS & {capability.key for capability in found.capabilities}:
        raise Refusal("Only a physician can approve a plan; {name} is none.", name=found.name)
    availability.the_clinic(session).standing_approver_id = found.id
    trail.record(session, by, "stand-in", "practitioner", found.id, now)
    session.commit()
    return found.name

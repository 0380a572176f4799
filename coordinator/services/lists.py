"""What set-up pages show: clinic, locations, staff, rooms, devices, therapies, pathways, audit trail."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from coordinator.errors import NotFound
from coordinator.files.pathways import PathwayFile
from coordinator.models import (
    Account,
    AuditLine,
    Capability,
    Clinic,
    Group,
    Location,
    Pathway,
    Practitioner,
    Resource,
    ResourceKind,
    Therapy,
)
from coordinator.models.columns import Words

LINES = 100


def clinic(session: Session) -> Clinic | None:
    """The one clinic of this database; nothing where none was imported yet."""
    return session.scalar(select(Clinic).order_by(Clinic.id).limit(1))


def locations(session: Session) -> Sequence[Location]:
    """All locations with their closures."""
    query = select(Location).options(selectinload(Location.closures))
    return session.scalars(query.order_by(Location.position, Location.id)).all()


def location_names(session: Session) -> Mapping[int, str]:
    """The name of each location, by id."""
    return {location.id: location.name for location in locations(session)}


def staff(session: Session) -> Sequence[Practitioner]:
    """The care team with what they can do and when they are where; those out of use come last."""
    query = select(Practitioner).options(
        selectinload(Practitioner.capabilities), selectinload(Practitioner.hours)
    )
    return session.scalars(
        query.order_by(Practitioner.active.desc(), Practitioner.name, Practitioner.id)
    ).all()


def rooms_and_devices(session: Session) -> Sequence[Resource]:
    """Rooms, then devices, by location."""
    query = select(Resource).where(Resource.kind.in_((ResourceKind.ROOM, ResourceKind.DEVICE)))
    order = (Resource.kind.desc(), Resource.location_id, Resource.position, Resource.name)
    return session.scalars(query.options(selectinload(Resource.capabilities)).order_by(*order)).all()


def groups(session: Session) -> Sequence[Group]:
    """Classes held at weekly hours."""
    return session.scalars(select(Group).order_by(Group.location_id, Group.name)).all()


def therapies(session: Session) -> Sequence[Therapy]:
    """All therapies, by discipline."""
    return session.scalars(select(Therapy).order_by(Therapy.discipline, Therapy.key)).all()


def capability_names(session: Session) -> Mapping[str, Words]:
    """What each capability is called, by key."""
    return {capability.key: capability.name for capability in session.scalars(select(Capability))}


def pathways(session: Session) -> Sequence[Pathway]:
    """All pathways; those out of use come last."""
    return session.scalars(select(Pathway).order_by(Pathway.active.desc(), Pathway.key)).all()


def pathway(session: Session, pathway_id: int) -> tuple[Pathway, PathwayFile]:
    """A pathway and what its file says. Raises NotFound."""
    row = session.get(Pathway, pathway_id)
    if row is None:
        raise NotFound("There is no such pathway.")
    return row, PathwayFile.model_validate(row.document)


@dataclass(frozen=True, slots=True)
class Trail:
    """One page of the audit trail, the newest first, with the names of the accounts."""

    lines: Sequence[AuditLine]
    names: Mapping[int, str]
    number: int
    last: int


def trail(session: Session, number: int = 1) -> Trail:
    """Who did or looked at what."""
    total = session.scalar(select(func.count()).select_from(AuditLine)) or 0
    last = max(1, -(-total // LINES))
    number = min(max(1, number), last)
    lines = select(AuditLine).order_by(AuditLine.id.desc()).offset((number - 1) * LINES).limit(LINES)
    names = {account.id: account.name for account in session.scalars(select(Account))}
    return Trail(session.scalars(lines).all(), names, number, last)

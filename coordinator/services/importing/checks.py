"""Whether files fit the clinic as it will be: keys, names, and resources that can meet every need."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from coordinator.files import clinics, pathway_references, references
from coordinator.files.clinics import Clinic
from coordinator.files.pathways import PathwayFile
from coordinator.files.patients import PatientsFile
from coordinator.files.reading import AnyFile
from coordinator.files.therapies import InlineTherapy, Need
from coordinator.files.values import Fault
from coordinator.models import Capability, Claim, Group, Location, Resource, ResourceKind, Therapy
from coordinator.models import Clinic as ClinicRow
from coordinator.models import Place as PlaceRow

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What the clinic has: names that files may use, and what each resource can do, by location."""

    capabilities: Collection[str]
    locations: Collection[str]
    therapies: Collection[str]
    resources: Mapping[int | None, list[frozenset[str]]]

    def most(self, need: Need) -> int:
        """How many resources of one location meet the need; a phase takes all of them from there."""
        asked = frozenset(need.capabilities)
        return max((sum(asked <= one for one in there) for there in self.resources.values()), default=0)


def offer(session: Session) -> Offer:
    """What the clinic in the database has."""
    parts = selectinload(Resource.capabilities), selectinload(Resource.hours)
    found = select(Resource).where(Resource.active, Resource.kind != ResourceKind.PATIENT)
    resources: dict[int | None, list[frozenset[str]]] = {}
    for resource in session.scalars(found.options(*parts)):
        for location in {resource.location_id, *(each.location_id for each in resource.hours)} - {None}:
            resources.setdefault(location, []).append(frozenset(each.key for each in resource.capabilities))
    return Offer(
        capabilities=set(session.scalars(select(Capability.key))),
        locations=set(session.scalars(select(Location.key))),
        therapies=set(session.scalars(select(Therapy.key))),
        resources=resources,
    )


def faults(value: AnyFile, there: Offer) -> Iterator[Fault]:
    """All in one file that the clinic cannot do."""
    match value:
        case Clinic():
            for number, therapy in enumerate(value.therapies):
                yield from _unmet(therapy, ("therapies", number), there)
        case PathwayFile():
            yield from pathway_references.unknown_to_clinic(
                value, therapies=there.therapies, capabilities=there.capabilities
            )
            yield from _unmet_in_pathway(value, there)
        case PatientsFile():
            yield from references.locations_unknown_to_clinic(value, locations=there.locations)


LEFT_OUT = {
    ResourceKind.PRACTITIONER: "practitioners",
    ResourceKind.ROOM: "rooms",
    ResourceKind.DEVICE: "devices",
}
"""Where in the file those stand that may be left out of it."""


def _unmet_in_pathway(pathway: PathwayFile, there: Offer) -> Iterator[Fault]:
    for number, therapy in enumerate(pathway.therapies):
        yield from _unmet(therapy, ("therapies", number), there)
    for number, step in enumerate(pathway.steps):
        if isinstance(step.therapy, InlineTherapy):
            yield from _unmet(step.therapy, ("steps", number, "therapy"), there)


def _unmet(therapy: InlineTherapy, place: Place, there: Offer) -> Iterator[Fault]:
    """The needs of which too few resources of any location have all the capabilities."""
    for i, phase in enumerate(therapy.phases):
        for j, need in enumerate(phase.needs):
            most = there.most(need)
            if most < need.count and set(need.capabilities) <= set(there.capabilities):
                what = " and ".join(need.capabilities)
                text = f"needs {need.count} with {what}; no location has more than {most}"
                if need.count == 1:
                    text = f"nobody and nothing in the clinic has {what}"
                yield Fault((*place, "phases", i, "needs", j), text)


def places_in_use(session: Session, value: AnyFile, now: datetime) -> Iterator[Fault]:
    """Groups that would lose places which are taken at a time to come."""
    if not isinstance(value, Clinic):
        return
    taken = (
        select(Group.key, func.count(PlaceRow.id.distinct()), func.max(Claim.ends_at))
        .join(PlaceRow, PlaceRow.group_id == Group.id)
        .join(Claim, Claim.resource_id == PlaceRow.id)
        .where(Claim.active, Claim.ends_at > now)
        .group_by(Group.key)
    )
    for number, group in enumerate(value.groups):
        lost = taken.where(Group.key == group.key, PlaceRow.key.not_in(group.places()))
        for _, places, until in session.execute(lost):
            text = f"{places} of the places that it would lose are taken, the last until {until:%Y-%m-%d}"
            yield Fault(("groups", number, "capacity"), text)


def booked_and_left_out(session: Session, value: AnyFile, now: datetime) -> Iterator[Fault]:
    """People, rooms and devices that the file does not name any more, and that are taken at a time to come.

    Those of a demo may go: nobody waits for them.
    """
    if not isinstance(value, Clinic) or any(each.is_demo for each in session.scalars(select(ClinicRow))):
        return
    taken = (
        select(Resource.key, Resource.kind, func.max(Claim.ends_at))
        .join(Claim, Claim.resource_id == Resource.id)
        .where(
            Resource.kind.in_(LEFT_OUT),
            Resource.active,
            Resource.key.not_in([key for _, key, _ in _named(value)]),
            Claim.active,
            Claim.ends_at > now,
        )
        .group_by(Resource.key, Resource.kind)
        .order_by(Resource.key)
    )
    for key, kind, until in session.execute(taken):
        text = f"'{key}' is left out, and is booked until {until:%Y-%m-%d}; move those appointments first"
        yield Fault((LEFT_OUT[kind],), text)


def key_clashes(session: Session, value: AnyFile) -> Iterator[Fault]:
    """Keys that are those of something of another kind already."""
    named = list(_named(value))
    kinds = {key: ResourceKind(kind) for key, kind in session.execute(select(Resource.key, Resource.kind))}
    for place, key, kind in named:
        if kinds.get(key, kind) != kind:
            yield Fault(place, f"'{key}' is already the key of a {kinds[key].value}")
    owners = {row.key: row.facts.get("pathway") for row in session.scalars(select(Therapy))}
    own = value.key if isinstance(value, PathwayFile) else None
    for place, key in _therapies(value):
        if owners.get(key, own) != own:
            whose = f"of the pathway '{owners[key]}'" if owners[key] else "of the clinic file"
            yield Fault(place, f"'{key}' is already a therapy {whose}")


def _named(value: AnyFile) -> Iterator[tuple[Place, str, ResourceKind]]:
    match value:
        case Clinic():
            for number, practitioner in enumerate(value.practitioners):
                yield ("practitioners", number, "key"), practitioner.key, ResourceKind.PRACTITIONER
            yield from _rooms("rooms", value.rooms, ResourceKind.ROOM)
            yield from _rooms("devices", value.devices, ResourceKind.DEVICE)
            for number, group in enumerate(value.groups):
                for key in group.places():
                    yield ("groups", number, "key"), key, ResourceKind.PLACE
        case PatientsFile():
            for number, patient in enumerate(value.patients):
                yield ("patients", number, "key"), patient.key, ResourceKind.PATIENT


def _rooms(
    place: str, rooms: Collection[clinics.Room], kind: ResourceKind
) -> Iterator[tuple[Place, str, ResourceKind]]:
    for number, room in enumerate(rooms):
        for key, _ in room.each():
            yield (place, number, "key"), key, kind


def twice(values: Collection[AnyFile]) -> Iterator[tuple[int, Fault]]:
    """What may come once in an import and comes again: a clinic, a pathway, a key; with the file's number."""
    seen: Counter[tuple[str, str]] = Counter()
    for number, value in enumerate(values):
        for place, what, key in _single(value):
            if seen[what, key]:
                yield number, Fault(place, f"the {what} '{key}' is in another of these files too")
        seen.update((what, key) for _, what, key in _single(value))


def _single(value: AnyFile) -> Iterator[tuple[Place, str, str]]:
    match value:
        case Clinic():
            yield ("kind",), "kind", "clinic"
        case PathwayFile():
            yield ("key",), "pathway", value.key
    yield from ((place, "therapy", key) for place, key in _therapies(value))
    yield from ((place, "key", key) for place, key, _ in _named(value))


def _therapies(value: AnyFile) -> Iterator[tuple[Place, str]]:
    if isinstance(value, PatientsFile):
        return
    for number, therapy in enumerate(value.therapies):
        yield ("therapies", number, "key"), therapy.key
    if isinstance(value, PathwayFile):
        for number, step in enumerate(value.steps):
            if isinstance(step.therapy, InlineTherapy):
                yield ("steps", number, "therapy"), str(value.therapy_key(step))

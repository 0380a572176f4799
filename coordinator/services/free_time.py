"""When resources and patients are free: hours less absences less claims, as the scheduling core wants to know it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, selectinload

from coordinator.database import clock
from coordinator.models import (
    Appointment,
    Claim,
    Hold,
    Location,
    Patient,
    Resource,
    ResourceKind,
    WorkingHours,
    resource_capability,
)
from coordinator.scheduling import problem as core
from coordinator.services import busy_calendars
from coordinator.services.hours import Horizon, SiteCalendar
from coordinator.services.stretches import Stretch, common, joined, without
from coordinator.services.taken import touching

_Name = tuple[str, str, frozenset[str], list[Stretch]]
"""A name in the search, the location's key, what it can do there, and when it is there."""


def resource_key(name: str) -> str:
    """The key of the resource behind a name in the search: ``dr-vale@north:procedures`` is ``dr-vale``."""
    return name.partition("@")[0].partition(":")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a plan has booked itself: not counted against it, and free for it even where the hours have changed."""

    plan_id: int | None = None
    holds: Sequence[int] = ()
    """Those that keep freed time of this patient's plans, in case a cancellation is undone."""
    keep: Mapping[str, Sequence[Stretch]] = field(default_factory=dict)
    """Name in the search -> stretches of steps that stay where they are."""


def candidates(
    session: Session, capabilities: Collection[str], among: Collection[str] | None = None
) -> Sequence[Resource]:
    """All active resources with one of the capabilities, or those ``among`` some keys, with what ``resources`` needs
    to know of them."""
    able = select(resource_capability.c.resource_id).where(
        resource_capability.c.capability_key.in_(capabilities)
    )
    query = (
        select(Resource)
        .where(Resource.id.in_(able), Resource.active, Resource.kind != ResourceKind.PATIENT)
        .options(
            selectinload(Resource.capabilities),
            selectinload(Resource.hours),
            selectinload(Resource.exceptions),
            selectinload(Resource.absences),
        )
        .order_by(Resource.id)
    )
    if among is not None:
        query = query.where(Resource.key.in_(among))
    return session.scalars(query).unique().all()


def claimed(
    session: Session, resource_ids: Collection[int], horizon: Horizon, *, own: Own
) -> Mapping[int, list[Stretch]]:
    """What is taken of each resource within the horizon, except by the plan itself; expired holds take nothing."""
    query = (
        select(Claim.resource_id, Claim.starts_at, Claim.ends_at)
        .outerjoin(Appointment, Claim.appointment_id == Appointment.id)
        .outerjoin(Hold, Claim.hold_id == Hold.id)
        .where(
            touching(session, resource_ids, horizon.start, horizon.end),
            or_(Claim.hold_id.is_(None), and_(Hold.expires_at > clock(session), Hold.released_at.is_(None))),
        )
    )
    if own.plan_id is not None:
        query = query.where(
            or_(Appointment.plan_id.is_(None), Appointment.plan_id != own.plan_id),
            or_(Hold.plan_id.is_(None), (Hold.plan_id != own.plan_id) & Hold.id.not_in(own.holds)),
        )
    taken: defaultdict[int, list[Stretch]] = defaultdict(list)
    for resource_id, starts_at, ends_at in session.execute(query):
        taken[resource_id].append(horizon.stretch(starts_at, ends_at))
    return taken


def resources(
    session: Session,
    locations: Sequence[Location],
    capabilities: Collection[str],
    horizon: Horizon,
    *,
    own: Own,
    among: Collection[str] | None = None,
) -> list[core.Resource]:
    """All that could serve a need at these locations, with their free time in minutes of the horizon.

    ``among`` some keys: only those, and what they have taken is left out, since the database refuses it.
    """
    found = candidates(session, capabilities, among)
    taken = claimed(session, [each.id for each in found], horizon, own=own) if among is None else {}
    own_calendars = busy_calendars.between(session, [each.id for each in found], horizon.start, horizon.end)
    calendars = [SiteCalendar(location, horizon) for location in locations]
    made: list[core.Resource] = []
    for resource in found:
        gone = [horizon.stretch(absence.starts_at, absence.ends_at) for absence in resource.absences]
        elsewhere = own_calendars.get(resource.id, ())
        gone += [horizon.stretch(each.starts_at, each.ends_at) for each in elsewhere if not each.tentative]
        busy = joined([*gone, *taken.get(resource.id, [])])
        names = list(_names(resource, calendars))
        made += [
            core.Resource(
                key=name,
                location=location,
                capabilities=able,
                free=tuple(joined([*without(there, busy), *own.keep.get(name, ())])),
                same_as=resource.key if len(names) > 1 else None,
            )
            for name, location, able, there in names
        ]
    return made


def _names(resource: Resource, calendars: Sequence[SiteCalendar]) -> Iterator[_Name]:
    """Under which names a resource is searched: one for each location and each sort of hours."""
    able = frozenset(capability.key for capability in resource.capabilities)
    for calendar in calendars:
        place = calendar.location
        rows = [row for row in resource.hours if row.location_id == place.id]
        exceptions = [each for each in resource.exceptions if each.location_id == place.id]
        stem = f"{resource.key}@{place.key}" if resource.location_id is None else resource.key
        if resource.location_id == place.id and not rows:
            yield stem, place.key, able, calendar.open
        for only, some in _by_capability(rows):
            name = f"{stem}:{'+'.join(only)}" if only else stem
            if can := able & set(only) if only else able:
                yield name, place.key, can, calendar.worked(some, exceptions)


def _by_capability(rows: Iterable[WorkingHours]) -> list[tuple[tuple[str, ...], list[WorkingHours]]]:
    """Hours that hold for the same capabilities, together."""
    found: defaultdict[tuple[str, ...], list[WorkingHours]] = defaultdict(list)
    for row in rows:
        found[tuple(sorted(row.only))].append(row)
    return sorted(found.items())


def of_patient(
    session: Session, patient: Patient, location: Location, horizon: Horizon, *, own: Own | None
) -> list[Stretch] | None:
    """When the patient can come, by the location's clocks, less what is booked for the patient already.

    None: always. Without ``own`` nothing is looked up that is booked.
    """
    taken = claimed(session, [patient.id], horizon, own=own).get(patient.id, []) if own else []
    if patient.can_come is None and not taken:
        return None
    whole = [(0, horizon.minutes)]
    can_come = whole if patient.can_come is None else SiteCalendar(location, horizon).weekly(patient.can_come)
    kept = own.keep.get(patient.key, ()) if own else ()
    return joined([*without(common(can_come, whole), taken), *kept])

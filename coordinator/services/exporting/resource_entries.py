"""A clinic file's entries for people, rooms, devices and groups."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectin_polymorphic, selectinload

from coordinator import times
from coordinator.files import clinics as files
from coordinator.files.values import Absence, WeekHours
from coordinator.models import (
    Group,
    Location,
    Place,
    Practitioner,
    Resource,
    ResourceKind,
    WorkingHours,
)
from coordinator.services import absence_days
from coordinator.services.importing.resource_rows import STEP_FREE


def of(session: Session, locations: Sequence[Location]) -> dict[str, Any]:
    """The entries by the name of their list; a pool is written out room by room."""
    places = {location.id: location for location in locations}
    resources = _resources(session)
    keys = {resource.id: resource.key for resource in resources}
    held = {resource.group_id for resource in resources if isinstance(resource, Place)}
    groups = session.scalars(select(Group).where(Group.id.in_(held)).order_by(Group.key))
    made: dict[str, list[Any]] = {"practitioners": [], "rooms": [], "devices": []}
    for resource in resources:
        match resource.kind:
            case ResourceKind.ROOM:
                made["rooms"].append(_room(files.Room, resource, places))
            case ResourceKind.DEVICE:
                made["devices"].append(_room(files.Device, resource, places))
        if isinstance(resource, Practitioner):
            made["practitioners"].append(_practitioner(resource, places))
    return made | {"groups": [_group(group, places, keys) for group in groups]}


def _resources(session: Session) -> Sequence[Resource]:
    parts = (Resource.capabilities, Resource.hours, Resource.exceptions, Resource.absences)
    query = (
        select(Resource)
        .where(Resource.active, Resource.kind != ResourceKind.PATIENT)
        .options(
            selectin_polymorphic(Resource, [Practitioner, Place]), *(selectinload(part) for part in parts)
        )
        .order_by(Resource.position, Resource.id)
    )
    return session.scalars(query).all()


def _common(row: Resource) -> dict[str, Any]:
    implied = {STEP_FREE} if row.facts.get("step_free") else set()
    able = [each.key for each in row.capabilities]
    return {
        "key": row.key,
        "name": row.name,
        "capabilities": [key for key in able if key not in implied] or able,
        "setup_minutes": row.setup_minutes,
        "cleaning_minutes": row.cleaning_minutes,
    }


def _practitioner(row: Practitioner, places: dict[int, Location]) -> files.Practitioner:
    zones = [times.zone(places[hours.location_id].timezone) for hours in row.hours]
    zones = zones or [times.zone(location.timezone) for location in places.values()]
    declared = {
        "hours": [_hours(hours, places) for hours in sorted(row.hours, key=lambda hours: hours.id)],
        "exceptions": [
            {"date": each.on_date, "location": places[each.location_id].key, "hours": each.spans}
            for each in sorted(row.exceptions, key=lambda each: each.on_date)
        ],
    } | row.facts
    return files.Practitioner.model_validate(
        _common(row)
        | {"title": row.title or None, "email": row.email, "phone": row.phone, "language": row.language}
        | declared
        | {"absences": _absences(row, zones)}
    )


def _hours(row: WorkingHours, places: dict[int, Location]) -> dict[str, Any]:
    return {
        "location": places[row.location_id].key,
        "days": WeekHours.model_validate(row.days),
        "only": row.only,
        "from": row.valid_from,
        "until": row.valid_until,
    }


def _room(kind: type[files.Room], row: Resource, places: dict[int, Location]) -> files.Room:
    location = places[row.location_id or 0]
    own = {"hours": row.hours[0].days} if row.hours else {}
    return kind.model_validate(
        _common(row)
        | {"location": location.key, "closures": _absences(row, [times.zone(location.timezone)])}
        | own
        | row.facts
    )


def _absences(row: Resource, zones: list[times.Zone]) -> list[Absence]:
    spans = [
        (absence_days.days(each.starts_at, each.ends_at, zones), each.why or None)
        for each in sorted(row.absences, key=lambda each: each.starts_at)
    ]
    return [
        Absence.model_validate({"from": first, "until": last, "why": why}) for (first, last), why in spans
    ]


def _group(row: Group, places: dict[int, Location], keys: dict[int, str]) -> files.Group:
    return files.Group.model_validate(
        {
            "key": row.key,
            "name": row.name,
            "location": places[row.location_id].key,
            "capability": row.capability_key,
            "capacity": row.capacity,
            "hours": row.hours,
            "led_by": [keys[each] for each in row.leader_ids if each in keys],
            "room": keys.get(row.room_id or 0),
        }
    )

"""A clinic file as rows: the clinic, its capabilities and its locations."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.files import clinics as files
from coordinator.files.values import Text
from coordinator.models import Capability, Clinic, Closure, Location
from coordinator.services.importing.resource_rows import STEP_FREE
from coordinator.services.importing.rows import change, flush, words


def write(session: Session, file: files.Clinic) -> None:
    """Bring clinic, capabilities and locations in line with the file. Flushes."""
    _clinic(session, file)
    known = {row.key: row for row in session.scalars(select(Capability))}
    for capability in (*file.capabilities, *_implied(file)):
        row = known.get(capability.key) or Capability(key=capability.key)
        session.add(change(row, kind=capability.kind, name=words(capability.name)))
    places = {
        row.key: row for row in session.scalars(select(Location).options(selectinload(Location.closures)))
    }
    for position, location in enumerate(file.locations):
        session.add(_location(places.get(location.key) or Location(key=location.key), location, position))
    flush(session)


def _implied(file: files.Clinic) -> Iterator[files.Capability]:
    """Rooms that are said to be step-free have that as a capability, named in the file or not."""
    named = {capability.key for capability in file.capabilities}
    if STEP_FREE not in named and any(room.step_free for room in file.rooms):
        text = Text(en="Step-free", es="Sin escalones")
        yield files.Capability(key=STEP_FREE, kind="skill", name=text)


def _clinic(session: Session, file: files.Clinic) -> None:
    row = session.scalars(select(Clinic)).one_or_none() or Clinic()
    policy = file.policy
    change(
        row,
        **{
            name: getattr(file, name) for name in ("name", "phone", "email", "website", "country", "language")
        },
        **{
            name: getattr(policy, name)
            for name in ("grid_minutes", "horizon_days", "hold_minutes", "disclosure")
        },
        reminder_lead_hours=list(policy.reminder_lead_hours),
        quiet_hours=policy.quiet_hours or "",
        weights=dict(policy.weights),
        facts={"sources": dict(file.sources)},
    )
    session.add(row)


def _location(row: Location, file: files.Location, position: int) -> Location:
    closures = [
        Closure(first_date=closure.first_day, last_date=closure.last_day, why=closure.why or "")
        for closure in file.closures
    ]
    return change(
        row,
        **{name: getattr(file, name) for name in ("name", "timezone", "address", "phone", "step_free")},
        directions=words(file.directions),
        opening=file.opening.model_dump(),
        holiday_country=file.holidays.country if file.holidays else None,
        holiday_subdivision=file.holidays.subdivision if file.holidays else None,
        position=position,
        closures=closures,
    )

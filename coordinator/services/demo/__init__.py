"""The demo clinic: example files, accounts to sign in with, and a calendar that is in use."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, selectinload

from coordinator import files, times
from coordinator.database import begin_writing
from coordinator.errors import Refusal
from coordinator.models import (
    Account,
    Block,
    Capability,
    Clinic,
    Location,
    Pathway,
    Patient,
    Practitioner,
    Resource,
    ResourceKind,
    Therapy,
)
from coordinator.services import claiming, free_time, importing, trail
from coordinator.services.demo import filling, people
from coordinator.services.demo.people import SignIn
from coordinator.services.hours import Horizon

SEED = 1
TITLE = "Booked earlier"
BLOCKS = Block.metadata.tables[Block.__tablename__]


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What somebody needs to try the demo: where it is, how to sign in, and the numbers of what is there."""

    url: str
    accounts: Sequence[SignIn]
    patients: Sequence[int]
    pathways: Sequence[int]
    locations: Sequence[int]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


def is_empty(session: Session) -> bool:
    """Whether nobody has put anything into this database yet."""
    return all(session.scalar(select(kind.id).limit(1)) is None for kind in (Clinic, Account))


def make_demo(
    session: Session,
    *,
    examples: Path,
    on: date,
    now: datetime,
    base_url: str,
    known_passwords: bool = True,
) -> Demo:
    """Fill an empty database with the example clinic, as it might look on a day.

    The same day gives the same calendar. Without ``known_passwords`` they are made up, for a demo that others can
    reach. Raises Refusal where the database is not empty.
    """
    readings = [files.load(path.read_bytes(), file=path.name, on=on) for path in _paths(examples)]
    begin_writing(session)
    if not is_empty(session):
        raise Refusal("The demo needs an empty database; this one is in use.")
    importing.take(session, readings, now=now)
    accounts = people.add(session, people.passwords(known=known_passwords))
    _book_earlier(session, on)
    trail.record(session, trail.COMMAND, "make", "demo", None, now)
    session.commit()
    return Demo(
        url=base_url,
        accounts=accounts,
        patients=list(session.scalars(select(Patient.id).order_by(Patient.id))),
        pathways=list(session.scalars(select(Pathway.id).order_by(Pathway.key))),
        locations=list(session.scalars(select(Location.id).order_by(Location.position))),
    )


def _paths(examples: Path) -> list[Path]:
    found = sorted(examples.glob("*.yaml")) + sorted(examples.glob("pathways/*.yaml"))
    if not found:
        raise Refusal("The example files are not there: {folder}.", folder=examples)
    return found


def _book_earlier(session: Session, on: date) -> None:
    """Blocks for bookings that were made before: each takes a whole team with its room."""
    query = select(Location).options(selectinload(Location.closures)).order_by(Location.position)
    locations = session.scalars(query).all()
    first = min(times.day_start(on, times.zone(location.timezone)) for location in locations)
    horizon = Horizon(start=first, minutes=filling.HORIZON_DAYS * 24 * 60)
    able = set(session.scalars(select(Capability.key)))
    found = free_time.resources(session, locations, able, horizon, own=free_time.Own())
    staff = set(session.scalars(select(Practitioner.key)))
    names = {each.key for each in found if free_time.resource_key(each.key) in staff}
    earlier = list(filling.fill(found, names, list(_work(session)), SEED))
    ids = {location.key: location.id for location in locations}
    rows = [
        {
            "location_id": ids[each.location],
            "title": TITLE,
            "discipline": each.discipline,
            "starts_at": horizon.instant(each.starts),
            "ends_at": horizon.instant(each.ends),
        }
        for each in earlier
    ]
    adding = insert(BLOCKS).returning(BLOCKS.c.id, sort_by_parameter_order=True)
    blocks = session.scalars(adding, rows).all()
    claiming.claim(session, _stretches(session, earlier, blocks, horizon))


def _stretches(
    session: Session, earlier: Sequence[filling.Earlier], blocks: Sequence[int], horizon: Horizon
) -> Iterator[claiming.Stretch]:
    own = dict(iter(session.execute(select(Resource.key, Resource.id))))
    for booking, block in zip(earlier, blocks, strict=True):
        begin, end = horizon.instant(booking.starts), horizon.instant(booking.ends)
        for name in booking.takes:
            resource = own[free_time.resource_key(name)]
            yield claiming.Stretch(resource_id=resource, starts_at=begin, ends_at=end, block_id=block)


def _work(session: Session) -> Iterator[filling.Work]:
    """What an earlier booking may have been: any phase of a therapy, but none of a group's."""
    places = set(session.scalars(select(Capability.key).where(Capability.kind == ResourceKind.PLACE.value)))
    for therapy in session.scalars(select(Therapy).order_by(Therapy.key)):
        for phase in therapy.phases:
            needs = tuple(frozenset(need["all"]) for need in phase["needs"])
            if needs and not places.intersection(*needs) and phase["minutes"] <= 120:
                yield filling.Work(therapy.discipline, phase["minutes"], needs)

"""What the demo's people and rooms are taken for besides its plans: blocks, as an earlier calendar left them."""

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, selectinload

from coordinator import times
from coordinator.models import (
    Block,
    Capability,
    Location,
    Practitioner,
    Resource,
    ResourceKind,
    Therapy,
)
from coordinator.services import claiming, free_time, step_needs
from coordinator.services.claims import Stretch
from coordinator.services.demo import filling
from coordinator.services.hours import Horizon

SEED = 1
BLOCKS = Block.metadata.tables[Block.__tablename__]
TITLES = {
    "interventional pain medicine": "Procedure",
    "nursing": "Nurse's visit",
    "pain medicine": "Consultation",
    "radiology": "Imaging",
    "team": "Team meeting",
}
"""What a block of a discipline is called, where not by the discipline's own name."""
INTERPRETED_MINUTES = 60


def lay(session: Session, on: date) -> None:
    """Take time of everybody from a day on, each time a whole team with its room, where nothing is booked yet.

    Flushes; the same day and bookings give the same blocks.
    """
    query = select(Location).options(selectinload(Location.closures)).order_by(Location.position)
    locations = session.scalars(query).all()
    first = min(times.day_start(on, times.zone(location.timezone)) for location in locations)
    horizon = Horizon(start=first, minutes=filling.HORIZON_DAYS * 24 * 60)
    able = set(session.scalars(select(Capability.key)))
    found = free_time.resources(session, locations, able, horizon, own=free_time.Own())
    staff = set(session.scalars(select(Practitioner.key)))
    names = {each.key for each in found if free_time.resource_key(each.key) in staff}
    work = [*_treating(session), *_interpreting(session)]
    earlier = list(filling.fill(found, names, work, SEED))
    claiming.claim(session, _stretches(session, earlier, _added(session, earlier, horizon), horizon))


def _added(session: Session, earlier: Sequence[filling.Earlier], horizon: Horizon) -> Sequence[int]:
    """The numbers of the new blocks, in their order."""
    ids = dict(iter(session.execute(select(Location.key, Location.id))))
    rows = [
        {
            "location_id": ids[each.location],
            "title": each.work.title,
            "discipline": each.work.discipline,
            "starts_at": horizon.instant(each.starts),
            "ends_at": horizon.instant(each.ends),
        }
        for each in earlier
    ]
    return session.scalars(insert(BLOCKS).returning(BLOCKS.c.id, sort_by_parameter_order=True), rows).all()


def _stretches(
    session: Session, earlier: Sequence[filling.Earlier], blocks: Sequence[int], horizon: Horizon
) -> Iterator[Stretch]:
    own = dict(iter(session.execute(select(Resource.key, Resource.id))))
    for booking, block in zip(earlier, blocks, strict=True):
        begin, end = horizon.instant(booking.starts), horizon.instant(booking.ends)
        for name in booking.takes:
            resource = own[free_time.resource_key(name)]
            yield Stretch(resource_id=resource, starts_at=begin, ends_at=end, block_id=block)


def _treating(session: Session) -> Iterator[filling.Work]:
    """Any phase of a therapy, but none of a group's."""
    places = set(session.scalars(select(Capability.key).where(Capability.kind == ResourceKind.PLACE.value)))
    for therapy in session.scalars(select(Therapy).order_by(Therapy.key)):
        title = TITLES.get(therapy.discipline, therapy.discipline.capitalize())
        for phase in therapy.phases:
            needs = tuple(frozenset(need["all"]) for need in phase["needs"])
            if needs and not places.intersection(*needs):
                yield filling.Work(title, therapy.discipline, phase["minutes"], needs)


def _interpreting(session: Session) -> Iterator[filling.Work]:
    """An hour of an interpreter, whose patient is seen outside."""
    keys = select(Capability.key).where(Capability.key.startswith(step_needs.interpreter("")))
    for key in session.scalars(keys.order_by(Capability.key)):
        yield filling.Work("Interpreting", "", INTERPRETED_MINUTES, (frozenset({key}),))

"""A practitioner's day and week: whom they see, where, with whom, and what is free between."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator import times
from coordinator.errors import NotFound
from coordinator.models import (
    Appointment,
    Block,
    BusyCalendar,
    Claim,
    Feed,
    Location,
    Practitioner,
)
from coordinator.models.columns import Words
from coordinator.services import busy_calendars, classes, looks, taken
from coordinator.services.classes import GroupClass
from coordinator.services.presence import SiteDay, Span, gaps
from coordinator.services.trail import Actor

LEAST_GAP = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the day, by the clocks of ``zone``."""

    kind: str
    """``appointment``, ``class``, ``block``, ``busy``, ``perhaps`` (by the own calendar) or ``free``."""
    starts_at: datetime
    ends_at: datetime
    zone: times.Zone
    title: Words
    appointment: Appointment | None = None
    places: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    initials: str = ""
    discipline: str = ""
    taken: int = 0
    capacity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PractitionerDay:
    """One date of one practitioner."""

    practitioner: Practitioner
    day: date
    today: date
    zone: times.Zone
    locations: tuple[Location, ...]
    """Where they are that day."""
    entries: tuple[Entry, ...]
    feed_since: datetime | None
    """Since when a calendar address is open; missing: none is."""
    calendars: tuple[BusyCalendar, ...]
    """Their own calendars that are read."""

    @property
    def visits(self) -> int:
        """How many appointments there are."""
        return sum(each.kind == "appointment" for each in self.entries)


def day(
    session: Session, practitioner_id: int | None, on: date | None, *, by: Actor, now: datetime
) -> PractitionerDay:
    """A practitioner's date, today where none is named. Raises NotFound."""
    looks.note(session, by, "practitioner-day", practitioner_id, now)
    return _days(session, practitioner_id, on, 1, now=now)[0]


def week(
    session: Session, practitioner_id: int | None, on: date | None, *, by: Actor, now: datetime
) -> list[PractitionerDay]:
    """The seven dates, from Monday on, of the week of a date. Raises NotFound."""
    looks.note(session, by, "practitioner-week", practitioner_id, now)
    return _days(session, practitioner_id, on, 7, now=now)


def _days(
    session: Session, practitioner_id: int | None, on: date | None, count: int, *, now: datetime
) -> list[PractitionerDay]:
    practitioner = _practitioner(session, practitioner_id)
    locations = _locations(session, practitioner)
    zone = times.zone(locations[0].timezone)
    today = times.local_date(now, zone)
    first = on or today
    if count > 1:
        first -= timedelta(days=first.weekday())
    open_feed = select(Feed.created_at).where(Feed.resource_id == practitioner.id, Feed.revoked_at.is_(None))
    since = session.scalars(open_feed.order_by(Feed.id.desc())).first()
    return [
        _day(session, practitioner, locations, first + timedelta(days=n), today, since) for n in range(count)
    ]


def _practitioner(session: Session, practitioner_id: int | None) -> Practitioner:
    query = select(Practitioner).where(Practitioner.id == practitioner_id)
    loaded = (selectinload(Practitioner.hours), selectinload(Practitioner.exceptions))
    found = session.scalars(query.options(*loaded, selectinload(Practitioner.absences))).one_or_none()
    if found is None:
        raise NotFound("There is no such practitioner.")
    return found


def _locations(session: Session, practitioner: Practitioner) -> Sequence[Location]:
    """Where a practitioner has hours, most important first; all locations where they have none."""
    query = select(Location).options(selectinload(Location.closures)).order_by(Location.position, Location.id)
    every = session.scalars(query).all()
    if not every:
        raise NotFound("There is no location yet.")
    own = {each.location_id for each in practitioner.hours}
    own |= {each.location_id for each in practitioner.exceptions}
    return [each for each in every if each.id in own] or every


def _day(
    session: Session,
    practitioner: Practitioner,
    locations: Sequence[Location],
    on: date,
    today: date,
    since: datetime | None,
) -> PractitionerDay:
    sites = [SiteDay(location, on) for location in locations]
    span = sites[0].span
    claims = taken.claims_between(session, [practitioner.id], *span)
    appointments = taken.appointments_of(session, claims)
    entries = [
        *_visits(appointments.values(), practitioner.id, span),
        *_blocks(claims, taken.blocks_of(session, claims), sites[0].zone),
        *_elsewhere(session, practitioner.id, sites[0]),
    ]
    for site in sites:
        held = classes.of_day(session, site)
        entries += [_class(each, site) for each in held if practitioner.id in each.group.leader_ids]
    there = {site.location.id: site.there(practitioner) for site in sites}
    entries += _free(entries, sites, there)
    busy_at = {each.appointment.location_id for each in entries if each.appointment}
    return PractitionerDay(
        practitioner=practitioner,
        day=on,
        today=today,
        zone=sites[0].zone,
        locations=tuple(each for each in locations if there[each.id] or each.id in busy_at),
        entries=tuple(sorted(entries, key=lambda each: (each.starts_at, each.kind == "free"))),
        feed_since=since,
        calendars=tuple(busy_calendars.of(session, practitioner.id)),
    )


def _visits(appointments: Iterable[Appointment], practitioner_id: int, within: Span) -> Iterator[Entry]:
    """When the practitioner is in an appointment, each unbroken stretch by itself."""
    for each in appointments:
        therapy = each.step.therapy
        for begin, end in taken.spans_of(each, practitioner_id):
            if begin < within[1] and end > within[0]:
                yield Entry(
                    kind="appointment",
                    starts_at=begin,
                    ends_at=end,
                    zone=times.zone(each.location.timezone),
                    title=each.step.title,
                    appointment=each,
                    places=taken.places(each, within=(begin, end)),
                    others=taken.people(each, but=practitioner_id),
                    needs=taken.needs_of(each.patient),
                    initials=taken.initials(each.patient.name),
                    discipline=therapy.discipline if therapy else "",
                )


def _blocks(claims: Iterable[Claim], blocks: dict[int, Block], zone: times.Zone) -> Iterator[Entry]:
    for claim in claims:
        if claim.block_id in blocks:
            block = blocks[claim.block_id]
            yield Entry(
                kind="block",
                starts_at=claim.starts_at,
                ends_at=claim.ends_at,
                zone=zone,
                title={"en": block.title},
                discipline=block.discipline,
            )


def _elsewhere(session: Session, practitioner_id: int, site: SiteDay) -> Iterator[Entry]:
    """When their own calendar says that they are busy, and nothing of what it is."""
    begin, end = site.span
    for each in busy_calendars.between(session, [practitioner_id], begin, end).get(practitioner_id, ()):
        yield Entry(
            kind="perhaps" if each.tentative else "busy",
            starts_at=max(each.starts_at, begin),
            ends_at=min(each.ends_at, end),
            zone=site.zone,
            title={},
        )


def _class(held: GroupClass, site: SiteDay) -> Entry:
    return Entry(
        kind="class",
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        zone=site.zone,
        title={"en": held.group.name},
        taken=held.taken,
        capacity=held.group.capacity,
    )


def _free(
    entries: Sequence[Entry], sites: Sequence[SiteDay], there: dict[int, list[Span]]
) -> Iterator[Entry]:
    """What is left of the working hours."""
    busy = [(each.starts_at, each.ends_at) for each in entries if each.kind != "perhaps"]
    for site in sites:
        for worked in there[site.location.id]:
            for begin, end in gaps(busy, worked):
                if end - begin >= LEAST_GAP:
                    yield Entry(kind="free", starts_at=begin, ends_at=end, zone=site.zone, title={})

"""The day board: one location's day, a row for each room, practitioner, device and group."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from coordinator import times
from coordinator.errors import NotFound
from coordinator.models import (
    Absence,
    Appointment,
    Block,
    Claim,
    HoursException,
    Location,
    Resource,
    ResourceKind,
    WorkingHours,
)
from coordinator.models.columns import Words
from coordinator.services import classes, looks, taken
from coordinator.services.classes import GroupClass
from coordinator.services.presence import SiteDay, Span, gaps
from coordinator.services.trail import Actor

SECTIONS = (ResourceKind.ROOM, ResourceKind.PRACTITIONER, ResourceKind.DEVICE)
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stretch in which a resource is taken; ``begins_at`` to ``ready_at`` has set-up and cleaning in."""

    kind: str
    """``appointment``, ``elsewhere`` (an appointment at another location), ``block``, ``hold``, ``class``."""
    starts_at: datetime
    ends_at: datetime
    begins_at: datetime
    ready_at: datetime
    title: Words
    discipline: str = ""
    appointment: Appointment | None = None
    initials: str = ""
    """The patient's initials and year of birth: what may be seen in passing."""
    others: tuple[str, ...] = ()
    """Who and what else takes part."""
    taken: int = 0
    places: int = 0
    """Of a class: how many places are taken, and how many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One resource or group: what takes it, and when it is not there."""

    name: str
    bars: tuple[Bar, ...]
    closed: tuple[Span, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One location's day, shown from ``starts_at`` to ``ends_at`` (whole hours of its clocks)."""

    location: Location
    locations: Sequence[Location]
    day: date
    today: date
    zone: times.Zone
    starts_at: datetime
    ends_at: datetime
    closed: bool
    sections: Mapping[str, Sequence[Row]]
    patients: int
    unconfirmed: int

    def has_boxes(self, sections: Collection[str]) -> bool:
        """Whether anything is booked in some of the sections."""
        return any(row.bars for key in sections for row in self.sections.get(key, ()))


def board(session: Session, location_id: int | None, day: date | None, *, by: Actor, now: datetime) -> Board:
    """The day of a location; of the first where none is named, today where no date is. Raises NotFound."""
    looks.note(session, by, "board", location_id, now, day=day.isoformat() if day else None)
    locations = _locations(session)
    location = next((each for each in locations if location_id in (None, each.id)), None)
    if location is None:
        raise NotFound("There is no such location.")
    today = times.local_date(now, times.zone(location.timezone))
    site = SiteDay(location, day or today)
    resources = _resources(session, site)
    claims = taken.claims_between(session, [each.id for each in resources], *site.span)
    appointments = taken.appointments_of(session, claims)
    held = classes.of_day(session, site)
    bars = _bars(claims, appointments, taken.blocks_of(session, claims), site)
    for each in held:
        for resource_id in each.resource_ids:
            bars[resource_id].append(_class_bar(each))
    window = _window(site, [bar for row in bars.values() for bar in row])
    here = [each for each in appointments.values() if each.location_id == location.id]
    return Board(
        location=location,
        locations=locations,
        day=site.day,
        today=today,
        zone=site.zone,
        starts_at=window[0],
        ends_at=window[1],
        closed=site.closed,
        sections=_sections(resources, bars, held, site, window),
        patients=len({each.patient_id for each in here}),
        unconfirmed=sum(each.awaits_answer and each.starts_at > now for each in here),
    )


def _locations(session: Session) -> Sequence[Location]:
    query = select(Location).options(selectinload(Location.closures))
    return session.scalars(query.order_by(Location.position, Location.id)).all()


def _resources(session: Session, site: SiteDay) -> Sequence[Resource]:
    """Rooms and devices of the location, and whoever has hours there."""
    begin, end = site.span
    at_hours = select(WorkingHours.resource_id).where(WorkingHours.location_id == site.location.id)
    at_date = select(HoursException.resource_id).where(
        HoursException.location_id == site.location.id, HoursException.on_date == site.day
    )
    query = (
        select(Resource)
        .where(
            Resource.active,
            Resource.kind.in_(SECTIONS),
            or_(
                Resource.location_id == site.location.id, Resource.id.in_(at_hours), Resource.id.in_(at_date)
            ),
        )
        .options(
            selectinload(Resource.hours),
            selectinload(Resource.exceptions.and_(HoursException.on_date == site.day)),
            selectinload(Resource.absences.and_(Absence.ends_at > begin, Absence.starts_at < end)),
        )
        .order_by(Resource.position, Resource.id)
    )
    return session.scalars(query.execution_options(populate_existing=True)).all()


def _bars(
    claims: Iterable[Claim],
    appointments: Mapping[int, Appointment],
    blocks: Mapping[int, Block],
    site: SiteDay,
) -> defaultdict[int, list[Bar]]:
    """What takes each resource, by its id."""
    made: defaultdict[int, list[Bar]] = defaultdict(list)
    by_appointment: defaultdict[tuple[int, int], list[Claim]] = defaultdict(list)
    for claim in claims:
        if claim.appointment_id in appointments:
            by_appointment[claim.resource_id, claim.appointment_id or 0].append(claim)
        else:
            made[claim.resource_id].append(_taken_bar(claim, blocks.get(claim.block_id or 0)))
    for (resource_id, appointment_id), own in by_appointment.items():
        made[resource_id].extend(_appointment_bars(appointments[appointment_id], resource_id, own, site))
    return made


def _appointment_bars(
    appointment: Appointment, resource_id: int, claims: Sequence[Claim], site: SiteDay
) -> Iterator[Bar]:
    """The bars of one resource in one appointment; its claims say how much turnover belongs to each."""
    kind = "appointment" if appointment.location_id == site.location.id else "elsewhere"
    therapy, patient = appointment.step.therapy, appointment.patient
    for begin, end in taken.spans_of(appointment, resource_id):
        around = [claim for claim in claims if claim.starts_at <= end and claim.ends_at >= begin]
        yield Bar(
            kind=kind,
            starts_at=begin,
            ends_at=end,
            begins_at=min([begin, *(claim.starts_at for claim in around)]),
            ready_at=max([end, *(claim.ends_at for claim in around)]),
            title=appointment.step.title if kind == "appointment" else {"en": appointment.location.name},
            discipline=therapy.discipline if therapy else "",
            appointment=appointment if kind == "appointment" else None,
            initials=f"{taken.initials(patient.name)} {patient.birth_date.year}"
            if kind == "appointment"
            else "",
            others=taken.people(appointment, but=resource_id) + taken.places(appointment, but=resource_id),
        )


def _taken_bar(claim: Claim, block: Block | None) -> Bar:
    """A bar of a block, or of a hold."""
    return Bar(
        kind="block" if block else "hold",
        starts_at=claim.starts_at,
        ends_at=claim.ends_at,
        begins_at=claim.starts_at,
        ready_at=claim.ends_at,
        title={"en": block.title} if block else {},
        discipline=block.discipline if block else "",
    )


def _class_bar(held: GroupClass) -> Bar:
    return Bar(
        kind="class",
        starts_at=held.starts_at,
        ends_at=held.ends_at,
        begins_at=held.starts_at,
        ready_at=held.ends_at,
        title={"en": held.group.name},
        taken=held.taken,
        places=held.group.capacity,
    )


def _window(site: SiteDay, bars: Iterable[Bar]) -> Span:
    """From the first to the last that there is to see, in whole hours, within the date."""
    seen = [*site.open, *((bar.begins_at, bar.ready_at) for bar in bars)]
    first, last = site.span
    begin = max(first, min((begin for begin, _ in seen), default=first + 8 * HOUR))
    end = min(last, max((end for _, end in seen), default=first + 18 * HOUR))
    before, past = (begin - first) % HOUR, -(end - first) % HOUR
    return begin - before, min(last, end + past)


def _sections(
    resources: Iterable[Resource],
    bars: Mapping[int, Sequence[Bar]],
    held: Sequence[GroupClass],
    site: SiteDay,
    window: Span,
) -> dict[str, list[Row]]:
    made: defaultdict[str, list[Row]] = defaultdict(list)
    for resource in sorted(resources, key=lambda each: SECTIONS.index(each.kind)):
        own = sorted(bars.get(resource.id, ()), key=lambda bar: bar.starts_at)
        there = site.there(resource)
        if there or own or resource.kind is not ResourceKind.PRACTITIONER:
            closed = gaps([*there, *((bar.starts_at, bar.ends_at) for bar in own)], window)
            made[resource.kind].append(Row(name=resource.name, bars=tuple(own), closed=tuple(closed)))
    for name in dict.fromkeys(each.group.name for each in held):
        own = [_class_bar(each) for each in held if each.group.name == name]
        closed = gaps(((bar.starts_at, bar.ends_at) for bar in own), window)
        made["group"].append(Row(name=name, bars=tuple(own), closed=tuple(closed)))
    return dict(made)

"""What takes resources in a stretch of time: claims read by their index, and the appointments behind them."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from coordinator.database import clock
from coordinator.models import (
    Appointment,
    AppointmentState,
    Attendance,
    Block,
    Claim,
    Hold,
    Patient,
    PlanStep,
    Resource,
    ResourceKind,
)

Span = tuple[datetime, datetime]
WHOLE = (
    selectinload(Appointment.patient),
    selectinload(Appointment.location),
    selectinload(Appointment.plan),
    selectinload(Appointment.step).selectinload(PlanStep.therapy),
    selectinload(Appointment.attendances).selectinload(Attendance.resource),
)
"""What the pages show of an appointment."""


def claims_between(
    session: Session, resource_ids: Collection[int], starts_at: datetime, ends_at: datetime
) -> Sequence[Claim]:
    """The active claims of some resources that touch a stretch, by resource and time.

    What a hold has taken that is over by the database's clock is not among them.
    """
    query = (
        select(Claim)
        .outerjoin(Hold, Claim.hold_id == Hold.id)
        .where(
            touching(session, resource_ids, starts_at, ends_at),
            or_(Claim.hold_id.is_(None), Hold.released_at.is_(None) & (Hold.expires_at > clock(session))),
        )
    )
    return session.scalars(query.order_by(Claim.resource_id, Claim.starts_at)).all()


def touching(
    session: Session, resource_ids: Collection[int], starts_at: datetime, ends_at: datetime
) -> ColumnElement[bool]:
    """The condition for active claims of some resources that touch a stretch.

    Claims of a resource never overlap, so of those that begin before the stretch only the last can reach
    into it: however long the history is, it is not read.
    """
    earlier = aliased(Claim)
    last_before = (
        select(earlier.id)
        .where(earlier.resource_id == Resource.id, earlier.active, earlier.starts_at < starts_at)
        .order_by(earlier.starts_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    reaching = session.scalars(select(last_before).where(Resource.id.in_(resource_ids)))
    within = and_(
        Claim.active,
        Claim.resource_id.in_(resource_ids),
        Claim.starts_at >= starts_at,
        Claim.starts_at < ends_at,
    )
    before = and_(Claim.id.in_([each for each in reaching if each]), Claim.ends_at > starts_at)
    return or_(within, before)


def appointments_of(session: Session, claims: Iterable[Claim]) -> dict[int, Appointment]:
    """The booked appointments that made these claims, by id, with all that pages show of them."""
    ids = {claim.appointment_id for claim in claims if claim.appointment_id is not None}
    booked = select(Appointment).where(Appointment.id.in_(ids), Appointment.state == AppointmentState.BOOKED)
    return {each.id: each for each in session.scalars(booked.options(*WHOLE))}


def blocks_of(session: Session, claims: Iterable[Claim]) -> dict[int, Block]:
    """The blocks that made these claims, by id."""
    ids = {claim.block_id for claim in claims if claim.block_id is not None}
    return {each.id: each for each in session.scalars(select(Block).where(Block.id.in_(ids)))}


def spans_of(appointment: Appointment, resource_id: int) -> list[Span]:
    """When a resource attends an appointment; phases that follow each other at once are one span."""
    spans: list[Span] = []
    own = (each for each in appointment.attendances if each.resource_id == resource_id)
    for each in sorted(own, key=lambda attendance: attendance.starts_at):
        if spans and spans[-1][1] >= each.starts_at:
            spans[-1] = (spans[-1][0], max(spans[-1][1], each.ends_at))
        else:
            spans.append((each.starts_at, each.ends_at))
    return spans


def names(
    appointment: Appointment,
    *kinds: ResourceKind,
    but: int | None = None,
    within: Span | None = None,
) -> tuple[str, ...]:
    """The names of those of some kinds who attend, in order of need, each once, without the one asked for.

    ``within``: only those who attend in that stretch.
    """
    found = (
        each.resource.name
        for each in appointment.attendances
        if each.resource.kind in kinds
        and each.resource_id != but
        and (within is None or (each.starts_at < within[1] and each.ends_at > within[0]))
    )
    return tuple(dict.fromkeys(found))


def people(appointment: Appointment, *, but: int | None = None) -> tuple[str, ...]:
    """The names of the practitioners who attend."""
    return names(appointment, ResourceKind.PRACTITIONER, but=but)


def places(
    appointment: Appointment, *, but: int | None = None, within: Span | None = None
) -> tuple[str, ...]:
    """The names of the rooms and of the places in a group."""
    return names(appointment, ResourceKind.ROOM, ResourceKind.PLACE, but=but, within=within)


def needs_of(patient: Patient) -> tuple[str, ...]:
    """What a patient needs, as keys: ``interpreter:es``, ``step-free``, ``transport``."""
    wanted = {
        f"interpreter:{patient.interpreter_language}": bool(patient.interpreter_language),
        "step-free": patient.needs_step_free,
        "transport": patient.needs_transport,
    }
    return tuple(key for key, needed in wanted.items() if needed)


def initials(name: str) -> str:
    """``AV`` for Ana Vega."""
    words = [word for word in name.replace("-", " ").split() if word[0].isalpha()]
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0].upper() for word in ends) or "?"

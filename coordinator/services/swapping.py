"""Swapping two appointments: each takes over the other's time, people and rooms, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.errors import Conflict, Refusal
from coordinator.models import Appointment, AppointmentState, PlanStep
from coordinator.scheduling.problem import Placement
from coordinator.scheduling.rules import Violation
from coordinator.services import appointing, as_booked, rearranging
from coordinator.services.as_booked import AsBooked
from coordinator.services.rearranging import Change, Entry
from coordinator.services.trail import Actor

MOST_PARTNERS = 50


def swap(
    session: Session,
    appointment_id: int,
    other_id: int,
    *,
    versions: tuple[int, int] | None = None,
    knowingly: bool = False,
    key: str | None = None,
    delay_seconds: int,
    by: Actor,
    now: datetime,
) -> tuple[Appointment, Appointment]:
    """Exchange the times of two appointments, of one plan or of two, and tell whoever was told of them.

    ``versions``: as the page showed the two; None: as they are now. Raises NotFound, Conflict where one of them has
    changed or somebody is not free, Refusal with the reasons where what the other has does not fit; what breaks the
    plans' links is done ``knowingly`` only. ``key`` names the request: sent again, it swaps nothing.
    """

    def changes() -> Sequence[Change]:
        weighed = _changes(session, appointment_id, other_id, versions, now)
        for change in weighed:
            change.check(knowingly=knowingly)
        return weighed

    entry = Entry("swap", "appointment", appointment_id, {"other": other_id})
    if (wanted := entry.unless_done(session, key, changes)) is not None:
        rearranging.carry_out(
            session, wanted, entry=entry, key=key, delay_seconds=delay_seconds, by=by, now=now
        )
    return appointing.one(session, appointment_id), appointing.one(session, other_id)


def partners(session: Session, appointment_id: int, *, now: datetime) -> Sequence[Appointment]:
    """The next appointments of other plans with the same therapy at the same location, at most ``MOST_PARTNERS``."""
    own = appointing.one(session, appointment_id)
    query = (
        select(Appointment)
        .join(Appointment.step)
        .where(
            Appointment.location_id == own.location_id,
            Appointment.state == AppointmentState.BOOKED,
            Appointment.starts_at > now,
            Appointment.plan_id != own.plan_id,
            PlanStep.therapy_id == own.step.therapy_id,
        )
        .options(selectinload(Appointment.patient))
    )
    return session.scalars(query.order_by(Appointment.starts_at, Appointment.id).limit(MOST_PARTNERS)).all()


def weigh(
    session: Session,
    appointment_id: int,
    other_id: int,
    *,
    versions: tuple[int, int] | None = None,
    now: datetime,
) -> list[tuple[Change, list[Violation]]]:
    """What the swap would be for each plan, and what it would break of it. Raises as ``swap``."""
    changes = _changes(session, appointment_id, other_id, versions, now)
    return [(change, change.check(knowingly=True)) for change in changes]


def _changes(
    session: Session, one_id: int, other_id: int, versions: tuple[int, int] | None, now: datetime
) -> Sequence[Change]:
    one, other = appointing.one(session, one_id), appointing.one(session, other_id)
    if versions not in {None, (one.version, other.version)}:
        raise Conflict("One of these appointments has changed since you opened it. Look at them again.")
    for each in (one, other):
        if each.state == AppointmentState.CANCELLED:
            raise Refusal("This appointment is cancelled already.")
        if each.starts_at <= now:
            raise Refusal("This appointment has begun; it can no longer be moved.")
    if one_id == other_id:
        raise Refusal("An appointment cannot be swapped with itself. Choose another one.")
    if one.location_id != other.location_id:
        raise Refusal("These two appointments are at different locations; they cannot be swapped.")
    if one.plan_id == other.plan_id:
        changes = [_in_one_plan(session, one, other, now)]
    else:
        changes = [_in_its_plan(session, one, other, now), _in_its_plan(session, other, one, now)]
    session.rollback()
    return changes


def _in_one_plan(session: Session, one: Appointment, other: Appointment, now: datetime) -> Change:
    ids, keys = {one.id, other.id}, (one.step.key, other.step.key)
    booked = AsBooked.read(session, one.plan_id, lambda each: each.id in ids, now=now)
    mine, theirs = (booked.plan.booked[key] for key in keys)
    return Change(booked=booked, placed={keys[0]: theirs, keys[1]: mine})


def _in_its_plan(session: Session, own: Appointment, other: Appointment, now: datetime) -> Change:
    """What becomes of a plan in which ``own`` takes over what ``other``, of another plan, has."""
    key = own.step.key
    booked = AsBooked.read(session, own.plan_id, lambda each: each.step.key == key, now=now, given=[other])
    theirs: Placement = as_booked.placement(other, booked.problem.start)
    return Change(booked=booked, placed={key: theirs})

"""Appointments: reading them whole, and writing down what a proposal says of them."""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, selectinload

from coordinator.errors import NotFound
from coordinator.models import (
    Appointment,
    AppointmentState,
    Attendance,
    Location,
    PlanStep,
    Reply,
    Resource,
    TreatmentPlan,
)
from coordinator.scheduling import claims
from coordinator.scheduling.problem import Placement, Problem
from coordinator.scheduling.problem import Step as CoreStep
from coordinator.services import claiming, deeds
from coordinator.services.claims import Owners, Stretch
from coordinator.services.free_time import resource_key

ATTENDANCES = Attendance.metadata.tables[Attendance.__tablename__]


def of_plan(session: Session, plan_id: int) -> list[Appointment]:
    """The booked appointments of a plan in the order of their times, with all that a page shows of them."""
    found = (each for each in loaded(session, plan_id) if each.state == AppointmentState.BOOKED)
    return sorted(found, key=lambda each: (each.starts_at, each.ends_at, each.id))


def loaded(session: Session, plan_id: int, *, lock: bool = False) -> Sequence[Appointment]:
    """All appointments of a plan, cancelled ones too, with step, therapy, patient, location and attendances.

    ``lock``: nobody else changes or answers them meanwhile.
    """
    query = select(Appointment).where(Appointment.plan_id == plan_id).order_by(Appointment.id).options(*_ALL)
    if lock:
        query = query.with_for_update(of=Appointment)
    return session.scalars(query.execution_options(populate_existing=True)).unique().all()


def one(session: Session, appointment_id: int, *, lock: bool = False) -> Appointment:
    """One appointment with all that belongs to it; ``lock`` as above. Raises NotFound."""
    query = select(Appointment).where(Appointment.id == appointment_id).options(*_ALL)
    if lock:
        query = query.with_for_update(of=Appointment)
    found = session.scalars(query.execution_options(populate_existing=True)).unique().one_or_none()
    if found is None:
        raise NotFound("There is no such appointment.")
    return found


_ALL = (
    selectinload(Appointment.plan),
    selectinload(Appointment.step).selectinload(PlanStep.therapy),
    selectinload(Appointment.patient),
    selectinload(Appointment.location),
    selectinload(Appointment.attendances).selectinload(Attendance.resource),
)


def write(
    session: Session,
    plan: TreatmentPlan,
    problem: Problem,
    placed: Mapping[str, Placement],
    location: Location,
    now: datetime,
    *,
    instead_of: Owners,
) -> list[Appointment]:
    """Write the appointments of a proposal, who attends them, and what they take instead of some holds.

    Of a plan there are many attendances and claims: they are written all at once, and are not in the rows returned.
    """
    ids, asked = resource_ids(session, placed.values()), problem.plans[0]
    earlier = _undone(session, plan)
    appointments = []
    for step in plan.steps:
        if step.to_book:
            row = earlier.get(step.id) or Appointment(uid=secrets.token_hex(16), sequence=-1, version=0)
            row.plan, row.step, row.patient, row.location = plan, step, plan.patient, location
            row.state, row.reply, row.replied_at = AppointmentState.BOOKED, Reply.OPEN, None
            row.sequence, row.version, row.revised_at = row.sequence + 1, row.version + 1, now
            _set_times(row, problem, asked.step(step.key), placed[step.key])
            appointments.append(row)
    session.add_all(appointments)
    session.flush()
    attendances = [
        {"appointment_id": row.id, **each}
        for row in appointments
        for each in _attendances(problem, asked.step(row.step.key), placed[row.step.key], ids)
    ]
    if attendances:
        session.execute(insert(ATTENDANCES), attendances)
    taken = [
        replace(stretch, appointment_id=row.id)
        for row in appointments
        for stretch in stretches(
            problem, asked.step(row.step.key), placed[row.step.key], ids, plan.patient_id
        )
    ]
    instead_of += deeds.give_way(session, plan.patient_id, taken)
    claiming.claim(session, taken, instead_of=instead_of)
    return appointments


def _undone(session: Session, plan: TreatmentPlan) -> dict[int, Appointment]:
    """What is left of a booking of the plan that was undone, by step: it is the same visit that is booked again.

    Whoever heard of it has it under its UID.
    """
    rows = session.scalars(select(Appointment).where(Appointment.plan_id == plan.id)).all()
    if rows:
        session.execute(delete(Attendance).where(Attendance.appointment_id.in_([each.id for each in rows])))
    return {each.step_id: each for each in rows}


def place(
    row: Appointment, problem: Problem, step: CoreStep, placed: Placement, ids: Mapping[str, int]
) -> None:
    """Set an appointment's times and attendances to what a proposal says of its step."""
    _set_times(row, problem, step, placed)
    row.attendances = [Attendance(**each) for each in _attendances(problem, step, placed, ids)]


def _set_times(row: Appointment, problem: Problem, step: CoreStep, placed: Placement) -> None:
    here = list(claims.with_patient(step, placed.start))
    row.starts_at = problem.start + timedelta(minutes=placed.start)
    row.ends_at = row.starts_at + timedelta(minutes=step.minutes)
    row.patient_starts_at = problem.start + timedelta(minutes=here[0][0]) if here else None
    row.patient_ends_at = problem.start + timedelta(minutes=here[-1][1]) if here else None


def _attendances(
    problem: Problem, step: CoreStep, placed: Placement, ids: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    """Who or what attends each phase of a step, from when to when, turnover not counted."""
    begins = problem.start + timedelta(minutes=placed.start)
    for number, (phase, offset) in enumerate(zip(step.phases, step.offsets(), strict=True)):
        starts_at = begins + timedelta(minutes=offset)
        for need, name in enumerate(placed.uses[number]):
            yield {
                "resource_id": ids[resource_key(name)],
                "used_as": name,
                "phase": number,
                "need": need,
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(minutes=phase.minutes),
            }


def stretches(
    problem: Problem, step: CoreStep, placed: Placement, ids: Mapping[str, int], patient_id: int
) -> Iterator[Stretch]:
    """What a placed step takes: each resource with its turnover, and the patient's own time."""
    spans = [
        (ids[resource_key(each.resource)], each.start, each.end) for each in claims.of_step(step, placed)
    ]
    spans += [(patient_id, begin, end) for begin, end in claims.with_patient(step, placed.start)]
    for resource_id, begin, end in spans:
        yield Stretch(
            resource_id=resource_id,
            starts_at=problem.start + timedelta(minutes=begin),
            ends_at=problem.start + timedelta(minutes=end),
            of=step.key,
        )


def resource_ids(session: Session, placed: Iterable[Placement]) -> dict[str, int]:
    """The numbers of the rows behind the resource keys that placements use."""
    keys = {resource_key(name) for each in placed for names in each.uses for name in names}
    query = select(Resource.key, Resource.id).where(Resource.key.in_(keys))
    return dict(session.execute(query).all())

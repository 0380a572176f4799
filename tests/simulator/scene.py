"""Rows that a clinic has before anything is booked, written without a search; and names that the program gave."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.models import (
    Absence,
    Appointment,
    AppointmentState,
    Attendance,
    Patient,
    Practitioner,
    Resource,
    TreatmentPlan,
)
from coordinator.scheduling import answer
from coordinator.scheduling.problem import Placement, Problem
from coordinator.services import availability, finding, planning
from coordinator.services.trail import COMMAND
from tests.simulator.clinic import ABLE, THERAPIES, Therapy
from tests.simulator.things import Placed

LOCATION = "harbour"
Deed = Callable[[Session], object]


def drafting(patient: str, therapies: Sequence[str], now: datetime) -> Deed:
    """Draft a plan by hand."""

    def deed(session: Session) -> None:
        number = session.scalars(select(Patient.id).where(Patient.key == patient)).one()
        planning.draft_by_hand(
            session,
            patient_id=number,
            title="Some steps",
            therapy_keys=therapies,
            earliest=None,
            by=COMMAND,
            now=now,
        )

    return deed


def approving(plan: int, version: int, now: datetime) -> Deed:
    """Approve a plan."""

    def deed(session: Session) -> None:
        physician = session.scalars(select(Practitioner.id).where(Practitioner.key == "vale")).one()
        planning.approve(session, plan, practitioner_id=physician, version=version, by=COMMAND, now=now)

    return deed


def newest_plan(session: Session) -> int:
    return session.scalars(select(func.max(TreatmentPlan.id))).one()


def keep_proposal(
    session: Session, plan_id: int, steps: Sequence[tuple[Placed, datetime]], now: datetime
) -> int:
    """A search that found this one proposal, good or bad; the proposal's number."""
    plan = planning.load(session, plan_id)
    problem = availability.problem(session, plan, now=now)
    keys = [step.key for step in plan.steps]
    placements = {
        key: Placement(start=_minute(problem, begins_at), uses=tuple(_uses(placed)))
        for key, (placed, begins_at) in zip(keys, steps, strict=True)
    }
    proposal = answer.Proposal(plan=str(plan_id), location=LOCATION, steps=placements)
    found = answer.PlanAnswer(plan=str(plan_id), status="feasible", proposal=proposal, cost=0)
    database.begin_writing(session)
    search = finding.keep(
        session, plan_id, plan.version, problem, answer.Answer(seconds=0, plans=(found,)), now
    )
    session.commit()
    return search.proposals[0].id


def _minute(problem: Problem, at: datetime) -> int:
    return int((at - problem.start).total_seconds() // 60)


def _uses(placed: Placed) -> Iterator[tuple[str, ...]]:
    """By the names of a search: people are searched at a location."""
    for phase in THERAPIES[placed.therapy].phases:
        names = [placed.filled[role] for role in phase]
        yield tuple(name if name in ABLE["room"] else f"{name}@{LOCATION}" for name in names)


def keep_absence(session: Session, name: str, starts_at: datetime, ends_at: datetime) -> None:
    """Somebody or something is gone."""
    database.begin_writing(session)
    number = session.scalars(select(Resource.id).where(Resource.key == name)).one()
    session.add(Absence(resource_id=number, starts_at=starts_at, ends_at=ends_at))
    session.commit()


def named(session: Session, plan: int) -> list[tuple[int, str]]:
    """Numbers and UIDs of a plan's booked appointments, in the order of its steps."""
    rows = (
        select(Appointment.id, Appointment.uid)
        .where(Appointment.plan_id == plan, Appointment.state == AppointmentState.BOOKED)
        .order_by(Appointment.step_id)
    )
    return [(number, uid) for number, uid in session.execute(rows)]


def filled(session: Session, appointment: int, asked: Therapy) -> dict[str, str]:
    """Who or what fills the roles of an appointment by what is written down of it."""
    rows = (
        select(Attendance.phase, Attendance.need, Resource.key)
        .join(Resource)
        .where(Attendance.appointment_id == appointment)
    )
    return {asked.phases[phase][need]: key for phase, need, key in session.execute(rows)}

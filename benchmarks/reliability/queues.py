"""A queue of reminders that are all due, as a long outage of the mail server would leave it."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from benchmarks.reliability import clinics
from coordinator.models import (
    Appointment,
    Channel,
    Location,
    Notice,
    NoticeKind,
    Patient,
    PlanState,
    PlanStep,
    Therapy,
    TreatmentPlan,
)

PATIENTS = 100
LEAD_HOURS = 24


def fill(session: Session, count: int, *, now: datetime) -> None:
    """Book ``count`` visits that begin in half a day, each with one reminder that was due half a day ago.

    Nothing but what a reminder needs is there: the visits claim nobody.
    """
    clinics.make(session, lanes=1, patients=PATIENTS, courses=[clinics.Course(1)], now=now)
    place = session.scalars(select(Location.id)).one()
    therapy = session.scalars(select(Therapy.id)).one()
    first = 1
    for nth, patient in enumerate(session.scalars(select(Patient).order_by(Patient.id)).all()):
        visits = range(first, first + count // PATIENTS + (nth < count % PATIENTS))
        plan = TreatmentPlan(
            patient_id=patient.id, title={}, state=PlanState.BOOKED, earliest=now.date(), created_at=now
        )
        session.add(plan)
        session.flush()
        if visits:
            session.execute(insert(PlanStep), [_step(plan.id, therapy, n) for n in visits])
            session.execute(insert(Appointment), [_visit(plan, place, n, now) for n in visits])
            session.execute(insert(Notice), [_reminder(plan.id, patient, n, now) for n in visits])
        first = visits.stop
    session.commit()


def _step(plan_id: int, therapy_id: int, n: int) -> dict[str, Any]:
    return {
        "id": n,
        "plan_id": plan_id,
        "therapy_id": therapy_id,
        "key": f"visit-{n}",
        "title": {"en": "Visit"},
        "position": n,
    }


def _visit(plan: TreatmentPlan, location_id: int, n: int, now: datetime) -> dict[str, Any]:
    starts_at = now + timedelta(hours=LEAD_HOURS / 2)
    ends_at = starts_at + timedelta(minutes=30)
    return {
        "id": n,
        "uid": f"visit-{n}",
        "plan_id": plan.id,
        "step_id": n,
        "patient_id": plan.patient_id,
        "location_id": location_id,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "patient_starts_at": starts_at,
        "patient_ends_at": ends_at,
        "revised_at": now,
    }


def _reminder(plan_id: int, patient: Patient, n: int, now: datetime) -> dict[str, Any]:
    return {
        "kind": NoticeKind.REMINDER,
        "channel": Channel.MAIL,
        "plan_id": plan_id,
        "appointment_id": n,
        "recipient": "patient",
        "address": patient.email,
        "name": patient.name,
        "language": patient.language,
        "lead_hours": LEAD_HOURS,
        "unique_key": f"visit-{n}.reminder",
        "message_id": f"visit-{n}.reminder",
        "due_at": now - timedelta(hours=LEAD_HOURS / 2),
        "created_at": now,
    }

"""Whole valid clinics, patients and booked visits for these tests."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session, selectinload, sessionmaker

from coordinator.models import (
    Appointment,
    Attendance,
    Clinic,
    Location,
    Notice,
    Patient,
    PlanState,
    PlanStep,
    Practitioner,
    Room,
    Therapy,
    TreatmentPlan,
)
from coordinator.notices.post import Letterhead

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
STARTS_AT = datetime(2026, 12, 10, 14, 0, tzinfo=UTC)
"""15:00 on Thursday 10 December in Madrid."""
LETTERHEAD = Letterhead("https://visits.clinic.example", "visits@clinic.example", "a secret of the tests")
DELAY = 120
SEEN_TOO = "Bring your glasses."
SENSITIVE = "Stop your blood thinner five days before."


def a_clinic(**changes: Any) -> Clinic:
    values: dict[str, Any] = {
        "name": "Harbour Clinic",
        "phone": "+34 910 000 001",
        "email": "hello@clinic.example",
        "website": "https://clinic.example",
        "country": "ES",
        "reminder_lead_hours": [168, 24],
        "weights": {},
        "disclosure": "time",
    }
    return Clinic(**{**values, **changes})


def a_location(**changes: Any) -> Location:
    values: dict[str, Any] = {
        "key": "north",
        "name": "Northside",
        "timezone": "Europe/Madrid",
        "address": "14 Harbour Street; entrance B",
        "directions": {
            "en": "Tram 4 to Harbour, then left.",
            "es": "Tranvía 4 hasta Puerto, luego a la izquierda.",
        },
        "phone": "+34 910 000 002",
        "opening": {"mon": ["08:00-18:00"]},
    }
    return Location(**{**values, **changes})


def a_patient(**changes: Any) -> Patient:
    values: dict[str, Any] = {
        "key": "p1",
        "name": "Ana Núñez",
        "birth_date": date(1970, 2, 3),
        "email": "ana@home.example",
        "link_key": "key-of-ana",
        "language": "en",
    }
    return Patient(**{**values, **changes})


def a_therapy(**changes: Any) -> Therapy:
    values: dict[str, Any] = {
        "key": "block",
        "name": "Nerve block",
        "patient_name": {"en": "Check-up", "es": "Revisión"},
        "phases": [{"name": "whole", "minutes": 45, "patient": True, "needs": []}],
        "preparations": [
            {"lead_days": 2, "text": {"en": SEEN_TOO, "es": "Traiga sus gafas."}, "sensitive": False},
            {
                "lead_days": 5,
                "text": {"en": SENSITIVE, "es": "Deje su anticoagulante cinco días antes."},
                "sensitive": True,
            },
        ],
    }
    return Therapy(**{**values, **changes})


@dataclass
class Booked:
    """A small clinic with one booked plan."""

    session: Session
    clinic: Clinic
    location: Location
    patient: Patient
    therapy: Therapy
    plan: TreatmentPlan
    practitioner: Practitioner
    room: Room

    def visit(self, n: int = 1, **changes: Any) -> Appointment:
        """One more visit of the plan, a week after the last; loaded as services hand it to the outbox."""
        step = PlanStep(
            plan_id=self.plan.id,
            therapy_id=self.therapy.id,
            key=f"block-{n}",
            title={"en": "Nerve block"},
            position=n,
            number=n,
            of=12,
        )
        self.session.add(step)
        self.session.flush()
        starts_at = changes.pop("starts_at", STARTS_AT + timedelta(weeks=n - 1))
        ends_at = starts_at + timedelta(minutes=45)
        values: dict[str, Any] = {
            "uid": f"uid{n}",
            "plan_id": self.plan.id,
            "step_id": step.id,
            "patient_id": self.patient.id,
            "location_id": self.location.id,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "patient_starts_at": starts_at,
            "patient_ends_at": ends_at,
            "revised_at": NOW,
            "sequence": 0,
        }
        appointment = Appointment(**{**values, **changes})
        for need, resource in enumerate([self.practitioner, self.room]):
            attendance = Attendance(
                resource_id=resource.id,
                used_as=resource.key,
                phase=0,
                need=need,
                starts_at=starts_at,
                ends_at=ends_at,
            )
            appointment.attendances.append(attendance)
        self.session.add(appointment)
        self.session.flush()
        return loaded(self.session, appointment.id)


def loaded(session: Session, appointment_id: int) -> Appointment:
    chosen = select(Appointment).where(Appointment.id == appointment_id)
    return session.scalars(
        chosen.options(
            selectinload(Appointment.patient),
            selectinload(Appointment.location),
            selectinload(Appointment.plan),
            selectinload(Appointment.step).selectinload(PlanStep.therapy),
        ).execution_options(populate_existing=True)
    ).one()


def a_booked_clinic(session: Session, *, patient: Patient | None = None, **parts: Any) -> Booked:
    """A clinic, a patient and an empty booked plan, flushed but not committed."""
    clinic, location = parts.get("clinic") or a_clinic(), parts.get("location") or a_location()
    patient, therapy = patient or a_patient(), parts.get("therapy") or a_therapy()
    practitioner = Practitioner(key="dr", name="Dr Bea Ruiz", language="en")
    session.add_all([clinic, location, patient, therapy, practitioner])
    session.flush()
    room = Room(key="room-2", name="Room 2", location_id=location.id)
    plan = TreatmentPlan(
        patient_id=patient.id,
        title={"en": "Blocks"},
        state=PlanState.BOOKED,
        earliest=date(2026, 12, 1),
        created_at=NOW,
        location_id=location.id,
    )
    session.add_all([room, plan])
    session.flush()
    return Booked(session, clinic, location, patient, therapy, plan, practitioner, room)


def sessions_at(engine: Engine, now: datetime) -> sessionmaker[Session]:
    """Database sessions whose clock stands still."""
    return sessionmaker(engine, expire_on_commit=False, info={"now": now})


def notices(session: Session) -> list[Notice]:
    """All notices as they are now; what an open transaction has seen before does not count."""
    session.commit()
    chosen = select(Notice).order_by(Notice.id)
    return list(session.scalars(chosen.execution_options(populate_existing=True)))

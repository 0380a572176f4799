"""Patients: finding them, opening their record, adding and changing them, their studies and their own link."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, selectinload

from coordinator.database import begin_writing
from coordinator.errors import NotFound
from coordinator.models import (
    Appointment,
    AppointmentState,
    Patient,
    PlanStep,
    Study,
    TreatmentPlan,
)
from coordinator.services import trail
from coordinator.services.patient_details import PatientDetails
from coordinator.services.trail import Actor

ON_A_PAGE = 25
COMING = 60


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a long list: its rows, which page of how many, and how many rows in all."""

    rows: Sequence[Patient]
    number: int
    last: int
    total: int


@dataclass(frozen=True, slots=True)
class Record:
    """What a coordinator sees of a patient."""

    patient: Patient
    plans: Sequence[TreatmentPlan]
    coming: Sequence[Appointment]


def find(session: Session, words: str, number: int = 1) -> Page:
    """Patients whose names contain all the words, or who were born on a date among them; by name."""
    query = select(Patient).where(Patient.active)
    printable = "".join(sign if sign.isprintable() else " " for sign in words)
    for word in printable.split()[:10]:
        born = _as_date(word)
        query = query.where(
            Patient.birth_date == born if born else Patient.name.icontains(word, autoescape=True)
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    last = max(1, -(-total // ON_A_PAGE))
    number = min(max(1, number), last)
    rows = query.order_by(Patient.name, Patient.id).offset((number - 1) * ON_A_PAGE).limit(ON_A_PAGE)
    return Page(session.scalars(rows).all(), number, last, total)


def _as_date(word: str) -> date | None:
    """``1958-03-14``, and as people write it: ``14.3.1958``, ``14/3/1958``."""
    parts = word.replace("/", ".").split(".")
    if len(parts) == 3 and all(part.isdecimal() for part in parts):
        word = f"{parts[2]:0>4}-{parts[1]:0>2}-{parts[0]:0>2}"
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def open_record(session: Session, patient_id: int, *, by: Actor, now: datetime) -> Record:
    """A patient's record; who opened it is written down. Raises NotFound."""
    begin_writing(session)
    patient = _patient(session, patient_id)
    trail.record(session, by, "open", "patient", patient_id, now)
    session.commit()
    plans = select(TreatmentPlan).where(TreatmentPlan.patient_id == patient_id)
    return Record(
        patient,
        session.scalars(plans.order_by(TreatmentPlan.created_at.desc(), TreatmentPlan.id.desc())).all(),
        session.scalars(_coming(patient_id, now)).all(),
    )


def _coming(patient_id: int, now: datetime) -> Select[Appointment]:
    query = select(Appointment).where(
        Appointment.patient_id == patient_id,
        Appointment.state == AppointmentState.BOOKED,
        Appointment.patient_starts_at >= now,
    )
    loaded = query.options(
        selectinload(Appointment.location), selectinload(Appointment.step).selectinload(PlanStep.therapy)
    )
    return loaded.order_by(Appointment.starts_at).limit(COMING)


def one(session: Session, patient_id: int) -> Patient:
    """A patient with studies on file, to fill a form with. Raises NotFound."""
    return _patient(session, patient_id)


def _patient(session: Session, patient_id: int) -> Patient:
    query = select(Patient).where(Patient.id == patient_id).options(selectinload(Patient.studies))
    patient = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if patient is None:
        raise NotFound("There is no such patient.")
    return patient


def add(session: Session, details: PatientDetails, *, by: Actor, now: datetime) -> Patient:
    """A new patient."""
    begin_writing(session)
    patient = Patient(key=f"patient-{secrets.token_hex(6)}", link_key=_link_key())
    details.write(patient)
    session.add(patient)
    session.flush()
    trail.record(session, by, "add", "patient", patient.id, now)
    session.commit()
    return patient


def change(
    session: Session, patient_id: int, details: PatientDetails, *, by: Actor, now: datetime
) -> Patient:
    """Other details for a patient. What is booked stays as it is. Raises NotFound."""
    begin_writing(session)
    patient = _patient(session, patient_id)
    details.write(patient)
    trail.record(session, by, "change", "patient", patient_id, now)
    session.commit()
    return patient


def add_study(
    session: Session, patient_id: int, study: str, done_on: date, *, reviewed: bool, by: Actor, now: datetime
) -> None:
    """A study on file; drafts made from now on may do without a new one. Raises NotFound."""
    begin_writing(session)
    patient = _patient(session, patient_id)
    patient.studies.append(Study(study=study, done_on=done_on, reviewed=reviewed))
    trail.record(session, by, "add-study", "patient", patient_id, now)
    session.commit()


def renew_link(session: Session, patient_id: int, *, by: Actor, now: datetime) -> None:
    """A new link to the patient's own page; whoever has an old one is shut out. Raises NotFound."""
    begin_writing(session)
    _patient(session, patient_id).link_key = _link_key()
    trail.record(session, by, "renew-link", "patient", patient_id, now)
    session.commit()


def _link_key() -> str:
    return secrets.token_urlsafe(24)

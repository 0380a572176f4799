"""Patients as rows."""

import secrets
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.files import patients as files
from coordinator.models import Disclosure, Patient, Study
from coordinator.services.importing.rows import change

AS_THEY_ARE = ("name", "birth_date", "email", "phone", "address", "language", "timezone")


def write(session: Session, patients: Sequence[files.Patient]) -> None:
    """Bring these patients in line with what the file says; a new one gets a link of their own."""
    found = select(Patient).where(Patient.key.in_([patient.key for patient in patients]))
    known = {row.key: row for row in session.scalars(found.options(selectinload(Patient.studies)))}
    for patient in patients:
        row = known.get(patient.key) or _new(patient.key)
        _studies(row, patient)
        session.add(change(row, **_columns(patient)))


def _new(key: str) -> Patient:
    return Patient(key=key, link_key=secrets.token_urlsafe(24), studies=[])


def _columns(patient: files.Patient) -> dict[str, Any]:
    carer = patient.carer
    return {name: getattr(patient, name) for name in AS_THEY_ARE} | {
        "active": True,
        "can_come": patient.can_come.model_dump() if patient.can_come is not None else None,
        "preferred_locations": list(patient.locations),
        "disclosure": Disclosure(patient.disclosure) if patient.disclosure else None,
        "interpreter_language": patient.needs.interpreter,
        "needs_step_free": patient.needs.step_free,
        "needs_transport": patient.needs.transport,
        "conditions": list(patient.conditions),
        "carer_name": carer.name if carer else None,
        "carer_email": carer.email if carer else None,
        "carer_phone": carer.phone if carer else None,
        "carer_instead": carer.instead if carer else False,
        "identifiers": [identifier.model_dump() for identifier in patient.identifiers],
    }


def _studies(row: Patient, patient: files.Patient) -> None:
    """Add studies, or change whether they are reviewed; none is taken away, since plans may rest on it."""
    there = {(study.study, study.done_on): study for study in row.studies}
    for file in patient.studies:
        study = there.get((file.study, file.done_on))
        if study is None:
            study = there[file.study, file.done_on] = Study(study=file.study, done_on=file.done_on)
            row.studies.append(study)
        study.reviewed = file.reviewed

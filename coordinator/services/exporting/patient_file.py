"""Patients as a file."""

from collections.abc import Sequence

from coordinator.files import patients as files
from coordinator.files.values import WeekHours
from coordinator.models import Patient

AS_THEY_ARE = ("key", "name", "birth_date", "email", "phone", "address", "language", "timezone")


def of(patients: Sequence[Patient]) -> files.PatientsFile:
    """These patients, whose studies are loaded."""
    return files.PatientsFile(patients=tuple(_patient(patient) for patient in patients))


def _patient(row: Patient) -> files.Patient:
    return files.Patient(
        **{name: getattr(row, name) for name in AS_THEY_ARE},
        identifiers=tuple(files.Identifier(**each) for each in row.identifiers),
        can_come=None if row.can_come is None else WeekHours.model_validate(row.can_come),
        locations=tuple(row.preferred_locations),
        disclosure=row.disclosure.value if row.disclosure else None,
        needs=files.Needs(
            interpreter=row.interpreter_language,
            step_free=row.needs_step_free,
            transport=row.needs_transport,
        ),
        conditions=tuple(row.conditions),
        carer=_carer(row),
        studies=tuple(
            files.Study(study=study.study, done_on=study.done_on, reviewed=study.reviewed)
            for study in sorted(row.studies, key=lambda study: (study.done_on, study.study))
        ),
    )


def _carer(row: Patient) -> files.Carer | None:
    if row.carer_name is None:
        return None
    return files.Carer(
        name=row.carer_name, email=row.carer_email, phone=row.carer_phone, instead=row.carer_instead
    )

"""Exporting: the clinic, its pathways and its patients as files that import to the same."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.errors import NotFound
from coordinator.files import clinics, patients
from coordinator.files.pathways import PathwayFile
from coordinator.models import Pathway, Patient
from coordinator.services.exporting import clinic_file, patient_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """All files of a clinic; ``patients`` is None where there are none."""

    clinic: clinics.Clinic
    pathways: tuple[PathwayFile, ...]
    patients: patients.PatientsFile | None


def export(session: Session) -> Shelf:
    """Everything that was imported and is in use, as it is now. Raises NotFound where no clinic is set up."""
    clinic = clinic_file.of(session)
    if clinic is None:
        raise NotFound("No clinic has been set up yet. Import a clinic file first.")
    found = session.scalars(select(Pathway).where(Pathway.active).order_by(Pathway.key))
    everyone = select(Patient).where(Patient.active).order_by(Patient.key)
    people = session.scalars(everyone.options(selectinload(Patient.studies))).all()
    return Shelf(
        clinic=clinic,
        pathways=tuple(PathwayFile.model_validate(pathway.document) for pathway in found),
        patients=patient_file.of(people) if people else None,
    )

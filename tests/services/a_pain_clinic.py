"""A clinic with two locations, a short injection pathway and two patients, for tests that book."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import files
from coordinator.models import Appointment, Pathway, Patient, Practitioner, Search, TreatmentPlan
from coordinator.services import appointing, booking, finding, importing, planning
from coordinator.services.trail import COMMAND

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # a Monday
FILES = Path(__file__).parent / "pain_clinic"


def set_up(session: Session) -> None:
    """Import the clinic; the database's clock stands still too."""
    session.info["now"] = NOW
    names = ("clinic.yaml", "injection.yaml", "patients.yaml")
    readings = [files.load((FILES / name).read_bytes(), file=name, on=NOW.date()) for name in names]
    importing.import_files(session, readings, by=COMMAND, now=NOW)


def patient(session: Session, key: str) -> Patient:
    """One of the patients."""
    return session.scalars(select(Patient).where(Patient.key == key)).one()


def practitioner(session: Session, key: str) -> Practitioner:
    """One of the team."""
    return session.scalars(select(Practitioner).where(Practitioner.key == key)).one()


def a_draft(session: Session, patient_key: str = "rosa", **wishes: object) -> TreatmentPlan:
    """The injection pathway for a patient."""
    pathway_id = session.scalars(select(Pathway.id).where(Pathway.key == "injection")).one()
    asked: dict[str, object] = {"earliest": None, "by": COMMAND, "now": NOW} | wishes
    return planning.draft_from_pathway(
        session,
        patient_id=patient(session, patient_key).id,
        pathway_id=pathway_id,
        **asked,  # type: ignore[arg-type]
    )


def approved(session: Session, plan: TreatmentPlan) -> TreatmentPlan:
    """The plan with its physician's approval."""
    return planning.approve(
        session,
        plan.id,
        practitioner_id=practitioner(session, "dr-vale").id,
        version=plan.version,
        by=COMMAND,
        now=NOW,
    )


def found(session: Session, plan: TreatmentPlan, *, alternatives: int = 0) -> Search:
    """A search for times."""
    return finding.find(session, plan.id, seconds=20, alternatives=alternatives, by=COMMAND, now=NOW)


def booked(session: Session, patient_key: str = "rosa", **wishes: object) -> Sequence[Appointment]:
    """A whole plan from draft to appointments."""
    plan = approved(session, a_draft(session, patient_key, **wishes))
    search = found(session, plan)
    booking.book(session, search.proposals[0].id, version=plan.version, delay_seconds=0, by=COMMAND, now=NOW)
    return appointing.of_plan(session, plan.id)

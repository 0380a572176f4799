"""What forms may choose from, as the clinic has it today."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import times
from coordinator.files.pathways import PathwayFile
from coordinator.models import Capability, Clinic, Location, Pathway, Patient
from coordinator.services.patient_details import Allowed

INTERPRETER = "interpreter-"


@dataclass(frozen=True, slots=True)
class PatientChoices:
    """For a patient's form and record; conditions and studies are those that the pathways know."""

    locations: Sequence[Location]
    interpreters: Sequence[str]
    conditions: Sequence[str]
    studies: Sequence[str]
    pathways: Sequence[Pathway]
    country: str
    today: date

    def allowed(self) -> Allowed:
        """The same as plain keys, for checking."""
        keys = [location.key for location in self.locations]
        return Allowed(keys, self.interpreters, self.conditions, self.country)


def for_patient(session: Session, patient: Patient | None = None, *, now: datetime) -> PatientChoices:
    """The choices, those among them that this patient already has."""
    pathways = session.scalars(select(Pathway).where(Pathway.active).order_by(Pathway.key)).all()
    known = [PathwayFile.model_validate(pathway.document) for pathway in pathways]
    has = (patient.conditions, patient.interpreter_language) if patient else ([], None)
    locations = session.scalars(select(Location).order_by(Location.position, Location.id)).all()
    zone = times.zone(locations[0].timezone if locations else "UTC")
    return PatientChoices(
        locations=locations,
        interpreters=_sorted(_interpreters(session), [has[1]]),
        conditions=_sorted((word for pathway in known for word in _conditions(pathway)), has[0]),
        studies=_sorted(
            (step.waived_if.study for pathway in known for step in pathway.steps if step.waived_if), []
        ),
        pathways=pathways,
        country=session.scalar(select(Clinic.country).limit(1)) or "US",
        today=times.local_date(now, zone),
    )


def _interpreters(session: Session) -> Iterator[str]:
    query = select(Capability.key).where(Capability.key.startswith(INTERPRETER))
    return (key.removeprefix(INTERPRETER) for key in session.scalars(query))


def _conditions(pathway: PathwayFile) -> Iterator[str]:
    for step in pathway.steps:
        if step.only_if:
            yield step.only_if
        if step.back_scheduled:
            yield from step.back_scheduled.days_before


def _sorted(known: Iterator[str], had: Sequence[str | None]) -> list[str]:
    return sorted({word for word in (*known, *had) if word})

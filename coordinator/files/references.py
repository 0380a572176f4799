"""What one part of a file says about another: names that must exist, keys that must differ, circles."""

from collections.abc import Collection, Iterator

from coordinator import times
from coordinator.errors import UnknownZone
from coordinator.files import clinic_references, pathway_references
from coordinator.files.clinics import Clinic
from coordinator.files.naming import all_unknown, repeated
from coordinator.files.pathways import PathwayFile
from coordinator.files.patients import PatientsFile
from coordinator.files.values import Fault


def faults(value: Clinic | PathwayFile | PatientsFile) -> Iterator[Fault]:
    """All that does not fit together within one file."""
    match value:
        case Clinic():
            yield from clinic_references.faults(value)
        case PathwayFile():
            yield from pathway_references.faults(value)
        case PatientsFile():
            yield from _patients(value)


def _patients(file: PatientsFile) -> Iterator[Fault]:
    yield from repeated((patient.key for patient in file.patients), "patients")
    for number, patient in enumerate(file.patients):
        if patient.timezone:
            try:
                times.zone(patient.timezone)
            except UnknownZone as error:
                yield Fault(("patients", number, "timezone"), str(error))


def locations_unknown_to_clinic(file: PatientsFile, *, locations: Collection[str]) -> Iterator[Fault]:
    """The locations that patients wish for and the clinic, given by its keys, does not have."""
    for number, patient in enumerate(file.patients):
        place = ("patients", number, "locations")
        yield from all_unknown("location", patient.locations, locations, place)

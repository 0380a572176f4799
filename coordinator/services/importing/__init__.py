"""Importing a clinic's files: all of them, checked against each other, or nothing."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.errors import FileProblem, FileProblems
from coordinator.files import Reading
from coordinator.files.clinics import Clinic
from coordinator.files.pathways import PathwayFile
from coordinator.files.patients import PatientsFile
from coordinator.files.reading import AnyFile
from coordinator.models import Clinic as ClinicRow
from coordinator.services import trail
from coordinator.services.importing import (
    checks,
    clinic_rows,
    patient_rows,
    resource_rows,
    rows,
    therapy_rows,
)

ORDER = (Clinic, PathwayFile, PatientsFile)
NOUNS = ("locations", "practitioners", "rooms", "devices", "groups", "therapies")

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was taken: how many of each noun, and the keys of resources that are out of use from now on."""

    counts: Counts
    retired: Sequence[str]


def import_files(
    session: Session, readings: Sequence[Reading], *, by: trail.Actor, now: datetime, dry_run: bool = False
) -> Report:
    """Take all files in one transaction, each thing by its key: new, or brought in line.

    A clinic file is the whole clinic: resources that it no longer has stay with what is booked on them, but
    out of use. With ``dry_run`` everything is checked and nothing kept. Raises FileProblems with all that
    does not fit.
    """
    database.begin_writing(session)
    report = take(session, readings, now=now)
    trail.record(session, by, "import", "files", None, now, **report.counts)
    if dry_run:
        session.rollback()
    else:
        session.commit()
    return report


def take(session: Session, readings: Sequence[Reading], *, now: datetime) -> Report:
    """Write all files into the open transaction, the clinic first. Raises FileProblems. Never commits."""
    shelf = sorted(readings, key=lambda reading: ORDER.index(type(reading.value)))
    _refuse(_clashes(session, shelf, now))
    retired: list[str] = []
    for reading in shelf:
        with session.no_autoflush:
            retired += _write(session, reading.value, now)
    there = checks.offer(session)
    _refuse(problem for each in shelf for problem in each.problems(checks.faults(each.value, there)))
    return Report(counts=_counts(shelf), retired=retired)


def _refuse(problems: Iterable[FileProblem]) -> None:
    if found := list(problems):
        raise FileProblems(found)


def _clashes(session: Session, shelf: Sequence[Reading], now: datetime) -> Iterator[FileProblem]:
    """What can be said before anything is written."""
    first_clinic = any(isinstance(each.value, Clinic) for each in shelf)
    if not first_clinic and session.scalars(select(ClinicRow.id)).first() is None:
        text = "there is no clinic yet: import its file first, or together with this"
        yield FileProblem(text, file=shelf[0].file)
    for number, fault in checks.twice([each.value for each in shelf]):
        yield from shelf[number].problems([fault])
    for each in shelf:
        yield from each.problems(checks.key_clashes(session, each.value))
        yield from each.problems(checks.places_in_use(session, each.value, now))
        yield from each.problems(checks.booked_and_left_out(session, each.value, now))


def _write(session: Session, value: AnyFile, now: datetime) -> list[str]:
    """Bring the rows in line with one file. Gives the keys of resources that it puts out of use."""
    retired: list[str] = []
    match value:
        case Clinic():
            clinic_rows.write(session, value)
            retired = resource_rows.write(session, value)
            therapy_rows.write_therapies(session, value.therapies)
        case PathwayFile():
            therapy_rows.write_therapies(session, value.own_therapies(), pathway=value.key)
            therapy_rows.write_pathway(session, value, now=now)
        case PatientsFile():
            patient_rows.write(session, value.patients)
    rows.flush(session)
    return retired


def _counts(shelf: Sequence[Reading]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for each in shelf:
        match each.value:
            case Clinic() as clinic:
                counts.update({noun: len(getattr(clinic, noun)) for noun in NOUNS})
            case PathwayFile():
                counts["pathways"] += 1
            case PatientsFile() as file:
                counts["patients"] += len(file.patients)
    return dict(counts)

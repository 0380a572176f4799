"""A clinic that is as large as a harness asks for: lanes of a physician, a suite and a C-arm, open all day."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import files
from coordinator.models import Pathway, Patient, Practitioner, Role
from coordinator.services import accounts, importing
from coordinator.services.trail import COMMAND

ROLES = ("pain-physician", "suite", "c-arm")
"""What each visit needs, beside the patient: with them four claims."""
OPENS, CLOSES = 6, 22
PASSWORD = "a long enough password"


class Course(NamedTuple):
    """So many visits of so many minutes, not two on one date."""

    visits: int
    minutes: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """A clinic that stands in the database."""

    patient_ids: tuple[int, ...]
    physician_id: int
    pathway_ids: Mapping[Course, int]
    """Who follows which pathway."""


def uses(lane: int) -> tuple[str, ...]:
    """The names under which the search knows what a visit in a lane uses, in the order of its needs."""
    return (f"physician-{lane}@here", f"suite-{lane}", f"c-arm-{lane}")


def make(session: Session, *, lanes: int, patients: int, courses: Sequence[Course], now: datetime) -> Clinic:
    """Import it, with a pathway for each course."""
    made = [
        clinic_file(lanes, [course.minutes for course in courses]),
        *(_pathway(course) for course in courses),
        {"kind": "patients", "patients": list(_patients(patients))},
    ]
    bring(session, made, now=now)
    pathways = session.execute(select(Pathway.key, Pathway.id)).all()
    physician = select(Practitioner.id).where(Practitioner.key == "physician-0")
    return Clinic(
        patient_ids=tuple(session.scalars(select(Patient.id).order_by(Patient.id))),
        physician_id=session.scalars(physician).one(),
        pathway_ids={course: dict(pathways)[_key(course)] for course in courses},
    )


def bring(
    session: Session, made: Sequence[Mapping[str, Any]], *, now: datetime, dry_run: bool = False
) -> importing.Report:
    """Import files as anybody would. Raises FileProblems."""
    readings = [
        files.load(json.dumps(each).encode(), file=f"{each['kind']}.yaml", on=now.date()) for each in made
    ]
    return importing.import_files(session, readings, by=COMMAND, now=now, dry_run=dry_run)


def coordinators(session: Session, count: int, *, now: datetime) -> list[str]:
    """The addresses of so many coordinators, who sign in with ``PASSWORD``."""
    emails = [f"coordinator-{number}@clinic.example" for number in range(count)]
    for email in emails:
        accounts.create(
            session, email=email, name="Sam", role=Role.COORDINATOR, password=PASSWORD, by=COMMAND, now=now
        )
    return emails


def clinic_file(lanes: int, lengths: Sequence[int] = (30,)) -> dict[str, Any]:
    """A clinic file with so many lanes, and visits of each length."""
    opening = {
        day: [f"{OPENS:02}:00-{CLOSES}:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    }
    here = {"location": "here"}
    return {
        "kind": "clinic",
        "name": "Load Clinic",
        "phone": "+1 510 555 0100",
        "email": "desk@clinic.example",
        "country": "US",
        "capabilities": [
            {"key": key, "kind": kind, "name": key}
            for key, kind in zip(ROLES, ("role", "room", "device"), strict=True)
        ],
        "policy": {"reminder_lead_hours": [48], "horizon_days": 182, "quiet_hours": None},
        "locations": [
            {
                "key": "here",
                "name": "Here",
                "timezone": "UTC",
                "address": "1 North Street",
                "phone": "+1 510 555 0101",
                "opening": opening,
            }
        ],
        "practitioners": [
            {
                "key": f"physician-{lane}",
                "name": f"Physician {lane}",
                "capabilities": ["pain-physician"],
                "hours": [here | {"days": opening}],
            }
            for lane in range(lanes)
        ],
        "rooms": [_thing("suite", lane) for lane in range(lanes)],
        "devices": [_thing("c-arm", lane) for lane in range(lanes)],
        "therapies": [_therapy(minutes) for minutes in sorted(set(lengths))],
    }


def _therapy(minutes: int) -> dict[str, Any]:
    needs = [{"all": [role]} for role in ROLES]
    return {
        "key": f"visit-{minutes}",
        "name": "Visit",
        "patient_name": "Visit",
        "phases": [{"name": "Visit", "minutes": minutes, "needs": needs}],
    }


def _thing(capability: str, lane: int) -> dict[str, Any]:
    return {
        "key": f"{capability}-{lane}",
        "name": f"{capability} {lane}",
        "location": "here",
        "capabilities": [capability],
    }


def _key(course: Course) -> str:
    return f"{course.visits}-visits-of-{course.minutes}"


def _pathway(course: Course) -> dict[str, Any]:
    series = {"series": {"count": course.visits, "days": [1, 60]}} if course.visits > 1 else {}
    return {
        "kind": "pathway",
        "key": _key(course),
        "title": f"{course.visits} visits",
        "status": "An example for measurements",
        "steps": [{"key": "visit", "therapy": f"visit-{course.minutes}"} | series],
    }


def _patients(count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        yield {
            "key": f"patient-{number}",
            "name": f"Patient {number}",
            "birth_date": date(1970, 1, 1).isoformat(),
            "email": f"patient-{number}@clinic.example",
        }

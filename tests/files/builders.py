"""Whole valid files for tests; a test changes only what it is about."""

import os
from datetime import date
from pathlib import Path

import pytest

from coordinator import files
from coordinator.errors import FileProblem, FileProblems
from coordinator.files.pathways import PathwayFile

ON = date(2026, 11, 22)
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
PATHWAYS = sorted((EXAMPLES / "pathways").glob("*.yaml"))

CLINIC = """\
kind: clinic
name: Testfield
phone: +1 202 555 0100
email: desk@example.org
country: US
capabilities:
  - {key: nurse, kind: role, name: {en: Nurse, es: Enfermera}}
  - {key: exam-room, kind: room, name: Exam room}
  - {key: place, kind: place, name: Place}
locations:
  - key: north
    name: North
    timezone: America/New_York
    address: 1 North Street
    phone: +1 202 555 0101
    opening: {mon: ["08:00-18:00"], tue: ["08:00-18:00"]}
  - key: south
    name: South
    timezone: America/New_York
    address: 2 South Street
    phone: +1 202 555 0102
    opening: {mon: ["08:00-18:00"]}
practitioners:
  - key: ann
    name: Ann Tester
    capabilities: [nurse]
    hours:
      - {location: north, days: {mon: ["08:00-12:00", "13:00-17:00"]}}
      - {location: south, days: {tue: ["08:00-12:00"]}}
    absences: [{from: +14d, until: +20d}]
rooms:
  - {key: exam, name: Exam, location: north, capabilities: [exam-room], count: 2}
groups:
  - key: school
    name: School
    location: north
    capability: place
    capacity: 3
    hours: {mon: ["09:00-10:00"]}
    led_by: [ann]
    room: exam-1
therapies:
  - key: visit
    name: Visit
    patient_name: Visit
    phases: [{name: Visit, minutes: 30, needs: [{all: [nurse]}, {all: [exam-room]}]}]
"""

PATIENTS = """\
kind: patients
patients:
  - key: pat
    name: Pat Doe
    birth_date: 1970-05-05
    email: pat@example.org
    studies: [{study: mri-lumbar-spine, done_on: -30d, reviewed: true}]
"""

STATUS = "An example"


def a_pathway(steps: str, more: str = "") -> PathwayFile:
    """A pathway of steps given as lines of YAML."""
    value = files.load(pathway_text(steps, more).encode(), file="p.yaml", on=ON).value
    assert isinstance(value, PathwayFile)
    return value


def pathway_text(steps: str, more: str = "") -> str:
    lines = "\n".join(f"  - {line.strip()}" for line in steps.strip().splitlines())
    return f"kind: pathway\nkey: p\ntitle: P\nstatus: {STATUS}\nsteps:\n{lines}\n{more}\n"


def problems(text: str | bytes, file: str = "f.yaml") -> list[FileProblem]:
    """What is wrong with a text; it has to be refused."""
    content = text.encode() if isinstance(text, str) else text
    with pytest.raises(FileProblems) as refused:
        files.load(content, file=file, on=ON)
    return refused.value.problems


def shared(*parts: str) -> Path:
    """A file beside the project that tests may read; skips where it is absent, unless all is demanded."""
    path = ROOT.parent.joinpath("shared", *parts)
    if not path.exists():
        if os.environ.get("COORDINATOR_DEMAND_ALL") == "1":
            pytest.fail(f"{path} is missing")
        pytest.skip(f"{path.name} is not here")
    return path

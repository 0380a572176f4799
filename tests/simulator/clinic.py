"""The simulated clinic: one location that never closes, few people and rooms, and what each therapy takes of them."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from coordinator import files
from coordinator.services import importing
from coordinator.services.trail import COMMAND

START = datetime(2027, 3, 26, 7, tzinfo=UTC)
"""A Friday; in the night from Saturday to Sunday the clocks of the clinic go on by an hour."""
CLOCKS_SKIP = (42 * 60, 43 * 60)
"""The minutes since then at which the clocks show two, and jump to three: an hour is skipped."""
GRID = 15
HOLD_MINUTES = 20
UNDO_MINUTES = 10
NOTICE_DELAY_SECONDS = 120
SOONEST_MINUTES = 120
"""So far ahead lies the first time that an appointment can be moved to."""


@dataclass(frozen=True, slots=True)
class Therapy:
    """What a step takes, in minutes from its begin: by role, cleaning included, and of the patient."""

    minutes: int
    roles: dict[str, tuple[int, int]]
    patient: tuple[tuple[int, int], ...]
    phases: tuple[tuple[str, ...], ...]
    """The roles in each phase, as the clinic file below has them."""


THERAPIES = {
    "consult": Therapy(
        minutes=45,
        roles={"nurse": (0, 15), "doctor": (15, 45), "room": (0, 60)},
        patient=((0, 45),),
        phases=(("nurse", "room"), ("doctor", "room")),
    ),
    "exercise": Therapy(
        minutes=30, roles={"nurse": (0, 30), "room": (0, 45)}, patient=((0, 30),), phases=(("nurse", "room"),)
    ),
    "scan": Therapy(
        minutes=45,
        roles={"doctor": (15, 30), "room": (0, 60)},
        patient=((0, 15), (30, 45)),
        phases=(("room",), ("doctor", "room"), ("room",)),
    ),
    "talk": Therapy(minutes=15, roles={"doctor": (0, 15)}, patient=(), phases=(("doctor",),)),
}
"""Said once more by hand: the model must not learn from the program what a therapy takes."""

ABLE = {"doctor": ["vale", "reed"], "nurse": ["brook", "lake"], "room": ["room-1", "room-2"]}
"""Who or what can fill a role."""
RESOURCES = [name for names in ABLE.values() for name in names]
PATIENTS = {"rosa": ["rosa@example.org"], "tom": ["tom@example.org", "tim@example.org"], "uma": []}
"""Patients, and to which addresses mails about them go; Uma is called."""

DAYS = (
    "{"
    + ", ".join(f'{day}: ["00:00-24:00"]' for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    + "}"
)
CLINIC = f"""
kind: clinic
name: Harbour Pain Clinic
phone: "+49 30 555 0100"
email: desk@example.org
country: DE
capabilities:
  - {{key: doctor, kind: role, name: Physician}}
  - {{key: pain-physician, kind: role, name: Pain physician}}
  - {{key: nurse, kind: role, name: Nurse}}
  - {{key: room, kind: room, name: Room}}
policy:
  reminder_lead_hours: [24, 2]
  quiet_hours: null
  horizon_days: 30
  grid_minutes: {GRID}
  hold_minutes: {HOLD_MINUTES}
  weights: {{finish_day: 100, visit_day: 300, wait_minute: 1, moved: 250, reassigned: 20}}
locations:
  - {{key: harbour, name: Harbour, timezone: Europe/Berlin, address: 1 Quay, phone: "+49 30 555 0101", opening: {DAYS}}}
practitioners:
  - {{key: vale, name: Ana Vale, capabilities: [doctor, pain-physician], hours: [{{location: harbour, days: {DAYS}}}]}}
  - {{key: reed, name: Pia Reed, capabilities: [doctor, pain-physician], hours: [{{location: harbour, days: {DAYS}}}]}}
  - {{key: brook, name: Ben Brook, capabilities: [nurse], hours: [{{location: harbour, days: {DAYS}}}]}}
  - {{key: lake, name: Cleo Lake, capabilities: [nurse], hours: [{{location: harbour, days: {DAYS}}}]}}
rooms:
  - {{key: room-1, name: Room 1, location: harbour, capabilities: [room], cleaning_minutes: 15}}
  - {{key: room-2, name: Room 2, location: harbour, capabilities: [room], cleaning_minutes: 15}}
therapies:
  - key: consult
    name: Consultation
    patient_name: Visit
    phases:
      - {{name: Intake, minutes: 15, needs: [{{all: [nurse]}}, {{all: [room], as: room}}]}}
      - {{name: Examination, minutes: 30, needs: [{{all: [doctor]}}, {{all: [room], as: room}}]}}
  - key: exercise
    name: Exercise
    patient_name: Visit
    phases: [{{name: Exercise, minutes: 30, needs: [{{all: [nurse]}}, {{all: [room]}}]}}]
  - key: scan
    name: Scan
    patient_name: Visit
    phases:
      - {{name: Scan, minutes: 15, needs: [{{all: [room], as: room}}]}}
      - {{name: Reading, minutes: 15, patient: false, needs: [{{all: [doctor]}}, {{all: [room], as: room}}]}}
      - {{name: Scan again, minutes: 15, needs: [{{all: [room], as: room}}]}}
  - key: talk
    name: Team talk
    patient_name: Visit
    phases: [{{name: Talk, minutes: 15, patient: false, needs: [{{all: [doctor]}}]}}]
"""
SICK = """
kind: patients
patients:
  - {key: rosa, name: Rosa Mendez, birth_date: 1960-05-04, email: rosa@example.org, language: es}
  - key: tom
    name: Tom Hill
    birth_date: 1985-01-31
    email: tom@example.org
    carer: {name: Tim Hill, email: tim@example.org}
  - {key: uma, name: Uma Oak, birth_date: 1950-01-31, phone: "+49 30 555 0178"}
"""


def set_up(session: Session) -> None:
    """Import the clinic and its patients."""
    texts = {"clinic.yaml": CLINIC, "patients.yaml": SICK}
    readings = [files.load(text.encode(), file=name, on=START.date()) for name, text in texts.items()]
    importing.import_files(session, readings, by=COMMAND, now=START)

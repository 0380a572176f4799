"""A small clinic in files, for the tests of import, export and commands."""

from datetime import UTC, date, datetime

from coordinator import files

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ON = date(2026, 11, 23)

CLINIC = """
kind: clinic
name: Riverside Pain Clinic
phone: "+1 510 555 0100"
email: desk@example.org
country: US
capabilities:
  - {key: pain-physician, kind: role, name: {en: Pain physician, es: Especialista en dolor}}
  - {key: nurse, kind: role, name: {en: Nurse, es: Enfermería}}
  - {key: exam, kind: room, name: {en: Exam room, es: Consultorio}}
  - {key: class-place, kind: place, name: {en: Place in the class, es: Plaza en la clase}}
  - {key: monitor, kind: device, name: Monitor}
policy:
  reminder_lead_hours: [48]
  weights: {finish_day: 100, visit_day: 300, wait_minute: 1}
locations:
  - key: north
    name: Northside
    timezone: America/Los_Angeles
    address: 1 North Street, Oakland
    phone: "+1 510 555 0101"
    step_free: true
    directions: {en: By the river, es: Junto al río}
    holidays: {country: US, subdivision: CA}
    opening: {mon: ["08:00-18:00"], tue: ["08:00-18:00"], wed: ["08:00-24:00"]}
    closures: [{from: +30d, until: +31d, why: Stocktaking}]
practitioners:
  - key: dr-vale
    name: Ana Vale
    title: MD
    email: vale@example.org
    capabilities: [pain-physician]
    hours:
      - {location: north, days: {mon: ["08:00-12:00", "13:00-17:00"]}}
      - {location: north, days: {tue: ["08:00-12:00"]}, only: [pain-physician], from: +0d, until: +90d}
    exceptions: [{date: +7d, location: north, hours: ["10:00-11:00"]}]
    absences: [{from: +14d, until: +16d, why: Leave}]
  - key: nurse-brook
    name: Ben Brook
    capabilities: [nurse]
    hours: [{location: north, days: {mon: ["08:00-17:00"], tue: ["08:00-17:00"]}}]
    exceptions: [{date: +7d, location: north, hours: ["09:00-12:00"]}]
    absences: [{from: +14d, until: +14d}]
rooms:
  - {key: exam, name: Exam, location: north, capabilities: [exam], count: 3, step_free: true, cleaning_minutes: 5}
  - {key: hall, name: Hall, location: north, capabilities: [exam]}
devices:
  - {key: monitor, name: Monitor, location: north, capabilities: [monitor]}
groups:
  - key: class
    name: Class
    location: north
    capability: class-place
    capacity: 4
    hours: {mon: ["10:00-11:00"]}
    led_by: [nurse-brook]
    room: hall
therapies:
  - key: visit
    name: {en: Consultation, es: Consulta}
    patient_name: {en: Visit, es: Visita}
    discipline: medicine
    phases:
      - {name: Intake, minutes: 15, needs: [{all: [nurse], as: who}, {all: [exam], as: where, after: 5}]}
      - {name: Talk, minutes: 30, needs: [{all: [pain-physician]}, {all: [exam], as: where}]}
    preparations: [{lead_days: 1, text: {en: Bring your list, es: Traiga su lista}}]
    basis: {minutes: assumed}
"""

PATHWAY = """
kind: pathway
key: short
title: {en: Short pathway, es: Itinerario corto}
status: {en: An example, es: Un ejemplo}
steps:
  - {key: first, therapy: visit}
  - key: class
    therapy:
      name: Class
      patient_name: Class
      phases: [{name: Class, minutes: 60, needs: [{all: [class-place]}]}]
    after: [{step: first, days: [1, 60]}]
    series: {count: 2, days: [7, 7]}
"""

PATIENTS = """
kind: patients
patients:
  - key: p-1
    name: Rosa Mendez
    birth_date: 1960-05-04
    email: rosa@example.org
    language: es
    can_come: {mon: ["08:00-12:00"]}
    locations: [north]
    disclosure: neutral
    needs: {step_free: true, transport: true}
    conditions: [warfarin]
    carer: {name: Luis Mendez, phone: "+1 510 555 0177"}
    identifiers: [{system: "urn:old", value: "77"}]
    studies: [{study: mri-lumbar, done_on: today-100, reviewed: true}]
  - {key: p-2, name: Tom Hill, birth_date: 1985-01-31, phone: "+1 510 555 0178"}
"""


def reading(text: str, name: str = "file.yaml") -> files.Reading:
    """One of these files as read."""
    return files.load(text.encode(), file=name, on=ON)


def everything() -> list[files.Reading]:
    """The whole small clinic."""
    return [
        reading(PATIENTS, "patients.yaml"),
        reading(PATHWAY, "short.yaml"),
        reading(CLINIC, "clinic.yaml"),
    ]

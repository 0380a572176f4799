"""Patients out of FHIR R4: a Bundle, one resource, or one resource a line (NDJSON)."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coordinator.errors import FileProblem, FileProblems
from coordinator.files import fhir_elements, json_text, marked_yaml, reading
from coordinator.files.marked_yaml import Place
from coordinator.files.patients import Patient
from coordinator.files.values import Fault


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirPatients:
    """The patients of a file, and how many resources of each other type it had."""

    patients: tuple[Patient, ...]
    skipped: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """A resource, the text that it stands in, where in that text, and where the text begins in the file."""

    resource: Mapping[str, Any]
    text: str
    place: Place
    first_line: int

    def of_text(self, faults: Sequence[Fault]) -> list[Fault]:
        """Faults of the resource as faults of the text that it stands in."""
        return [Fault((*self.place, *fault.place), fault.text) for fault in faults]


def read(path: str | Path, *, on: date) -> FhirPatients:
    """The patients in a file. Raises FileProblems with everything that is wrong; then nothing is taken.

    Patients who have died or are not active are counted with the other types.
    """
    return load(reading.content(path), file=str(path), on=on)


def load(content: bytes, *, file: str, on: date) -> FhirPatients:
    """Like ``read``, from bytes; ``file`` is the name to complain about."""
    patients: list[Patient] = []
    wrong: dict[int, tuple[str, list[Fault]]] = {}
    skipped: Counter[str] = Counter()
    keys: set[str] = set()
    for found in _resources(marked_yaml.decoded(content, file=file), file):
        if other := _not_wanted(found.resource):
            skipped[other] += 1
            continue
        patient, faults = _patient(found.resource, on)
        if patient and patient.key in keys:
            faults = [Fault(("id",), "is there twice")]
        if faults:
            wrong.setdefault(found.first_line, (found.text, []))[1].extend(found.of_text(faults))
        if patient:
            patients.append(patient)
            keys.add(patient.key)
    if wrong:
        raise FileProblems(reading.cut_short(_problems(wrong, file), file))
    return FhirPatients(patients=tuple(patients), skipped=dict(skipped))


def _problems(wrong: Mapping[int, tuple[str, list[Fault]]], file: str) -> list[FileProblem]:
    """What is wrong, by the line on which each text begins; a long text is gone through once."""
    problems = []
    for first_line, (text, faults) in wrong.items():
        lines = json_text.lines(text, (fault.place for fault in faults), first_line=first_line)
        for place, words in faults:
            field = marked_yaml.field_name(place)
            problems.append(FileProblem(words, file=file, line=lines[place], field=field))
    return problems


def _resources(text: str, file: str) -> Iterator[_Found]:
    lines = text.split("\n")
    if sum(1 for line in lines if line.strip().startswith("{")) > 1 and _is_object(lines):
        for number, line in enumerate(lines, 1):
            if line.strip():
                value = json_text.parse(line, file=file, first_line=number)
                yield from _in(value, line, file, number)
    else:
        yield from _in(json_text.parse(text, file=file), text, file, 1)


def _is_object(lines: Sequence[str]) -> bool:
    """Whether the first line that is not blank is a whole JSON object: then each line is one."""
    first = next(line for line in lines if line.strip())
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False


def _in(value: Any, text: str, file: str, first_line: int) -> Iterator[_Found]:
    if not isinstance(value, dict) or not isinstance(value.get("resourceType"), str):
        problem = FileProblem("is not a FHIR resource: 'resourceType' is missing", file=file, line=first_line)
        raise FileProblems([problem])
    if value["resourceType"] != "Bundle":
        yield _Found(resource=value, text=text, place=(), first_line=first_line)
        return
    entries = value.get("entry", [])
    for number, entry in enumerate(entries if isinstance(entries, list) else []):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            place: Place = ("entry", number, "resource")
            yield _Found(resource=resource, text=text, place=place, first_line=first_line)


def _not_wanted(resource: Mapping[str, Any]) -> str | None:
    kind = str(resource.get("resourceType"))
    if kind != "Patient":
        return kind
    if resource.get("deceasedBoolean") is True or resource.get("deceasedDateTime"):
        return "Patient (deceased)"
    return "Patient (inactive)" if resource.get("active") is False else None


def _patient(resource: Mapping[str, Any], on: date) -> tuple[Patient | None, list[Fault]]:
    plain = fhir_elements.patient(resource, on)
    try:
        context = {"on": on, "relative_days": False}
        return Patient.model_validate_json(json.dumps(plain), strict=True, context=context), []
    except ValidationError as error:
        faults = reading.faults(error, Patient)
        return None, [Fault(fhir_elements.element(fault.place), fault.text) for fault in faults]

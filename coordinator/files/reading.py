"""Reading a clinic's files: a value, or all that is wrong with it, each with its line."""

import difflib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from coordinator.errors import FileProblem, FileProblems
from coordinator.files import marked_yaml, references
from coordinator.files.clinics import Clinic
from coordinator.files.pathways import PathwayFile
from coordinator.files.patients import PatientsFile
from coordinator.files.values import Entry, Fault

AnyFile = Clinic | PathwayFile | PatientsFile

KINDS: dict[str, type[AnyFile]] = {"clinic": Clinic, "pathway": PathwayFile, "patients": PatientsFile}

MOST_TOLD = 200
"""How many mistakes of one file are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was read, and where in which file each part of it stands."""

    value: AnyFile
    file: str
    marked: marked_yaml.Marked

    def problems(self, faults: Iterable[Fault]) -> list[FileProblem]:
        """Faults that were found later (against the clinic), with their lines."""
        return _problems(faults, self.marked, self.file)


def read(path: str | Path, *, on: date) -> AnyFile:
    """The clinic, pathway or patients in a file; days such as ``+14d`` count from ``on``.

    Raises FileProblems with everything that is wrong; of a bad file nothing is taken.
    """
    return load(content(path), file=str(path), on=on).value


def content(path: str | Path) -> bytes:
    """The bytes of a file, one more than allowed at most. Raises FileProblems where it cannot be opened."""
    try:
        with Path(path).open("rb") as opened:
            return opened.read(marked_yaml.LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise FileProblems([FileProblem(f"cannot be opened: {reason}", file=str(path))]) from None


def load(content: bytes, *, file: str, on: date) -> Reading:
    """Like ``read``, from bytes, with the lines kept. ``file`` is the name to complain about."""
    marked = marked_yaml.parse(content, file=file)
    model = _model(marked, file)
    try:
        value = model.model_validate_json(json.dumps(marked.value), strict=True, context={"on": on})
    except ValidationError as error:
        raise FileProblems(_problems(faults(error, model), marked, file)) from None
    if found := list(references.faults(value)):
        raise FileProblems(_problems(found, marked, file))
    return Reading(value=value, file=file, marked=marked)


def _model(marked: marked_yaml.Marked, file: str) -> type[AnyFile]:
    if not isinstance(marked.value, dict):
        raise FileProblems(
            [FileProblem("must be fields with values, beginning with 'kind:'", file=file, line=1)]
        )
    kind = marked.value.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        text = f"must be one of {', '.join(KINDS)}" if "kind" in marked.value else "is missing: kind: clinic"
        raise FileProblems([FileProblem(text, file=file, line=marked.line(("kind",)), field="kind")])
    return KINDS[kind]


def _problems(faults: Iterable[Fault], marked: marked_yaml.Marked, file: str) -> list[FileProblem]:
    found = [
        FileProblem(
            fault.text, file=file, line=marked.line(fault.place), field=marked_yaml.field_name(fault.place)
        )
        for fault in (_in_file(fault, marked) for fault in faults)
    ]
    return cut_short(sorted(found, key=lambda problem: problem.line or 0), file)


def cut_short(problems: list[FileProblem], file: str) -> list[FileProblem]:
    """The first of very many problems, and how many more there are."""
    more = len(problems) - MOST_TOLD
    return problems if more <= 0 else [*problems[:MOST_TOLD], FileProblem(f"and {more} more", file=file)]


def _in_file(fault: Fault, marked: marked_yaml.Marked) -> Fault:
    """The fault with a place that the file has, plus the last name where that is what is missing."""
    place: marked_yaml.Place = ()
    for part in fault.place:
        if (*place, part) in marked.lines:
            place = (*place, part)
    last = fault.place[-1:]
    if last and place[-1:] != last and fault.text.startswith("is missing"):
        place = (*place, *last)
    return Fault(place, fault.text)


def faults(error: ValidationError, model: type[Entry]) -> Iterator[Fault]:
    """What pydantic found wrong, in plain words."""
    details = error.errors(include_url=False)
    for detail in details:
        place = detail["loc"]
        inside = (other["loc"] for other in details if len(other["loc"]) > len(place))
        if detail["type"] == "too_short" and any(other[: len(place)] == place for other in inside):
            continue  # too few only because those that are there have faults of their own
        yield Fault(tuple(place), _sentence(dict(detail), model))


def _sentence(detail: dict[str, Any], model: type[Entry]) -> str:
    facts = detail.get("ctx", {})
    kind: str = detail["type"]
    match kind:
        case "value_error":
            return str(facts["error"])
        case "extra_forbidden":
            return "is not a field that belongs here" + _meant(str(detail["loc"][-1]), model)
        case "literal_error":
            return f"must be one of {facts['expected']}"
        case "string_pattern_mismatch":
            return _pattern_words(facts["pattern"])
    said: str = detail["msg"]
    return SENTENCES[kind].format(**facts) if kind in SENTENCES else said[:1].lower() + said[1:]


def _meant(name: str, model: type[Entry]) -> str:
    close = difflib.get_close_matches(name[:80], _field_names(model), n=1, cutoff=0.8)
    return f"; did you mean '{close[0]}'?" if close and close[0] != name else ""


@cache
def _field_names(model: type[Entry]) -> frozenset[str]:
    schema = model.model_json_schema(by_alias=True, mode="validation")
    parts = (schema, *schema.get("$defs", {}).values())
    return frozenset(name for part in parts for name in part.get("properties", {}))


def _pattern_words(pattern: str) -> str:
    if pattern.startswith("^[A-Z]"):
        return "must be a country of two capital letters, such as US"
    if pattern.startswith("^[a-z]{2,3}"):
        return "must be a language, such as en or es"
    return "must be a key of small letters, digits and hyphens, such as pain-physician"


SENTENCES = {
    "missing": "is missing",
    "string_type": "must be text (a number goes in quotes)",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "tuple_type": "must be a list",
    "dict_type": "must be a group of fields",
    "model_type": "must be a group of fields",
    "date_type": "must be a date",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "string_too_long": "is longer than {max_length} characters",
    "too_short": "needs at least {min_length}",
    "too_long": "holds more than {max_length}",
}
"""What pydantic's kinds of error are called here."""

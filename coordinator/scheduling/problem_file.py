"""The problem file: JSON to a Problem and back; whatever is malformed is refused by its place."""

import io
import json
import sys
import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from gzip import GzipFile
from typing import Any, BinaryIO

from coordinator.errors import FileProblem
from coordinator.scheduling import entries, plan_entries, reading
from coordinator.scheduling.problem import Location, Plan, Problem, Resource
from coordinator.scheduling.reading import Entry, list_of, refuse, shown
from coordinator.scheduling.writing import to_json

__all__ = ["FORMAT", "from_json", "load", "parse", "to_json"]

FORMAT = "coordinator-problem/1"
LONGEST, MOST_PLANS, MOST_STEPS = 1_100_000, 2_000, 10_000
GZIPPED = b"\x1f\x8b"
MB = 1024 * 1024
LARGEST, USUAL, THINNEST = 256 * MB, 16 * MB, 50
"""Bytes of a file, unpacked, that are read at all, and that are read however well they are packed: calendars shrink
to a fifth or a tenth, and what shrinks to less than a fiftieth is a trap."""

KEYS = frozenset({"format", "start", "minutes", "grid", "weights", "locations", "resources", "plans"})
LOCATIONS = list_of(entries.location)
REACH = timedelta(minutes=reading.FAR)


def load(path: str) -> Problem:
    """Read a problem from a path (plain or gzipped), or from standard input for ``-``. Raises FileProblem."""
    try:
        if path == "-":
            parsed = parse(_limited(sys.stdin.buffer))
        else:
            with open(path, "rb") as file:
                parsed = parse(_limited(file))
    except FileProblem as problem:
        problem.file = path
        raise
    except (OSError, ValueError) as error:
        text = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        raise FileProblem(text, file=path) from error
    return from_json(parsed)


def parse(raw: bytes) -> Any:
    """The JSON value in bytes that may be gzipped, for ``from_json``. Raises FileProblem."""
    try:
        text = (_unpacked(raw) if raw.startswith(GZIPPED) else raw).decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=reading.once)
    except RecursionError as error:
        raise FileProblem("not a problem: too many lists in lists") from error
    except (ValueError, EOFError, OSError, zlib.error) as error:
        raise FileProblem(f"not JSON: {error}") from error


def _limited(file: BinaryIO) -> bytes:
    raw = file.read(LARGEST + 1)
    if len(raw) > LARGEST:
        refuse(f"is larger than {LARGEST // MB} MB")
    return raw


def _unpacked(raw: bytes) -> bytes:
    parts, size, packed = [], 0, io.BytesIO(raw)
    with GzipFile(fileobj=packed) as file:
        while part := file.read(MB):
            parts.append(part)
            size += len(part)
            if size > min(LARGEST, max(USUAL, THINNEST * packed.tell())):
                refuse(f"is far larger than it looks: it unpacks to more than {size // MB} MB")
    return b"".join(parts)


def from_json(obj: Mapping[str, Any]) -> Problem:
    """The problem that a parsed file says (bench/FORMAT.md). Raises FileProblem with the place."""
    try:
        return _problem(obj)
    except FileProblem as problem:
        problem.field = problem.field.removeprefix(".") or "the file"
        raise


def _problem(obj: Mapping[str, Any]) -> Problem:
    entry = Entry(obj, KEYS)
    entry.read("format", _format)
    minutes = entry.read("minutes", reading.whole(1, LONGEST))
    locations = entry.read("locations", LOCATIONS)
    places = _keys(entry, "locations", locations)
    resources = entry.read("resources", list_of(entries.resource_reader(places)))
    known = _keys(entry, "resources", resources)
    entry.read("plans", _not_too_many)
    plans = entry.read("plans", list_of(plan_entries.plan_reader(places, known)))
    _keys(entry, "plans", plans)
    return Problem(
        start=entry.read("start", _instant),
        minutes=minutes,
        grid=entry.read("grid", reading.whole(1, LONGEST)),
        weights=entry.read("weights", entries.weights),
        locations=locations,
        resources=resources,
        plans=plans,
    )


def _keys(entry: Entry, name: str, made: Sequence[Location | Resource | Plan]) -> list[str]:
    """The ids of what was read, no two of them alike."""
    keys = [each.key for each in made]
    entry.read(name, lambda _: reading.no_twice(keys, name.removesuffix("s"), ".id"))
    return keys


def _format(value: Any) -> None:
    if value != FORMAT:
        refuse(f"must be {FORMAT!r}, not {shown(value)}")


def _not_too_many(plans: Any) -> None:
    if not isinstance(plans, list):
        return
    if len(plans) > MOST_PLANS:
        refuse(f"{len(plans)} plans, at most {MOST_PLANS} are allowed")
    steps = [plan.get("steps") for plan in plans if isinstance(plan, dict)]
    count = sum(len(each) for each in steps if isinstance(each, list))
    if count > MOST_STEPS:
        refuse(f"{count} steps in all, at most {MOST_STEPS} are allowed")


def _instant(value: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(reading.name(value))
        for reach in (-REACH, REACH):  # whatever a file may name is a time too
            (instant + reach).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise FileProblem(f"not an instant: {shown(value)}") from error
    if instant.tzinfo is None:
        refuse(f"needs an offset from UTC: {shown(value)}")
    return instant

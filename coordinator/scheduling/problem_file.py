"""The problem file: JSON to a Problem and back; whatever is malformed is refused by its place."""

import gzip
import json
import sys
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from coordinator.errors import FileProblem
from coordinator.scheduling import entries, reading
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.reading import Entry, refuse
from coordinator.scheduling.writing import to_json

__all__ = ["FORMAT", "from_json", "load", "parse", "to_json"]

FORMAT = "coordinator-problem/1"
LONGEST, MOST_PLANS, MOST_STEPS = 1_100_000, 2_000, 10_000
GZIPPED = b"\x1f\x8b"


def load(path: str) -> Problem:
    """Read a problem from a path (plain or gzipped), or from standard input for ``-``. Raises FileProblem."""
    try:
        raw = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except (OSError, ValueError) as error:
        raise FileProblem(
            f"cannot be read: {getattr(error, 'strerror', None) or error}", file=path
        ) from error
    return from_json(parse(raw))


def parse(raw: bytes) -> Any:
    """The JSON value in bytes that may be gzipped. Raises FileProblem, also for a key that is there twice."""
    try:
        text = (gzip.decompress(raw) if raw.startswith(GZIPPED) else raw).decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, EOFError, OSError, RecursionError, zlib.error) as error:
        raise FileProblem(f"not JSON: {error}" if str(error) else "not JSON") from error


def from_json(obj: Mapping[str, Any]) -> Problem:
    """The problem that a parsed file says (bench/FORMAT.md). Raises FileProblem with the place."""
    keys = ("format", "start", "minutes", "grid", "weights", "locations", "resources", "plans")
    entry = Entry(obj, "", keys)
    if entry.value.get("format") != FORMAT:
        refuse("format", f"must be {FORMAT!r}")
    minutes = entry.read("minutes", reading.whole(1, LONGEST))
    locations = entry.many("locations", entries.location, needed=True)
    reading.no_twice((each.key for each in locations), "locations", "location", ".id")
    places = [each.key for each in locations]
    resources = entry.many(
        "resources", lambda value, place: entries.resource(value, place, places), needed=True
    )
    reading.no_twice((each.key for each in resources), "resources", "resource", ".id")
    _not_too_many(entry.value.get("plans"))
    plan = entries.plan_reader(places, [each.key for each in resources])
    plans = entry.many("plans", plan, needed=True)
    reading.no_twice((each.key for each in plans), "plans", "plan", ".id")
    return Problem(
        start=entry.read("start", _instant),
        minutes=minutes,
        grid=entry.read("grid", reading.whole(1, LONGEST)),
        weights=entry.read("weights", entries.weights),
        locations=locations,
        resources=resources,
        plans=plans,
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [key for key, _ in pairs]
        twice = next(key for key in names if names.count(key) > 1)
        raise FileProblem("the same key twice in one object", field=twice)
    return made


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _not_too_many(plans: Any) -> None:
    if not isinstance(plans, list):
        return
    if len(plans) > MOST_PLANS:
        refuse("plans", f"{len(plans)} plans, at most {MOST_PLANS} are allowed")
    steps = [plan.get("steps") for plan in plans if isinstance(plan, Mapping)]
    count = sum(len(each) for each in steps if isinstance(each, list))
    if count > MOST_STEPS:
        refuse("plans", f"{count} steps in all, at most {MOST_STEPS} are allowed")


def _instant(value: Any, place: str) -> datetime:
    try:
        instant = datetime.fromisoformat(reading.name(value, place))
        instant + timedelta(minutes=LONGEST + 5000)
        instant - timedelta(days=3)
    except (ValueError, OverflowError) as error:
        raise FileProblem(f"not an instant: {value!r}", field=place) from error
    if instant.tzinfo is None:
        refuse(place, f"needs an offset from UTC: {value!r}")
    return instant

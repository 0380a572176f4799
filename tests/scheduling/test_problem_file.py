import copy
import gzip
import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from coordinator.errors import FileProblem
from coordinator.scheduling import problem_file

from .clinic import a_file, link, need, phase, plan, resource, step

GOOD = a_file(
    plan(
        step("exam", phase(30, need("doctor", label="d", before=5)), prefer=["dr-a"], windows=[[0, 900]]),
        step("talk", phase(30, "doctor", patient=False), remote=True),
        links=[link("exam", "talk", days=[0, 3], minutes=[0, None])],
        series=[{"steps": ["exam", "talk"], "capability": "doctor", "same": True}],
        same_day=[["exam", "talk"]],
        not_same_day=[["exam"]],
        free=[[0, 600], [700, 5000]],
        booked={"exam": {"start": 540, "uses": [["gone"]]}},
        booked_location="north",
        pinned=["exam"],
    ),
    resources=[resource("dr-a", "doctor", same_as="a")],
)


def changed(path: str, value: Any, made: dict[str, Any] = GOOD) -> dict[str, Any]:
    """The good file with one value replaced, or taken out where it is ``...``."""
    made = copy.deepcopy(made)
    *way, last = [int(part) if part.isdigit() else part for part in path.split("/")]
    here: Any = made
    for part in way:
        here = here[part]
    if value is ...:
        del here[last]
    else:
        here[last] = value
    return made


def test_what_is_read_is_written_back() -> None:
    problem = problem_file.from_json(GOOD)
    assert problem_file.from_json(json.loads(json.dumps(problem_file.to_json(problem)))) == problem


MALFORMED = [
    ("format", "coordinator-problem/2", "format: must be 'coordinator-problem/1'"),
    ("format", ..., "format: is missing"),
    ("format", [], "format: must be"),
    ("start", "2026-03-02T00:00:00", "start: needs an offset from UTC"),
    ("start", "soon", "start: not an instant"),
    ("start", "9999-12-31T00:00:00+00:00", "start: not an instant"),
    ("minutes", 1_100_001, "minutes: must be at most 1100000"),
    ("minutes", 0, "minutes: must be at least 1"),
    ("minutes", ..., "minutes: is missing"),
    ("grid", 0, "grid: must be at least 1"),
    ("grid", True, "grid: expected a whole number"),
    ("grid", 5.0, "grid: expected a whole number"),
    ("weights/moved", -1, "weights.moved: must be at least 0"),
    ("weights/moved", 10**30, "weights.moved: must be at most"),
    ("weights/speed", 1, "weights.speed: no such key"),
    ("weights", [], "weights: expected an object"),
    ("colour", "red", "colour: no such key"),
    ("locations", {}, "locations: expected a list"),
    ("locations/0/timezone", "Europe/Atlantis", "locations[0].timezone: no time zone 'Europe/Atlantis'"),
    ("locations/1/id", "north", "locations[1].id: location 'north' is there twice"),
    ("resources/0/location", "west", "resources[0].location: no location 'west'"),
    ("resources/0/capabilities", "doctor", "resources[0].capabilities: expected a list"),
    ("resources/0/free", [[0, 60], [30, 90]], "resources[0].free[1]: must begin after"),
    ("resources/0/free", [[0, 60], [60, 90]], "resources[0].free[1]: must begin after"),
    ("resources/0/free", [[60, 90], [0, 30]], "resources[0].free[1]: must begin after"),
    ("resources/0/free", [[60, 60]], "resources[0].free[0]: must end after it begins"),
    ("resources/0/free", [[60]], "resources[0].free[0]: expected [from, to]"),
    ("resources/0/free", [[10**9, 10**12]], "resources[0].free[0]: must be at most"),
    ("resources/0/free", [[0, 60], [0, 60]], "resources[0].free[1]: must begin after"),
    ("resources/0/free", [[0, True]], "resources[0].free[0][1]: expected a whole number, not true"),
    ("resources/0/free", ..., "resources[0].free: is missing"),
    ("plans/0/locations", [], "plans[0].locations: must not be empty"),
    ("plans/0/locations", ["west"], "plans[0].locations[0]: no location 'west'"),
    ("plans/0/locations", ["north", "north"], "plans[0].locations[1]: location 'north' is there twice"),
    ("plans/0/earliest", -1, "plans[0].earliest: must be at least 0"),
    ("plans/0/free", [[5, 1]], "plans[0].free[0]: must end after it begins"),
    ("plans/0/steps/1/id", "exam", "plans[0].steps[1].id: step 'exam' is there twice"),
    ("plans/0/steps/1/id", "", "plans[0].steps[1].id: expected text"),
    ("plans/0/steps/0/prefer", [], "plans[0].steps[0].prefer: must not be empty"),
    ("plans/0/steps/0/prefer", ["dr-z"], "plans[0].steps[0].prefer[0]: no resource 'dr-z'"),
    ("plans/0/steps/0/remote", 1, "plans[0].steps[0].remote: expected true or false"),
    ("plans/0/steps/0/phases/0/minutes", 0, "plans[0].steps[0].phases[0].minutes: must be at least 1"),
    ("plans/0/steps/0/phases/0/needs/0/after", -5, "plans[0].steps[0].phases[0].needs[0].after: must be"),
    ("plans/0/steps/0/phases/0/needs", [need("a", label="x"), need("b", label="x")],
     "plans[0].steps[0].phases[0].needs[1].as: label 'x' twice in one phase"),
    ("plans/0/links/0/to", "mri2", "plans[0].links[0].to: no step 'mri2'"),
    ("plans/0/links/0/days", [3, 1], "plans[0].links[0].days: min 3 is more than max 1"),
    ("plans/0/links/0/days", [None, 1], "plans[0].links[0].days[0]: expected a whole number"),
    ("plans/0/links/0/minutes", [1], "plans[0].links[0].minutes: expected [min, max]"),
    ("plans/0/links", [link("exam", "talk"), link("talk", "exam")], "plans[0].links[0]: the links go round"),
    ("plans/0/links", [link("exam", "exam")], "plans[0].links[0]: the links go round in a circle: exam → exam"),
    ("plans/0/links", [link("talk", "exam"), link("exam", "talk")], "plans[0].links[0]: the links go round"),
    ("plans/0/links/0/days", [10**12, 10**11], "plans[0].links[0].days: min 1000000000000 is more than max"),
    ("plans/0/series/0/steps", ["exam", "nobody"], "plans[0].series[0].steps[1]: no step 'nobody'"),
    ("plans/0/series/0/same", "yes", "plans[0].series[0].same: expected true or false"),
    ("plans/0/same_day/0", ["exam", "nobody"], "plans[0].same_day[0][1]: no step 'nobody'"),
    ("plans/0/not_same_day/0", ["exam", "exam"], "plans[0].not_same_day[0][1]: step 'exam' is there twice"),
    ("plans/0/booked/nobody", {"start": 0, "uses": []}, "plans[0].booked.nobody: no such step"),
    ("plans/0/booked/exam/uses", [[1]], "plans[0].booked.exam.uses[0][0]: expected text"),
    ("plans/0/booked_location", ..., "plans[0].booked_location: is missing beside 'booked'"),
    ("plans/0/booked", ..., "plans[0].booked: is missing beside 'booked_location'"),
    ("plans/0/pinned", ["talk"], "plans[0].pinned[0]: step 'talk' is not booked"),
    ("plans/0/max_day_minutes", "8 h", "plans[0].max_day_minutes: expected a whole number"),
    ("plans/0/patient", None, "plans[0].patient: expected text that is not empty, not null"),
    ("grid", 5.0, "grid: expected a whole number, not 5.0"),
    ("grid", float("nan"), "grid: expected a whole number, not nan"),
    ("grid", 10**4000, "grid: must be at most 1100000"),
    ("start", "0019-01-01T00:00:00+00:00", "start: not an instant"),
    ("a\nb", 1, r"['a\nb']: no such key"),
    ("weights/" + "x" * 500, 1, "weights['xxxxx"),
    ("locations/0/timezone", "Mars/" + "o" * 500, "locations[0].timezone: no time zone 'Mars/ooooo"),
    ("plans/0", [], "plans[0]: expected an object"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value", "said"), MALFORMED, ids=[f"{p}-{i}" for i, (p, _, _) in enumerate(MALFORMED)]
)
def test_what_is_malformed_is_refused_by_its_place(path: str, value: Any, said: str) -> None:
    with pytest.raises(FileProblem) as refusal:
        problem_file.from_json(changed(path, value))
    assert str(refusal.value).startswith(said)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b"\x1f\x8b broken",
        b"9" * 5000,
    ],
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    with pytest.raises(FileProblem):
        problem_file.parse(raw)


def test_a_key_that_is_there_twice_is_refused_by_its_place() -> None:
    text = json.dumps(GOOD).replace('"id": "talk"', '"id": "talk", "id": "walk"')
    with pytest.raises(FileProblem, match=r"^plans\[0\]\.steps\[1\]\.id: is there twice$"):
        problem_file.from_json(problem_file.parse(text.encode()))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("resources/0/free", [[-(10**12), 10**12]]),
        ("resources/0/capabilities", []),
        ("plans/0/max_day_minutes", 10**9),
        ("plans/0/links/0/days", [0, 10**9]),
        ("plans/0/steps/0/windows", []),
        ("plans/0/steps/0/phases", []),
        ("plans/0/booked", {}),
        ("plans/0/booked/exam/start", 541),
        ("plans/0/booked/exam/uses", []),
        ("plans", []),
        ("start", "2026-03-02T00:00:00Z"),
        ("weights", {}),
    ],
)
def test_what_is_odd_but_allowed_is_read(path: str, value: Any) -> None:
    problem = problem_file.from_json(changed(path, value, changed("plans/0/pinned", [])))
    assert problem_file.from_json(json.loads(json.dumps(problem_file.to_json(problem)))) == problem


def test_what_unpacks_to_far_more_than_it_is_is_refused() -> None:
    with pytest.raises(FileProblem, match="far larger than it looks"):
        problem_file.parse(gzip.compress(b" " * 20_000_000))


@pytest.mark.parametrize("value", [[], None, 7, "problem"])
def test_what_is_no_object_is_refused(value: Any) -> None:
    with pytest.raises(FileProblem):
        problem_file.from_json(value)


def test_too_many_plans_are_refused_before_they_are_read() -> None:
    with pytest.raises(FileProblem, match="2001 plans"):
        problem_file.from_json(changed("plans", [{}] * 2001))


def test_a_file_may_be_gzipped_or_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps(GOOD).encode()
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(text))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert problem_file.load("-") == problem_file.load(str(tmp_path / "a.json.gz"))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="cannot be read"):
        problem_file.load(str(tmp_path / "none.json"))

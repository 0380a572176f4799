"""Clinics of the bench in which a plan cannot be booked, each for a reason of its own."""

import importlib.util
import json
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from ..clinic import DAY

BENCH = Path(__file__).parents[4] / "shared" / "bench"

Made = dict[str, Any]


@cache
def _generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", BENCH / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def generate() -> ModuleType:
    """The maker of clinics; the test is left out where it is not beside the repository."""
    if not BENCH.is_dir():
        if os.environ.get("COORDINATOR_DEMAND_ALL") == "1":
            pytest.fail(f"no bench at {BENCH}")
        pytest.skip("the bench is not beside the repository")
    return _generate()


def odd(shape: str, seed: int) -> Made:
    """A tiny clinic with all that the format allows."""
    made: Made = json.loads(json.dumps(getattr(generate(), shape)(seed)))
    return made


def programme(seed: int = 1, **options: Any) -> Made:
    """Twenty steps with a series of twelve, in a clinic that is booked by four fifths."""
    made: Made = json.loads(json.dumps(generate().make(seed, shape="programme", **options)))
    return made


def without_recovery_nurses() -> Made:
    """A capability that nobody has."""
    made = programme()
    made["resources"] = [each for each in made["resources"] if "recovery-nurse" not in each["capabilities"]]
    return made


def every_second_day() -> Made:
    """Sessions exactly two days apart."""
    made = programme()
    for link in made["plans"][0]["links"]:
        if link["to"].startswith("physio"):
            link["days"] = [2, 2]
    return made


def on_mondays() -> Made:
    """A patient who can come on Mondays only."""
    made = programme()
    days = range(0, made["minutes"] // DAY, 7)
    made["plans"][0]["free"] = [[day * DAY + 420, day * DAY + 1080] for day in days]
    return made


def early_in_the_morning() -> Made:
    """A patient who can come from eight to ten."""
    made = programme()
    made["plans"][0]["free"] = [[day * DAY + 420, day * DAY + 540] for day in range(made["minutes"] // DAY)]
    return made


def one_part_timer() -> Made:
    """One physiotherapist for all sessions, where each works on one day a week."""
    made = programme()
    made["plans"][0]["series"][0]["same"] = True
    who = [each for each in made["resources"] if "physiotherapist" in each["capabilities"]]
    for index, each in enumerate(who):
        each["free"] = [span for span in each["free"] if span[0] // DAY % 7 == index % 5]
    for link in made["plans"][0]["links"]:
        if link["to"].startswith("physio"):
            link["days"] = [2, 5]
    return made


def five_weeks() -> Made:
    """Calendars that end too soon."""
    return programme(days=35)


IMPOSSIBLE: Mapping[str, Callable[[], Made]] = {
    each.__name__: each
    for each in (
        without_recovery_nurses, every_second_day, on_mondays, early_in_the_morning, one_part_timer, five_weeks
    )
}  # fmt: skip
ODD = [("hostile", seed) for seed in (2, 4, 7, 149)] + [
    ("wild", seed) for seed in (1, 3, 5, 85, 152, 229, 243)
]

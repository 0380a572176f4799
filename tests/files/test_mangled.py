"""Whole files with one thing made wrong somewhere: read or refused, never a crash."""

import contextlib
import copy
import random
from typing import Any

import pytest

from coordinator import files
from coordinator.errors import FileProblems, Refusal
from coordinator.files import marked_yaml, writing
from coordinator.files.expand import expand
from coordinator.files.pathways import PathwayFile
from tests.files.builders import CLINIC, ON, PATHWAYS, PATIENTS, problems

STRANGE: list[Any] = [
    None, True, -1, 0, 10**17, 2.5, "", " ", "no such key", "a\nb", "x" * 6000, "\U0001f600", "+14d", "+9999d",
    "9999-12-31", [], {}, [[]], [None], {"en": 5}, {"a": {"b": [1]}}, [1, 2, 3], [None, 4], ["08:00-09:00"] * 2,
]  # fmt: skip
SOURCES = [CLINIC, PATIENTS, *(path.read_text(encoding="utf-8") for path in PATHWAYS)]


def places(value: Any, place: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [place] if place else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        found += places(one, (*place, key))
    return found


def mangle(plain: Any, chance: random.Random) -> Any:
    mangled = copy.deepcopy(plain)
    place = chance.choice(places(mangled))
    around = mangled
    for part in place[:-1]:
        around = around[part]
    if chance.random() < 0.25:
        del around[place[-1]]
    elif chance.random() < 0.2 and isinstance(around, list):
        around.append(copy.deepcopy(around[place[-1]]))
    else:
        around[place[-1]] = chance.choice(STRANGE)
    return mangled


@pytest.mark.parametrize("number", range(len(SOURCES)))
def test_a_mangled_file_is_read_or_refused(number: int) -> None:
    chance = random.Random(number)
    plain = marked_yaml.parse(SOURCES[number].encode(), file="f").value
    refused = 0
    for _ in range(30):
        text = writing.as_yaml(mangle(plain, chance))
        try:
            value = files.load(text.encode(), file="f.yaml", on=ON).value
        except FileProblems:
            refused += 1
            assert all(one.line and one.text for one in problems(text))
        else:
            assert files.load(files.dump(value).encode(), file="again", on=ON).value == value
            if isinstance(value, PathwayFile):
                with contextlib.suppress(Refusal):
                    expand(value, on=ON)
    assert refused > 8

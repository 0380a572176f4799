"""Files with something wrong anywhere: refused by a place in one line, or read for what they say.

``COORDINATOR_MORE=10`` takes ten times as many.
"""

import copy
import json
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from coordinator.errors import FileProblem
from coordinator.scheduling import problem_file
from coordinator.scheduling.problem import Problem

from .tiny import a_tiny_file

MORE = int(os.environ.get("COORDINATOR_MORE", "1"))
TURNS = 150

ODD: list[Any] = [
    None, True, False, 0, 1, -1, 7, 1440, 1.0, 0.5, float("nan"), float("inf"), 10**7, 10**9, 10**30, -(10**12),
    "", "x", "s0", "r1", "north", "a\nb", "\ud800", "\x00", "2026-01-01T00:00:00Z", "Europe/Amsterdam",
    [], {}, [[]], [{}], [None], ["s0"], [1], [1, 2], [2, 1], [[1, 2]], [[0, 10], [5, 20]], [[0, 10], [10, 20]],
    {"x": 1}, {"start": 0, "uses": []},
]  # fmt: skip
KEYS = ["x", "free", "patient", "as", "is", "prefer", "pinned", "booked", "windows", "s0", "a\nb"]


def ways(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each value inside."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inside:
        yield (*way, key)
        yield from ways(each, (*way, key))


def at(value: Any, way: tuple[Any, ...]) -> Any:
    for part in way:
        value = value[part]
    return value


def spoil(rnd: random.Random, made: dict[str, Any]) -> None:
    """Take out, replace, repeat or mix up something in place."""
    every = sorted(ways(made), key=str)
    *way, last = rnd.choice(every)
    around = at(made, tuple(way))
    match rnd.randrange(5):
        case 0:
            del around[last]
        case 1 | 2:
            around[last] = copy.deepcopy(rnd.choice([*ODD, at(made, rnd.choice(every))]))
        case 3 if isinstance(around, list):
            around.insert(rnd.randrange(len(around) + 1), copy.deepcopy(around[last]))
        case 3:
            around[rnd.choice(KEYS)] = copy.deepcopy(around[last])
        case _:
            other = rnd.choice(list(around)) if isinstance(around, dict) else rnd.randrange(len(around))
            around[last], around[other] = around[other], around[last]


def read(made: dict[str, Any]) -> Problem | FileProblem:
    """What a file says, or why it is refused."""
    try:
        return problem_file.from_json(problem_file.parse(json.dumps(made).encode()))
    except FileProblem as refusal:
        return refusal


@pytest.mark.parametrize("seed", range(12 * MORE))
def test_whatever_is_wrong_is_named_by_its_place_or_read(seed: int) -> None:
    rnd, refused = random.Random(seed), 0
    for turn in range(TURNS):
        made = a_tiny_file(f"spoilt/{seed}/{turn}")
        for _ in range(rnd.choice((1, 1, 1, 2, 3))):
            spoil(rnd, made)
        said = read(made)
        if isinstance(said, FileProblem):
            refused += 1
            assert said.field
            assert str(said).startswith(said.field)
            assert str(said).isprintable()
        else:
            assert read(problem_file.to_json(said)) == said
    assert TURNS // 5 < refused < TURNS

"""JSON with lines: strict reading, and the line of a place for whoever has to mend it."""

import json
import re
from bisect import bisect
from collections.abc import Container, Iterable, Iterator
from typing import Any, NoReturn

from coordinator.errors import FileProblem, FileProblems
from coordinator.files.marked_yaml import DEEPEST, Place

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def parse(text: str, *, file: str, first_line: int = 1) -> Any:
    """The value of a JSON text that begins on ``first_line`` of a file.

    Raises FileProblems with the line: not JSON, a field twice, numbers that are none, nested too deep.
    """
    try:
        value = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except json.JSONDecodeError as error:
        _refuse(f"is not JSON: {error.msg}", file, first_line + error.lineno - 1)
    except ValueError as error:
        _refuse(str(error), file, first_line)
    except RecursionError:
        _refuse(f"is nested deeper than {DEEPEST} levels", file, first_line)
    if _deeper_than(value, DEEPEST):
        _refuse(f"is nested deeper than {DEEPEST} levels", file, first_line)
    return value


def _refuse(text: str, file: str, line: int) -> NoReturn:
    raise FileProblems([FileProblem(text, file=file, line=line)]) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the field '{twice[:80]}' is there twice in one place")
    return fields


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


def _deeper_than(value: Any, levels: int) -> bool:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return levels == 0 or any(_deeper_than(one, levels - 1) for one in inner)
    return False


def lines(text: str, places: Iterable[Place], *, first_line: int = 1) -> dict[Place, int]:
    """The lines on which places of a well-formed JSON text begin, or the nearest places around them."""
    wanted = set(places)
    around = {place[:length] for place in wanted for length in range(len(place) + 1)}
    found: dict[Place, int] = {(): 0}
    for place, position in _places(text):
        if place in around:
            found[place] = position
    positions = {place: found[_nearest(place, found)] for place in wanted}
    breaks = [match.start() for match in re.finditer("\n", text)]
    return {place: first_line + bisect(breaks, position) for place, position in positions.items()}


def _nearest(place: Place, found: Container[Place]) -> Place:
    while place not in found:
        place = place[:-1]
    return place


def _places(text: str) -> Iterator[tuple[Place, int]]:
    """Every value's place and where its key, or the value itself in a list, begins."""
    path: list[str | int] = []
    kinds: list[str] = []
    awaits_name = False
    for match in _TOKEN.finditer(text):
        token = match[0]
        if token in "{[":
            if kinds and kinds[-1] == "[":
                yield tuple(path), match.start()
            kinds.append(token)
            path.append(0 if token == "[" else "")
            awaits_name = token == "{"
        elif token in "}]":
            kinds.pop()
            path.pop()
        elif token == ",":
            awaits_name = kinds[-1] == "{"
            path[-1] = int(path[-1]) + 1 if kinds[-1] == "[" else ""
        elif awaits_name:
            path[-1] = json.loads(token)
            awaits_name = False
            yield tuple(path), match.start()
        elif token != ":" and kinds and kinds[-1] == "[":
            yield tuple(path), match.start()

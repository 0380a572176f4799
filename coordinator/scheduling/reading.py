"""Reading JSON values with a place for each, so that what is wrong can be named."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn, TypeVar

from coordinator.errors import FileProblem

T = TypeVar("T")
FAR = 10_000_000  # minutes or days; beyond it no number means a time


def refuse(place: str, text: str) -> NoReturn:
    """Raise FileProblem: ``text`` is what is wrong at ``place``."""
    raise FileProblem(text, field=place)


class Entry:
    """A JSON object of which every key is asked for once; what nobody asked for is refused."""

    def __init__(self, value: Any, place: str, allowed: Iterable[str]) -> None:
        if not isinstance(value, Mapping):
            refuse(place, "expected an object")
        self.value, self.place = value, place
        known = set(allowed)
        for name in value:
            if name not in known:
                refuse(self.at(str(name)), "no such key in the format")

    def at(self, name: str) -> str:
        """The place of one key."""
        return f"{self.place}.{name}" if self.place else name

    def read(self, name: str, reader: Callable[[Any, str], T]) -> T:
        """What ``reader`` makes of a key that must be there."""
        if name not in self.value:
            refuse(self.at(name), "is missing")
        return reader(self.value[name], self.at(name))

    def maybe(self, name: str, reader: Callable[[Any, str], T], missing: T) -> T:
        """What ``reader`` makes of a key, or ``missing``."""
        return self.read(name, reader) if name in self.value else missing

    def many(self, name: str, reader: Callable[[Any, str], T], *, needed: bool = False) -> tuple[T, ...]:
        """What ``reader`` makes of each item of a list; no list is an empty one, unless it is ``needed``."""
        if name not in self.value and not needed:
            return ()
        return self.read(name, list_of(reader))


def items(value: Any, place: str) -> Iterator[tuple[Any, str]]:
    """Each item of a JSON list with its place."""
    if not isinstance(value, list):
        refuse(place, "expected a list")
    for index, item in enumerate(value):
        yield item, f"{place}[{index}]"


def list_of(reader: Callable[[Any, str], T]) -> Callable[[Any, str], tuple[T, ...]]:
    """A reader of lists from a reader of items."""
    return lambda value, place: tuple(reader(item, where) for item, where in items(value, place))


def whole(least: int = -FAR, most: int = FAR) -> Callable[[Any, str], int]:
    """A reader of whole numbers from ``least`` to ``most``."""

    def reader(value: Any, place: str) -> int:
        if type(value) is not int:
            refuse(place, "expected a whole number")
        if value < least:
            refuse(place, f"must be at least {least}")
        if value > most:
            refuse(place, f"must be at most {most}")
        return int(value)

    return reader


def name(value: Any, place: str) -> str:
    """A reader of text that is not empty."""
    if not isinstance(value, str) or not value:
        refuse(place, "expected text that is not empty")
    return value


def truth(value: Any, place: str) -> bool:
    """A reader of true and false."""
    if not isinstance(value, bool):
        refuse(place, "expected true or false")
    return value


def known(names: Iterable[str], what: str) -> Callable[[Any, str], str]:
    """A reader of names that must be among ``names``."""
    allowed = frozenset(names)

    def reader(value: Any, place: str) -> str:
        if name(value, place) not in allowed:
            refuse(place, f"no {what} {value!r}")
        return str(value)

    return reader


def interval(value: Any, place: str) -> tuple[int, int]:
    """A reader of ``[from, to]`` with ``to`` after ``from``."""
    pair = list_of(whole())(value, place)
    if len(pair) != 2:
        refuse(place, "expected [from, to]")
    if pair[0] >= pair[1]:
        refuse(place, f"must end after it begins, {pair[0]} to {pair[1]} does not")
    return pair[0], pair[1]


def apart(value: Any, place: str) -> tuple[tuple[int, int], ...]:
    """A reader of sorted intervals that do not touch or overlap."""
    spans = list_of(interval)(value, place)
    for index in range(1, len(spans)):
        if spans[index][0] <= spans[index - 1][1]:
            refuse(
                f"{place}[{index}]",
                "must begin after the one before it ends: sorted, not touching, not overlapping",
            )
    return spans


def no_twice(names: Iterable[str], place: str, what: str, end: str = "") -> None:
    """Refuse a list of names in which one comes twice."""
    seen: set[str] = set()
    for index, each in enumerate(names):
        if each in seen:
            refuse(f"{place}[{index}]{end}", f"{what} {each!r} is there twice")
        seen.add(each)

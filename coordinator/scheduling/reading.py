"""Reading JSON values; what is wrong is refused, and each reader around it says where it stands."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from operator import length_hint
from typing import Any, NoReturn, TypeAlias, TypeVar

from coordinator.errors import FileProblem

T = TypeVar("T")
Reader: TypeAlias = Callable[[Any], T]
FAR = 10_000_000  # minutes or days; beyond it no number means a time
LONGEST_SHOWN = 60  # characters of what was found; a message is one line


class Repeated(dict[str, Any]):
    """A JSON object in which a key came twice."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        several = Counter(key for key, _ in pairs)
        self.twice = next(key for key, count in several.items() if count > 1)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object from its keys and values; it remembers where a key came twice."""
    made = dict(pairs)
    return made if len(made) == len(pairs) else Repeated(pairs)


def refuse(text: str, at: str = "") -> NoReturn:
    """Raise FileProblem: ``text`` is what is wrong, ``at`` is where in the value that is read."""
    raise FileProblem(text, field=at)


def within(place: str, problem: FileProblem) -> FileProblem:
    """The same problem, seen from around ``place``."""
    problem.field = place + problem.field
    return problem


def shown(value: Any) -> str:
    """What was found, in a few words of one line."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def key(name: str) -> str:
    """The place of a key in its object."""
    return f".{name}" if name.isprintable() and 0 < len(name) <= LONGEST_SHOWN else f"[{shown(name)}]"


class Entry:
    """A JSON object of which every key is asked for once; what nobody asked for is refused."""

    __slots__ = ("value",)

    def __init__(self, value: Any, allowed: frozenset[str], what: str = "key in the format") -> None:
        if type(value) is Repeated:
            refuse("is there twice", key(value.twice))
        if type(value) is not dict:
            refuse(f"expected an object, not {shown(value)}")
        if not value.keys() <= allowed:
            other = next(name for name in value if name not in allowed)
            refuse(f"no such {what}", key(other))
        self.value = value

    def read(self, name: str, reader: Reader[T]) -> T:
        """What ``reader`` makes of a key that must be there."""
        if name not in self.value:
            refuse("is missing", key(name))
        try:
            return reader(self.value[name])
        except FileProblem as problem:
            raise within(key(name), problem) from None

    def maybe(self, name: str, reader: Reader[T], missing: T) -> T:
        """What ``reader`` makes of a key, or ``missing``."""
        return self.read(name, reader) if name in self.value else missing


def list_of(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """A reader of lists from a reader of items."""

    def read(value: Any) -> tuple[T, ...]:
        if not isinstance(value, list):
            refuse(f"expected a list, not {shown(value)}")
        items = iter(value)
        try:
            return tuple(map(reader, items))
        except FileProblem as problem:
            index = len(value) - length_hint(items) - 1
            raise within(f"[{index}]", problem) from None

    return read


def filled(reader: Reader[tuple[T, ...]]) -> Reader[tuple[T, ...]]:
    """The same reader for lists that must not be empty."""

    def read(value: Any) -> tuple[T, ...]:
        made = reader(value)
        if not made:
            refuse("must not be empty")
        return made

    return read


def whole(least: int, most: int = FAR) -> Reader[int]:
    """A reader of whole numbers from ``least`` to ``most``."""

    def read(value: Any) -> int:
        number = any_whole(value)
        if number < least:
            refuse(f"must be at least {least}")
        if number > most:
            refuse(f"must be at most {most}")
        return number

    return read


def any_whole(value: Any) -> int:
    """A reader of whole numbers; true and 1.0 are none."""
    if type(value) is not int:
        refuse(f"expected a whole number, not {shown(value)}")
    return int(value)


def bound(value: Any) -> int:
    """A reader of an amount without a limit: nothing is longer than FAR, so what is more says no more than FAR."""
    return whole(0)(min(any_whole(value), FAR))


def name(value: Any) -> str:
    """A reader of text that is not empty."""
    if type(value) is not str or not value:
        refuse(f"expected text that is not empty, not {shown(value)}")
    return str(value)


def truth(value: Any) -> bool:
    """A reader of true and false."""
    if not isinstance(value, bool):
        refuse(f"expected true or false, not {shown(value)}")
    return value


def known(names: Collection[str], what: str) -> Reader[str]:
    """A reader of names that must be among ``names``."""
    allowed = frozenset(names)

    def read(value: Any) -> str:
        if name(value) not in allowed:
            refuse(f"no {what} {shown(value)}")
        return str(value)

    return read


def interval(value: Any) -> tuple[int, int]:
    """A reader of ``[from, to]`` with ``to`` after ``from``; what lies beyond FAR is cut off."""
    if type(value) is list and len(value) == 2:
        low, high = value
        if type(low) is type(high) is int and -FAR <= low < high <= FAR:
            return low, high
    pair = list_of(any_whole)(value)
    if len(pair) != 2:
        refuse("expected [from, to]")
    if pair[0] >= pair[1]:
        refuse(f"must end after it begins, {shown(pair[0])} to {shown(pair[1])} does not")
    return whole(-FAR, FAR - 1)(max(pair[0], -FAR)), whole(1 - FAR)(min(pair[1], FAR))


def apart(value: Any) -> tuple[tuple[int, int], ...]:
    """A reader of sorted intervals that do not touch or overlap."""
    spans, reach = _intervals(value), -FAR - 1
    for index, (low, high) in enumerate(spans):
        if low <= reach:
            text = "must begin after the one before it ends: sorted, not touching, not overlapping"
            refuse(text, f"[{index}]")
        reach = high
    return spans


_intervals = list_of(interval)


def no_twice(names: Iterable[str], what: str, end: str = "") -> None:
    """Refuse a list of names in which one comes twice; ``end`` is where in its item a name stands."""
    seen: set[str] = set()
    for index, each in enumerate(names):
        if each in seen:
            refuse(f"{what} {shown(each)} is there twice", f"[{index}]{end}")
        seen.add(each)

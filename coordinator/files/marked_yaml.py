"""YAML as plain values with the line of each: no aliases, no tags, no surprises such as `no` for false."""

import re
from collections.abc import Iterator
from typing import NamedTuple, NoReturn

import yaml

from coordinator.errors import FileProblem, FileProblems

LARGEST_FILE = 5 * 1024 * 1024
DEEPEST = 50
MOST_VALUES = 500_000

Place = tuple[str | int, ...]

PLAIN_WORDS: dict[str, tuple[str, str]] = {
    "null": (r"(?:~|null|Null|NULL|)", "~nN\0"),
    "bool": (r"(?:true|True|TRUE|false|False|FALSE)", "tTfF"),
    "int": (r"-?(?:0|[1-9][0-9]{0,17})", "-0123456789"),
    "float": (r"-?(?:0|[1-9][0-9]{0,17})\.[0-9]{1,17}", "-0123456789"),
}
"""What an unquoted word means, by pattern and first letters; any other is text, so 08:30 and `no` are."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PATTERNS = {name: re.compile(pattern) for name, (pattern, _) in PLAIN_WORDS.items()}


class Marked(NamedTuple):
    """The plain values of a file, and the line on which each place of it begins."""

    value: object
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the nearest place around it that the file has."""
        while place not in self.lines:
            place = place[:-1]
        return self.lines[place]


def parse(content: bytes, *, file: str) -> Marked:
    """The one YAML document in ``content``. Raises FileProblems with the lines of all that is wrong."""
    builder = _Builder(decoded(content, file=file), file)
    marked = builder.document()
    if builder.problems:
        raise FileProblems(builder.problems)
    return marked


def decoded(content: bytes, *, file: str) -> str:
    """The text of a file. Raises FileProblems: too large, not UTF-8, NUL or other control characters."""
    if len(content) > LARGEST_FILE:
        _refuse(f"is larger than {LARGEST_FILE // 1024 // 1024} MB", file, None)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse("is not text in UTF-8", file, content.count(b"\n", 0, error.start) + 1)
    if bad := re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f]", text):
        line = text.count("\n", 0, bad.start()) + 1
        _refuse(f"a control character (U+{ord(bad[0]):04X}) has no place here", file, line)
    return text


def _refuse(text: str, file: str, line: int | None) -> NoReturn:
    raise FileProblems([FileProblem(text, file=file, line=line)]) from None


class _Builder:
    """Builds the values from the parser's events, one look ahead at most, and notes the lines on the way."""

    def __init__(self, text: str, file: str) -> None:
        self.file = file
        self.events = self._events(text)
        self.lines: dict[Place, int] = {}
        self.problems: list[FileProblem] = []

    def _events(self, text: str) -> Iterator[yaml.Event]:
        try:
            yield from yaml.parse(text, Loader=_LOADER)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            reason = getattr(error, "problem", None) or "it is not YAML"
            _refuse(f"cannot be read as YAML: {reason}", self.file, mark.line + 1 if mark else None)

    def document(self) -> Marked:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            _refuse("is empty", self.file, 1)
        value = self._value(next(self.events), ())
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            _refuse("holds more than one document ('---')", self.file, _line(after))
        return Marked(value, self.lines)

    def _value(self, event: yaml.Event, place: Place) -> object:
        self._guard(event, place)
        self.lines.setdefault(place, _line(event))
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(place)
        assert isinstance(event, yaml.ScalarEvent)
        return _plain(event)

    def _guard(self, event: yaml.Event, place: Place) -> None:
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            _refuse("anchors and aliases (& and *) are not allowed: write it out", self.file, _line(event))
        if tag := getattr(event, "tag", None):
            _refuse(f"tags are not allowed ({tag})", self.file, _line(event))
        if len(place) > DEEPEST:
            _refuse(f"is nested deeper than {DEEPEST} levels", self.file, _line(event))
        if len(self.lines) > MOST_VALUES:
            _refuse(f"holds more than {MOST_VALUES} values", self.file, _line(event))

    def _mapping(self, place: Place) -> dict[str, object]:
        mapping: dict[str, object] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            self._guard(event, place)
            if not isinstance(event, yaml.ScalarEvent):
                _refuse("a field's name must be one word, not a list or group", self.file, _line(event))
            name: str = event.value
            inner = (*place, name)
            if name in mapping:
                self._note(f"is there twice (first on line {self.lines[inner]})", event, inner)
            self.lines.setdefault(inner, _line(event))
            mapping[name] = self._value(next(self.events), inner)
        return mapping

    def _sequence(self, place: Place) -> list[object]:
        sequence: list[object] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            sequence.append(self._value(event, (*place, len(sequence))))
        return sequence

    def _note(self, text: str, event: yaml.Event, place: Place) -> None:
        self.problems.append(FileProblem(text, file=self.file, line=_line(event), field=field_name(place)))


def field_name(place: Place) -> str:
    """A place in words: ``steps[3].after[0].days``."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part[:80]}" for part in place)
    return "".join(parts).removeprefix(".")


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _plain(event: yaml.ScalarEvent) -> object:
    text: str = event.value
    if not event.implicit[0] or event.style:
        return text
    kind = next((name for name, pattern in _PATTERNS.items() if pattern.fullmatch(text)), None)
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return int(text)
        case "float":
            return float(text)
    return text

"""Calendar files taken apart: how many calendars are in one, which lines are none, and when it is too much."""

import re
from collections.abc import Iterator

import icalendar
from icalendar import Calendar

MOST_OCTETS = 10_000_000
MOST_COMPONENTS = 2_000
LONGEST_LINE = 100_000
"""Of what is unfolded: a picture within a line is nobody's appointment."""
DEEPEST = 20

BEGINS, ENDS = "BEGIN:VCALENDAR", "END:VCALENDAR"

_BEGIN = re.compile(r"^BEGIN:[A-Z-]+", re.IGNORECASE | re.MULTILINE)
_CALENDAR = re.compile(r"^BEGIN:VCALENDAR\s*$", re.IGNORECASE | re.MULTILINE)
_FOLDED = re.compile(r"\r?\n[ \t]")


class TooMuch(Exception):
    """The file asks for more than we give; the text says for what."""


def text_of(octets: bytes, charset: str | None = None) -> str:
    """The text of a file: UTF-8 as it should be, else as its mail says, else octet by octet; without NUL."""
    octets = octets.replace(b"\0", b"")
    for named in ("utf-8-sig", charset or "utf-8"):
        try:
            return octets.decode(named)
        except (UnicodeDecodeError, LookupError):
            continue
    return octets.decode("latin-1")


def calendars(text: str) -> Iterator[tuple[str, Calendar | None, list[str]]]:
    """Each calendar of a text: as it is written, as it was read (None where it cannot be), what is wrong with it.

    Raises TooMuch.
    """
    if len(text) > MOST_OCTETS:
        raise TooMuch(f"more than {MOST_OCTETS // 1_000_000} MB")
    for part in _parts(text.replace("\r\n", "\n").replace("\r", "\n")):
        lines, problems = _lines(part)
        if len(_BEGIN.findall("\n".join(lines))) > MOST_COMPONENTS:
            raise TooMuch(f"more than {MOST_COMPONENTS} entries")
        yield part, *_parsed(lines, problems)


def method(text: str) -> str | None:
    """The method that a calendar says, also where nothing else of it can be read."""
    found = re.search(r"^METHOD[^:\n]*:[ \t]*([A-Za-z-]+)", text, re.IGNORECASE | re.MULTILINE)
    return found[1].upper() if found else None


def _parts(text: str) -> Iterator[str]:
    """One text for each calendar: two may mean different zones by the same name."""
    starts = [found.start() for found in _CALENDAR.finditer(text)] or [0]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield text[start:end]


def _lines(part: str) -> tuple[list[str], list[str]]:
    """The content lines of a calendar, unfolded; those that are none are left out, which is a problem to tell."""
    kept, problems, depth = [], [], 0
    for line in _FOLDED.sub("", part).split("\n"):
        shown = line.strip()
        if not shown:
            continue
        if len(shown) > LONGEST_LINE:
            problems.append(f"a line of {len(shown):,} characters is left out")
            continue
        if ":" not in shown:
            problems.append(f"this is no line of a calendar: {shown[:60]}")
            continue
        depth += shown[:6].upper() == "BEGIN:"
        depth -= shown[:4].upper() == "END:"
        if depth > DEEPEST:
            raise TooMuch(f"entries within entries, more than {DEEPEST} deep")
        kept.append(shown)
    return kept, problems


def _parsed(lines: list[str], problems: list[str]) -> tuple[Calendar | None, list[str]]:
    icalendar.use_zoneinfo()  # type: ignore[no-untyped-call]  # forgets the zones that another calendar described under the same names
    try:
        read = Calendar.from_ical("\r\n".join(lines) + "\r\n", multiple=True)
    except (ValueError, KeyError, IndexError, AttributeError, OverflowError, RecursionError) as error:
        return None, [*problems, f"cannot be read: {str(error)[:200]}"]
    found = [each for each in read if each.name == "VCALENDAR"]
    if not found:
        return None, [*problems, "no calendar in it"]
    wrong = [
        f"{component.name} {name}: {said}"[:200]
        for component in found[0].walk()
        for name, said in component.errors
    ]
    return found[0], [*problems, *wrong]

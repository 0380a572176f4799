"""Small values that all files are made of: keys, names, texts in two languages, days and hours."""

import re
import unicodedata
from datetime import date, timedelta
from itertools import pairwise
from typing import Annotated, Any, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    ValidationInfo,
    model_serializer,
    model_validator,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
NAME_LENGTH = 200
TEXT_LENGTH = 5000

_RELATIVE_DAY = re.compile(r"(?:today)?\s*([+-]\s*\d{1,4})\s*d?|today")
_DAY_PART = re.compile(r"(\d\d):(\d\d)\s*[-\u2013]\s*(\d\d):(\d\d)")
_OVERRIDES = "\u202d\u202e"


class Entry(BaseModel):
    """Anything with fields in a file: no field but the known ones, nothing changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Fault(NamedTuple):
    """Something wrong at one place of a file; ``place`` leads there: ``("steps", 3, "after")``."""

    place: tuple[str | int, ...]
    text: str


def unprintable(text: str, *, lines: bool) -> str | None:
    """The first character that may not stand in a text, as ``U+0007``; with ``lines`` breaks and tabs may."""
    for character in text:
        if lines and character in "\n\t":
            continue
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} or character in _OVERRIDES:
            return f"U+{ord(character):04X}"
    return None


def _one_line(text: str) -> str:
    if sign := unprintable(text, lines=False):
        raise ValueError(f"must not contain line breaks or control characters ({sign})")
    return _not_blank(text)


def _several_lines(text: str) -> str:
    if sign := unprintable(text, lines=True):
        raise ValueError(f"must not contain control characters ({sign})")
    return _not_blank(text)


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    return text


def _email(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\]+", text):
        raise ValueError("is not an e-mail address")
    return text


def _website(text: str) -> str:
    if not re.fullmatch(r"https?://[^\s<>\"']+", text):
        raise ValueError("is not a web address: it begins with https://")
    return text


def _phone(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9(][0-9 ()./-]{3,38}(?: ?x ?[0-9]{1,6})?", text):
        raise ValueError(
            "is not a phone number: digits, spaces and ( ) . / - with + in front of a country code"
        )
    return text


def resolve_day(text: object, on: date | None) -> date:
    """A date as it stands in a file: ``2026-12-01``, or from ``on``: ``+14d``, ``today-300``, ``today``.

    Without ``on`` only a whole date will do. Raises ValueError with words for whoever wrote the file.
    """
    if isinstance(text, date):
        return text
    if on and isinstance(text, str) and (match := _RELATIVE_DAY.fullmatch(text.strip())):
        return _in_our_time(on + timedelta(days=int((match[1] or "0").replace(" ", ""))))
    if not (isinstance(text, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", text)):
        raise ValueError("is not a date: write 2026-12-01" + (", or days from today: +14d" if on else ""))
    try:
        return _in_our_time(date.fromisoformat(text))
    except ValueError as error:
        raise ValueError(f"is not a date: {error}") from None


def _in_our_time(day: date) -> date:
    if not 1890 <= day.year <= 2200:
        raise ValueError("only the years 1890 to 2200 are known here")
    return day


def _day(text: object, info: ValidationInfo) -> date:
    context = info.context or {}
    return resolve_day(text, context.get("on") if context.get("relative_days", True) else None)


def _basis(given: object) -> object:
    if isinstance(given, str):
        return (given,)
    return tuple(given) if isinstance(given, list) else given


def _short_basis(basis: tuple[str, ...]) -> str | list[str]:
    return basis[0] if len(basis) == 1 else list(basis)


Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)]
Name = Annotated[str, StringConstraints(max_length=NAME_LENGTH), AfterValidator(_one_line)]
Words = Annotated[str, StringConstraints(max_length=TEXT_LENGTH), AfterValidator(_several_lines)]
Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(_email), AfterValidator(_one_line)]
Website = Annotated[str, StringConstraints(max_length=NAME_LENGTH), AfterValidator(_website)]
Phone = Annotated[str, StringConstraints(max_length=50), AfterValidator(_phone)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length=35)]
Day = Annotated[date, BeforeValidator(_day)]
Minutes = Annotated[int, Field(ge=0, le=7 * DAY_MINUTES)]
Days = Annotated[int, Field(ge=0, le=3660)]
Basis = Annotated[tuple[Words, ...], BeforeValidator(_basis), PlainSerializer(_short_basis)]
"""Where a number comes from: ids of sources, ``assumed``, or words."""
Bases = dict[Name, Basis]


class Text(Entry):
    """Words for people in both languages; a file may give one sentence for both."""

    en: Words
    es: Words

    @model_validator(mode="before")
    @classmethod
    def _one_for_both(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"en": given, "es": given}
        if isinstance(given, dict) and len(given.keys() & {"en", "es"}) == 1:
            (words,) = (given[language] for language in ("en", "es") if language in given)
            return {"en": words, "es": words} | given
        return given

    def in_language(self, language: str) -> str:
        """Spanish for any kind of Spanish, English for all else."""
        return self.es if language.split("-")[0] == "es" else self.en


class DayPart(NamedTuple):
    """A stretch of a day by the wall clock, in minutes since midnight; ``ends`` may be 1440."""

    starts: int
    ends: int

    def __str__(self) -> str:
        return "-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in self)


def _day_part(given: object) -> DayPart:
    if isinstance(given, DayPart):
        return given
    match = _DAY_PART.fullmatch(given.strip()) if isinstance(given, str) else None
    if not match:
        raise ValueError('is not a stretch of hours: write "08:00-12:00"')
    hours = [int(number) for number in match.groups()]
    part = DayPart(hours[0] * 60 + hours[1], hours[2] * 60 + hours[3])
    if max(hours[1], hours[3]) > 59 or part.ends > DAY_MINUTES:
        raise ValueError("is not a time of the day: hours go to 24:00, minutes to 59")
    if part.starts >= part.ends:
        raise ValueError("must begin before it ends, on one day")
    return part


def _in_order(parts: tuple[DayPart, ...]) -> tuple[DayPart, ...]:
    parts = tuple(sorted(parts))
    for earlier, later in pairwise(parts):
        if later.starts < earlier.ends:
            raise ValueError(f"{earlier} and {later} overlap")
    return parts


DayHours = Annotated[
    tuple[Annotated[DayPart, PlainValidator(_day_part), PlainSerializer(str)], ...],
    AfterValidator(_in_order),
]


class WeekHours(Entry):
    """Hours of an ordinary week by the wall clock; a day that is not named has none."""

    mon: DayHours = ()
    tue: DayHours = ()
    wed: DayHours = ()
    thu: DayHours = ()
    fri: DayHours = ()
    sat: DayHours = ()
    sun: DayHours = ()

    def on(self, weekday: int) -> tuple[DayPart, ...]:
        """The hours of a weekday; 0 is Monday."""
        parts: tuple[DayPart, ...] = getattr(self, WEEKDAYS[weekday])
        return parts

    def __bool__(self) -> bool:
        return any(self.on(weekday) for weekday in range(7))

    @model_serializer(mode="plain")
    def _only_named_days(self) -> dict[str, list[str]]:
        return {day: [str(part) for part in getattr(self, day)] for day in WEEKDAYS if getattr(self, day)}


class Absence(Entry):
    """Whole days on which someone or something is gone, both ends included."""

    first_day: Day = Field(alias="from")
    last_day: Day = Field(alias="until")
    why: Name | None = None

    @model_validator(mode="after")
    def _forwards(self) -> "Absence":
        if self.last_day < self.first_day:
            raise ValueError(f"ends ({self.last_day}) before it begins ({self.first_day})")
        return self

"""Reads what was typed into a form, and collects what is wrong with it, field by field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import phonenumbers
from pydantic import TypeAdapter, ValidationError

from coordinator.files.values import DayHours, Email, unprintable

_HOURS = re.compile(r"(\d{1,2})(?:[:.](\d\d))?\s*[-–]\s*(\d{1,2})(?:[:.](\d\d))?")
_email: TypeAdapter[str] = TypeAdapter(Email)
_day_hours: TypeAdapter[Any] = TypeAdapter(DayHours)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field; ``sentence`` is the key of its translation, ``facts`` fill it."""

    name: str
    sentence: str
    facts: Mapping[str, object] = field(default_factory=dict)


class Typed:
    """The fields of one form. Whatever cannot be read is noted in ``wrong``, and the reading goes on."""

    def __init__(self, given: Mapping[str, str], lists: Mapping[str, Sequence[str]] | None = None) -> None:
        self.given, self.lists = given, lists or {}
        self.wrong: list[Wrong] = []

    def refuse(self, name: str, sentence: str, **facts: object) -> None:
        """Note what is wrong with a field."""
        self.wrong.append(Wrong(name, sentence, facts))

    def line(self, name: str, longest: int = 200) -> str:
        """One line of text without control characters; empty where nothing was typed."""
        return self._text(name, longest, lines=False)

    def lines(self, name: str, longest: int = 500) -> str:
        """Text of several lines."""
        return self._text(name, longest, lines=True)

    def _text(self, name: str, longest: int, *, lines: bool) -> str:
        text = self.given.get(name, "").replace("\r\n", "\n").strip()
        if len(text) > longest:
            self.refuse(name, "This is too long: at most {longest} letters.", longest=longest)
        elif unprintable(text, lines=lines):
            self.refuse(name, "There is a line break or a sign here that cannot be printed.")
        else:
            return text
        return ""

    def email(self, name: str) -> str | None:
        """An e-mail address, if any."""
        text = self.line(name)
        if not text:
            return None
        try:
            return _email.validate_python(text)
        except ValidationError:
            self.refuse(name, "This is not an e-mail address. Write it like name@example.org.")
            return None

    def phone(self, name: str, country: str) -> str | None:
        """A phone number, if any, in its international form; one without country code is of the clinic's country."""
        text = self.line(name, 50)
        if not text:
            return None
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            number = None
        if number is None or not phonenumbers.is_possible_number(number):
            self.refuse(name, "This is not a phone number. Write it like +34 912 345 678.")
            return None
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)

    def day(self, name: str) -> date | None:
        """A date, if any: ``1958-03-14``."""
        text = self.line(name, 20)
        try:
            return date.fromisoformat(text) if text else None
        except ValueError:
            self.refuse(name, "This is not a date. Write it like 1958-03-14.")
            return None

    def one_of(self, name: str, allowed: Sequence[str]) -> str | None:
        """One of the choices, or none."""
        text = self.given.get(name, "")
        if text and text not in allowed:
            self.refuse(name, "This choice is not on the list any more. Please choose again.")
            return None
        return text or None

    def some_of(self, name: str, allowed: Sequence[str]) -> list[str]:
        """The choices that were made, in their order, each once."""
        chosen = [text for text in dict.fromkeys(self.lists.get(name, ())) if text]
        if any(text not in allowed for text in chosen):
            self.refuse(name, "This choice is not on the list any more. Please choose again.")
            return []
        return chosen

    def ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self.given.get(name))

    def hours(self, name: str) -> list[str]:
        """Hours of one weekday: ``9-12, 14:00-17:30`` becomes ``["09:00-12:00", "14:00-17:30"]``."""
        text = self.line(name)
        try:
            parts = [_written(part) for part in re.split(r"[,;]", text) if part.strip()]
            return [str(part) for part in _day_hours.validate_python(parts)]
        except (ValueError, ValidationError):
            self.refuse(name, "These are not hours of a day. Write them like 9:00-12:00, 14:00-17:30.")
            return []


def _written(part: str) -> str:
    match = _HOURS.fullmatch(part.strip())
    if match is None:
        raise ValueError(part)
    begin, begin_minute, end, end_minute = match.groups(default="00")
    return f"{int(begin):02}:{begin_minute}-{int(end):02}:{end_minute}"

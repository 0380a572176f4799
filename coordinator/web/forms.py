"""What forms and addresses carry, read without trust: numbers, dates, choices, instants."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TypeVar

from coordinator.errors import NotFound, Refusal

Choice = TypeVar("Choice", bound=StrEnum)
LARGEST = 2**31 - 1


def number(text: str | None, default: int | None = None) -> int:
    """A whole number that can be an id or a version. Raises NotFound where it is none and there is no default."""
    if text and text.isascii() and text.isdecimal() and len(text) < 11 and int(text) <= LARGEST:
        return int(text)
    if default is None:
        raise NotFound("There is no such page, or it is not meant for you.")
    return default


def optional_number(text: str | None) -> int | None:
    """As ``number``, and nothing for nothing."""
    return number(text) if text else None


def day(text: str | None) -> date | None:
    """A date as browsers send it. Raises Refusal for something else."""
    if not text:
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Refusal("“{text}” is not a date. Write it as 2026-12-31.", text=text[:20]) from None
    if not 1900 <= found.year <= 2200:
        raise Refusal("“{text}” is not a date. Write it as 2026-12-31.", text=text[:20])
    return found


def clock_time(text: str | None) -> time:
    """A time of day as browsers send it. Raises Refusal."""
    try:
        return time.fromisoformat(text or "")
    except ValueError:
        raise Refusal("“{text}” is not a time of day. Write it as 14:30.", text=(text or "")[:20]) from None


def instant(text: str | None) -> datetime:
    """An instant that one of our own pages wrote into a form. Raises Refusal."""
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        raise Refusal("Choose one of the times.") from None
    if found.tzinfo is None or not 1900 <= found.year <= 2200:
        raise Refusal("Choose one of the times.")
    return found.astimezone(UTC)


def one_of(kind: type[Choice], text: str | None) -> Choice | None:
    """One of the names of a choice; nothing for anything else."""
    return kind(text) if text in set(kind) else None

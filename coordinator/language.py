"""Words in the reader's language: catalogs, dates in words, and texts that a clinic wrote in several languages."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.dates import format_date, format_time
from babel.support import NullTranslations, Translations

CATALOGS = Path(__file__).resolve().parent / "translations"
LANGUAGES = ("en", "es")


@cache
def catalog(language: str) -> NullTranslations:
    """The translations into one language; English is the language of the keys."""
    return Translations.load(CATALOGS, [language])


def say(language: str, sentence: str, **facts: object) -> str:
    """A sentence in the reader's language, with its facts filled in."""
    said = catalog(language).gettext(sentence)
    return said.format(**facts) if facts else said


def pick(words: Mapping[str, str], language: str) -> str:
    """The clinic's own text in the reader's language, else in English, else in any."""
    return words.get(language) or words.get("en") or next(iter(words.values()), "")


def date_in_words(day: date, language: str) -> str:
    """``Thursday 3 December 2026``, ``jueves, 3 de diciembre de 2026``."""
    return format_date(day, "EEEE d MMMM y" if language == "en" else "full", locale=language)


def short_date(day: date, language: str) -> str:
    """``Thu 3 Dec``, ``jue 3 dic``."""
    return format_date(day, "EEE d MMM", locale=language)


def clock_time(wall: datetime, language: str) -> str:
    """``14:05``: twenty-four hours, as clinics write it."""
    return format_time(wall, "HH:mm", locale=language)

"""Words that templates write dates, hours, languages and levels with, in the reader's language."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, get_day_names
from flask import Flask
from flask_babel import gettext, lazy_gettext

from coordinator import times
from coordinator.language import clock_time, date_in_words, pick, short_date
from coordinator.models import Channel, Disclosure, IncomingMail, Location, NoticeKind, Why
from coordinator.services.errands import Errand
from coordinator.web.language import languages, spoken


def register(app: Flask) -> None:
    """Filters and globals of templates."""
    for name, filter_ in FILTERS.items():
        app.add_template_filter(filter_, name)
    for piece in (hours, disclosure_words, interpreter_choices, errand_words, mail_words, spoken, languages):
        app.add_template_global(piece)


def in_words(day: date) -> str:
    """``Thursday 3 December 2026``."""
    return date_in_words(day, spoken())


def plain_date(day: date) -> str:
    """``3 December 2026``: without the weekday, for what is past."""
    return format_date(day, "d MMMM y" if spoken() == "en" else "long", locale=spoken())


def short(day: date) -> str:
    """``Thu 3 Dec``."""
    return short_date(day, spoken())


def clock(wall_time: datetime) -> str:
    """``14:05``."""
    return clock_time(wall_time, spoken())


def words(given: Mapping[str, str]) -> str:
    """The clinic's own text in the reader's language."""
    return pick(given, spoken())


def wall(instant: datetime, location: Location) -> datetime:
    """What the clock shows at a location."""
    return times.to_wall(instant, times.zone(location.timezone))


def weekday_name(key: str) -> str:
    """``Monday`` for ``mon``."""
    name: str = get_day_names("wide", locale=spoken())[times.WEEKDAYS.index(key)]
    return name[0].upper() + name[1:]


def language_name(key: str) -> str:
    """``Spanish`` for ``es``; the key itself where nobody knows it."""
    try:
        return Locale.parse(key, sep="-").get_display_name(spoken()) or key
    except (UnknownLocaleError, ValueError):
        return key


KNOWN = {
    "blood-panel": lazy_gettext("blood tests"),
    "ct-lumbar-spine": lazy_gettext("CT of the lumbar spine"),
    "mri-lumbar-spine": lazy_gettext("MRI of the lumbar spine"),
    "psychological-evaluation": lazy_gettext("psychological evaluation"),
    "xray-lumbar-spine": lazy_gettext("X-ray of the lumbar spine"),
    "clopidogrel": lazy_gettext("clopidogrel"),
    "mri-contraindicated": lazy_gettext("no MRI possible"),
    "rivaroxaban-or-apixaban": lazy_gettext("rivaroxaban or apixaban"),
    "warfarin": lazy_gettext("warfarin"),
}
"""What the keys of usual studies and conditions mean."""


def known(key: str) -> str:
    """A study or condition in words; one that only this clinic knows, as it wrote it."""
    return str(KNOWN.get(key, key.replace("-", " ")))


def hours(weekly: Mapping[str, Iterable[str]]) -> str:
    """``Mon 08:00–12:00, 13:00–17:00; Tue …``; days alike stand together: ``Mon–Fri``."""
    names = get_day_names("abbreviated", locale=spoken())
    runs: list[tuple[int, int, str]] = []
    for number, key in enumerate(times.WEEKDAYS):
        spans = ", ".join(span.replace("-", "–") for span in weekly.get(key, ()))
        if runs and runs[-1][1] == number - 1 and runs[-1][2] == spans:
            runs[-1] = (runs[-1][0], number, spans)
        elif spans:
            runs.append((number, number, spans))
    return "; ".join(f"{_days(names, first, last)} {spans}" for first, last, spans in runs)


def _days(names: Mapping[int, str], first: int, last: int) -> str:
    return names[first] if first == last else f"{names[first]}–{names[last]}"


def disclosure_words(level: Disclosure | str | None) -> str:
    """What messages may tell, in words."""
    said: dict[str | None, str] = {
        None: gettext("what the clinic allows for all"),
        "time": gettext("time and place only"),
        "neutral": gettext("also the kind of visit and how to prepare"),
        "full": gettext("also preparations that are sensitive"),
    }
    return said[level and str(level)]


def errand_words(errand: Errand) -> str:
    """What a call, a letter or a mail is to tell."""
    ways = {Channel.MAIL: gettext("mail"), Channel.CALL: gettext("call"), Channel.LETTER: gettext("letter")}
    kinds = {
        NoticeKind.INVITE: gettext("tell the appointments"),
        NoticeKind.UPDATE: gettext("tell the new times"),
        NoticeKind.CANCELLATION: gettext("tell that it is cancelled"),
        NoticeKind.DECLINED: gettext("tell that the time stays"),
        NoticeKind.REMINDER: gettext("remind"),
        NoticeKind.PREPARATION: gettext("tell how to prepare"),
    }
    return f"{ways[errand.channel]}: {kinds[errand.kind]}"


def interpreter_choices(keys: Iterable[str]) -> list[tuple[str, str]]:
    """Languages to choose an interpreter for, by name."""
    return sorted(((key, language_name(key)) for key in keys), key=lambda choice: choice[1])


def mail_words(mail: IncomingMail) -> str:
    """Why a mail has to be read by a person."""
    said: dict[Why, str] = {
        Why.NOT_INVITED: gettext("an answer from an address that we did not write to"),
        Why.UNKNOWN: gettext("an answer to an appointment that is not ours"),
        Why.UNREADABLE: gettext("an answer that cannot be read"),
        Why.MAYBE: gettext("answers “maybe”"),
        Why.CANCELLED: gettext("an answer to an appointment that is cancelled"),
        Why.BEGUN: gettext("an answer that came after the appointment began"),
    }
    usual: str = gettext("writes to us")
    return said.get(Why(mail.why), usual)


FILTERS: dict[str, Callable[..., object]] = {
    "in_words": in_words,
    "plain_date": plain_date,
    "short_date": short,
    "clock": clock,
    "pick": words,
    "wall": wall,
    "weekday_name": weekday_name,
    "language_name": language_name,
    "known": known,
}

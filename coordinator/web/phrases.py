"""How plan, board and day pages say what services know: gaps, costs, needs, notices, in the reader's language."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from zlib import crc32

import flask_babel
from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from flask import Blueprint
from flask_babel import lazy_gettext

from coordinator import times
from coordinator.models import Notice
from coordinator.services.plan_steps import Gap
from coordinator.web.language import spoken

gettext: Callable[..., str] = flask_babel.gettext
ngettext: Callable[..., str] = flask_babel.ngettext

COLOURS = (
    (3, ("intervention", "infusion", "proced", "inject", "anaesth", "anesth", "surg")),
    (2, ("psych", "mental", "education")),
    (4, ("physio", "rehab", "occupational", "massage", "acupuncture", "exercise")),
    (5, ("radio", "imag", "lab", "scan", "diagnos")),
    (6, ("nurs", "care", "pharm", "team", "social")),
    (1, ("medic", "physician", "doctor")),
)
"""Which of the six colours a discipline has, by parts of its name; the first that fits."""

DISCIPLINES = {
    "acupuncture": lazy_gettext("acupuncture"),
    "infusion": lazy_gettext("infusion"),
    "interventional pain medicine": lazy_gettext("interventional pain medicine"),
    "laboratory": lazy_gettext("laboratory"),
    "massage": lazy_gettext("massage"),
    "nursing": lazy_gettext("nursing"),
    "occupational therapy": lazy_gettext("occupational therapy"),
    "pain medicine": lazy_gettext("pain medicine"),
    "physiotherapy": lazy_gettext("physiotherapy"),
    "psychology": lazy_gettext("psychology"),
    "radiology": lazy_gettext("radiology"),
    "team": lazy_gettext("team"),
}


def register(blueprint: Blueprint) -> None:
    """Give the filters to all templates."""
    for filter_ in (
        at,
        weekday_short,
        month_short,
        colour,
        discipline,
        gap,
        better,
        worse,
        merits,
        need,
        telling,
        kind,
        rule,
    ):
        blueprint.add_app_template_filter(filter_)


def at(instant: datetime, zone: times.Zone) -> datetime:
    """What the clock of a zone shows."""
    return times.to_wall(instant, zone)


def weekday_short(day: date) -> str:
    """``Thu``."""
    return format_date(day, "EEE", locale=spoken())


def month_short(day: date) -> str:
    """``Dec``."""
    return format_date(day, "MMM", locale=spoken())


def colour(discipline: str) -> str:
    """The class of a discipline's colour, the same on every page; ``d0`` for no discipline."""
    name = discipline.lower()
    if not name:
        return "d0"
    known = (f"d{number}" for number, parts in COLOURS if any(part in name for part in parts))
    return next(known, f"d{crc32(name.encode()) % len(COLOURS) + 1}")


def discipline(name: str) -> str:
    """A discipline in the reader's language, where we know it."""
    return str(DISCIPLINES.get(name, name))


def gap(between: Gap) -> str:
    """``1 to 14 days later``; empty where only the order counts."""
    if between.min_minutes is not None or between.max_minutes is not None:
        return _range(between.min_minutes, between.max_minutes, minutes)
    return _range(between.min_days, between.max_days, _days)


def _range(least: int | None, most: int | None, unit: Callable[[int], str]) -> str:
    if most is None:
        return gettext("at least %(time)s later", time=unit(least)) if least else ""
    if not least:
        return gettext("within %(time)s", time=unit(most)) if most else gettext("the same day")
    if least == most:
        return gettext("%(time)s later", time=unit(most))
    start = str(least) if unit is _days else unit(least)
    return gettext("%(least)s to %(time)s later", least=start, time=unit(most))


def _days(number: int) -> str:
    return ngettext("%(num)d day", "%(num)d days", number)


def minutes(number: int) -> str:
    """``2 hours``, ``45 minutes``."""
    hours, rest = divmod(number, 60)
    if hours > 1 and not rest:
        return ngettext("%(num)d hour", "%(num)d hours", hours)
    return ngettext("%(num)d minute", "%(num)d minutes", number)


def better(what: str, by: int) -> str:
    """In what an alternative is better than the first."""
    said = {
        "finish_day": lambda: ngettext("%(num)d day sooner", "%(num)d days sooner", by),
        "visit_day": lambda: ngettext("%(num)d trip fewer", "%(num)d trips fewer", by),
        "wait_minute": lambda: ngettext("%(num)d minute less waiting", "%(num)d minutes less waiting", by),
        "preference": lambda: ngettext("%(num)d more wish is kept", "%(num)d more wishes are kept", by),
        "continuity": lambda: ngettext(
            "%(num)d change of person fewer", "%(num)d changes of person fewer", by
        ),
        "location_rank": lambda: gettext("at a more wanted location"),
    }
    return said[what]() if what in said else what


def worse(what: str, by: int) -> str:
    """In what an alternative is worse than the first."""
    said = {
        "finish_day": lambda: ngettext("%(num)d day later", "%(num)d days later", by),
        "visit_day": lambda: ngettext("%(num)d trip more", "%(num)d trips more", by),
        "wait_minute": lambda: ngettext("%(num)d minute more waiting", "%(num)d minutes more waiting", by),
        "preference": lambda: ngettext("%(num)d wish fewer is kept", "%(num)d wishes fewer are kept", by),
        "continuity": lambda: ngettext("%(num)d change of person more", "%(num)d changes of person more", by),
        "location_rank": lambda: gettext("at a less wanted location"),
    }
    return said[what]() if what in said else what


def merits(parts: dict[str, int]) -> list[str]:
    """What speaks for the first of the ways by itself."""
    said = {
        "location_rank": gettext("at the most wanted location"),
        "wait_minute": gettext("no waiting between steps"),
        "preference": gettext("every wish is kept"),
        "continuity": gettext("the same people throughout"),
    }
    return [sentence for part, sentence in said.items() if parts.get(part) == 0]


KINDS = {
    "best": lazy_gettext("first choice"),
    "location": lazy_gettext("another location"),
    "sooner": lazy_gettext("ends sooner"),
    "fewer-visits": lazy_gettext("fewer trips"),
    "practitioner": lazy_gettext("other people"),
    "days": lazy_gettext("other days"),
}
RULES = {
    "no-resource": lazy_gettext("Nobody or nothing can do it"),
    "no-time": lazy_gettext("No free time"),
    "patient": lazy_gettext("The patient cannot come"),
    "link": lazy_gettext("Order and distance of steps"),
    "series": lazy_gettext("The same person for a series"),
    "same-day": lazy_gettext("Steps of one day"),
    "not-same-day": lazy_gettext("Steps that must not share a day"),
    "window": lazy_gettext("Not before, not after"),
    "day-length": lazy_gettext("Length of the day"),
    "pinned": lazy_gettext("Must stay where it is"),
}


def kind(key: str) -> str:
    """What an alternative is the best of."""
    return str(KINDS.get(key, key))


def rule(key: str) -> str:
    """What sort of rule stands in the way."""
    return str(RULES.get(key, key))


def need(key: str) -> str:
    """What a patient needs, in words."""
    what, _, which = key.partition(":")
    if what == "interpreter":
        return gettext("interpreter (%(language)s)", language=_language(which))
    return {"step-free": gettext("step-free"), "transport": gettext("transport")}.get(what, what)


def _language(tag: str) -> str:
    try:
        return Locale.parse(tag, sep="-").get_language_name(spoken()) or tag
    except (ValueError, UnknownLocaleError):
        return tag


def telling(notices: Sequence[Notice]) -> tuple[str, str]:
    """How far the newest invite, change or cancellation is, as a word and its colour."""
    own = [each for each in notices if each.kind in {"invite", "update", "cancellation"}]
    state = {each.state for each in own if each.sequence == max(one.sequence for one in own)}
    if "dead" in state:
        return gettext("not delivered"), "coral"
    if "waiting" in state:
        by_hand = any(each.channel != "mail" for each in own)
        return (gettext("to be told by hand"), "amber") if by_hand else (gettext("invite waits"), "grey")
    return (gettext("told"), "green") if "sent" in state else ("", "")

"""What is asked of a patient, read off a form and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from coordinator.language import LANGUAGES
from coordinator.models import Disclosure, Patient
from coordinator.services.typed import Typed, Wrong
from coordinator.times import WEEKDAYS

OLDEST_YEARS = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDetails:
    """All that a coordinator may write down about a patient."""

    name: str
    birth_date: date
    email: str | None
    phone: str | None
    address: str | None
    language: str
    can_come: dict[str, list[str]] | None
    preferred_locations: list[str]
    disclosure: Disclosure | None
    interpreter_language: str | None
    needs_step_free: bool
    needs_transport: bool
    conditions: list[str]
    carer_name: str | None
    carer_email: str | None
    carer_phone: str | None
    carer_instead: bool

    def write(self, patient: Patient) -> None:
        """Put the details into a patient's row."""
        for name, value in self._all().items():
            setattr(patient, name, value)

    def _all(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Allowed:
    """What a form may choose from, as plain keys; ``country``: whose phone numbers go without a code."""

    locations: Sequence[str]
    interpreters: Sequence[str]
    conditions: Sequence[str]
    country: str


def read(
    given: Mapping[str, str], lists: Mapping[str, Sequence[str]], allowed: Allowed, *, today: date
) -> tuple[PatientDetails | None, list[Wrong]]:
    """The details as typed, or what is wrong with them."""
    typed = Typed(given, lists)
    name = typed.line("name")
    if not name and not typed.wrong:
        typed.refuse("name", "Write the patient's name.")
    birth_date = _birth_date(typed, today)
    reach = _reach(typed, allowed.country)
    rest = _wishes(typed, allowed) | _needs(typed, allowed)
    _check_reach(typed, reach)
    if typed.wrong or birth_date is None:
        return None, typed.wrong
    return PatientDetails(name=name, birth_date=birth_date, **reach, **rest), []


def _birth_date(typed: Typed, today: date) -> date | None:
    birth_date = typed.day("birth_date")
    if birth_date is None:
        if all(wrong.name != "birth_date" for wrong in typed.wrong):
            typed.refuse("birth_date", "Write the date of birth.")
    elif birth_date > today or birth_date.year < today.year - OLDEST_YEARS:
        typed.refuse("birth_date", "Nobody living was born on this date. Check the year.")
    return birth_date


def _reach(typed: Typed, country: str) -> dict[str, Any]:
    return {
        "email": typed.email("email"),
        "phone": typed.phone("phone", country),
        "address": typed.lines("address") or None,
        "carer_name": typed.line("carer_name") or None,
        "carer_email": typed.email("carer_email"),
        "carer_phone": typed.phone("carer_phone", country),
        "carer_instead": typed.ticked("carer_instead"),
    }


def _check_reach(typed: Typed, reach: Mapping[str, Any]) -> None:
    """Everybody must be reachable, and a carer told instead of the patient too."""
    carer = reach["carer_email"] or reach["carer_phone"]
    failed = {wrong.name for wrong in typed.wrong}
    if carer and not reach["carer_name"] and "carer_name" not in failed:
        typed.refuse("carer_name", "Write the carer's name.")
    if failed & {"email", "phone", "address", "carer_email", "carer_phone"}:
        return
    if reach["carer_instead"] and not carer:
        typed.refuse("carer_email", "Who is told instead of the patient needs an e-mail address or a phone.")
    elif not (reach["email"] or reach["phone"] or reach["address"] or carer):
        typed.refuse("email", "Give one way to reach the patient: e-mail, phone, postal address or a carer.")


def _wishes(typed: Typed, allowed: Allowed) -> dict[str, Any]:
    hours = {weekday: typed.hours(f"can_come_{weekday}") for weekday in WEEKDAYS}
    disclosure = typed.one_of("disclosure", [level.value for level in Disclosure])
    return {
        "language": typed.one_of("language", LANGUAGES) or LANGUAGES[0],
        "can_come": {weekday: spans for weekday, spans in hours.items() if spans} or None,
        "preferred_locations": typed.some_of("preferred_locations", allowed.locations),
        "disclosure": Disclosure(disclosure) if disclosure else None,
    }


def _needs(typed: Typed, allowed: Allowed) -> dict[str, Any]:
    return {
        "interpreter_language": typed.one_of("interpreter_language", allowed.interpreters),
        "needs_step_free": typed.ticked("needs_step_free"),
        "needs_transport": typed.ticked("needs_transport"),
        "conditions": typed.some_of("conditions", allowed.conditions),
    }

"""What one notice tells: times in words, the place, links, and no more than may be told."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from babel.dates import get_timezone_name

from coordinator import times
from coordinator.calendars import texts
from coordinator.language import clock_time, date_in_words, pick, say, short_date
from coordinator.models import Appointment, Clinic, Notice, NoticeKind
from coordinator.notices import disclosure, links
from coordinator.notices.disclosure import Advice
from coordinator.notices.post import Letterhead


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything that a message may say, in the recipient's language; an empty text has nothing to say."""

    language: str
    kind: NoticeKind
    name: str
    about: str
    """The patient's name, where somebody else is written to."""
    title: str
    what: str
    when: str
    when_at_home: str
    """The same time on the patient's own clocks, where those show another."""
    short: str
    where: str
    directions: str
    phone: str
    clinic: str
    website: str
    advice: Advice
    answer_url: str
    patient_url: str


def told(notice: Notice, appointment: Appointment, clinic: Clinic, letterhead: Letterhead) -> Told:
    """What ``notice`` tells of its appointment (loaded with patient, location and step's therapy)."""
    _ = partial(say, notice.language)
    tongue, patient, location = notice.language, appointment.patient, appointment.location
    starts_at = span(appointment)[0]
    allowed = disclosure.level(patient, clinic)
    title = texts.one_line(disclosure.title(appointment.step, allowed, tongue))
    local = times.to_wall(starts_at, times.zone(location.timezone))
    lead_days = notice.lead_hours // 24 if notice.kind is NoticeKind.PREPARATION else None
    remote = appointment.step.remote
    where = _("By phone or video") if remote else f"{location.name}, {location.address}"
    base, secret = letterhead.base_url, letterhead.secret_key
    return Told(
        language=tongue,
        kind=notice.kind,
        name=texts.one_line(notice.name),
        about=texts.one_line(patient.name) if notice.recipient == "carer" else "",
        title=title,
        what=title if title != _("Appointment") else "",
        when=when(appointment, tongue),
        when_at_home=when_at_home(appointment, tongue),
        short=f"{short_date(local.date(), tongue)}, {clock_time(local, tongue)}",
        where=texts.one_line(where),
        directions="" if remote else pick(location.directions, tongue),
        phone=location.phone or clinic.phone,
        clinic=texts.one_line(letterhead.sender(clinic).name),
        website=clinic.website or "",
        advice=disclosure.advice(appointment.step, allowed, tongue, lead_days),
        answer_url=f"{base}/a/{links.answer_token(secret, appointment.uid)}",
        patient_url=f"{base}/p/{links.patient_token(secret, patient.link_key)}",
    )


def span(appointment: Appointment) -> tuple[datetime, datetime]:
    """From when to when the patient is there. Raises ValueError where the patient has no part in it."""
    if appointment.patient_starts_at is None or appointment.patient_ends_at is None:
        raise ValueError(f"the patient has no part in appointment {appointment.id}")
    return appointment.patient_starts_at, appointment.patient_ends_at


def when(appointment: Appointment, tongue: str) -> str:
    """``Thursday 3 December 2026, 14:05 to 15:00``, with the zone where the patient lives in another."""
    at_home = _home(appointment)
    place = times.zone(appointment.location.timezone)
    said = _in_words(appointment, place, tongue)
    return said if at_home is None else f"{said} ({_zone_name(appointment, place, tongue)})"


def when_at_home(appointment: Appointment, tongue: str) -> str:
    """The same time on the patient's own clocks; empty where those show the same."""
    at_home = _home(appointment)
    if at_home is None:
        return ""
    return f"{_in_words(appointment, at_home, tongue)} ({_zone_name(appointment, at_home, tongue)})"


def _home(appointment: Appointment) -> times.Zone | None:
    """The patient's own zone, where its clocks show another time than those of the location."""
    if appointment.patient.timezone is None:
        return None
    home, place = times.zone(appointment.patient.timezone), times.zone(appointment.location.timezone)
    starts_at = span(appointment)[0]
    differs = times.to_wall(starts_at, home).utcoffset() != times.to_wall(starts_at, place).utcoffset()
    return home if differs else None


def _in_words(appointment: Appointment, place: times.Zone, tongue: str) -> str:
    _ = partial(say, tongue)
    begins, ends = (times.to_wall(instant, place) for instant in span(appointment))
    return _(
        "{date}, {start} to {end}",
        date=date_in_words(begins.date(), tongue),
        start=clock_time(begins, tongue),
        end=clock_time(ends, tongue),
    )


def _zone_name(appointment: Appointment, place: times.Zone, tongue: str) -> str:
    starts_at = span(appointment)[0]
    return get_timezone_name(times.to_wall(starts_at, place), locale=tongue)

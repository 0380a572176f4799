"""When reminders are due: some hours before an appointment, and on the mornings when preparations begin."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from coordinator import times
from coordinator.models import Appointment, Clinic, NoticeKind
from coordinator.notices import disclosure, quiet_hours

MORNING = time(9)
"""The wall time, at the location, at which a preparation is written about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A reminder to come: what kind, how long before the appointment, and the instant it is due."""

    kind: NoticeKind
    lead_hours: int
    due_at: datetime


def reminders(appointment: Appointment, clinic: Clinic, *, after: datetime) -> list[Due]:
    """What is still to come ``after`` an instant; what would be due before it is left out."""
    if appointment.patient_starts_at is None:
        return []
    starts_at = appointment.patient_starts_at
    planned = [*_reminders(starts_at, clinic), *_preparations(starts_at, appointment)]
    awake = [
        replace(one, due_at=quiet_hours.awake(one.due_at, appointment, clinic))
        for one in planned
        if after < one.due_at < starts_at
    ]
    return [one for one in awake if after < one.due_at]


def _reminders(starts_at: datetime, clinic: Clinic) -> Iterator[Due]:
    for hours in sorted(set(clinic.reminder_lead_hours), reverse=True):
        yield Due(kind=NoticeKind.REMINDER, lead_hours=hours, due_at=starts_at - timedelta(hours=hours))


def _preparations(starts_at: datetime, appointment: Appointment) -> Iterator[Due]:
    place = times.zone(appointment.location.timezone)
    day = times.local_date(starts_at, place)
    leads = {one["lead_days"] for one in disclosure.preparations(appointment.step)}
    for days in sorted(leads, reverse=True):
        morning = times.first_instant(datetime.combine(day - timedelta(days=days), MORNING), place)
        yield Due(kind=NoticeKind.PREPARATION, lead_hours=days * 24, due_at=morning)

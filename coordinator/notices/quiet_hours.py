"""Quiet hours: between two times of the reader's own clocks nobody is reminded of anything.

Invites, changes and cancellations leave at once: who has booked by phone wants them, and a change cannot wait.
"""

from datetime import datetime, time, timedelta

from coordinator import times
from coordinator.models import Appointment, Clinic, NoticeKind

REMINDING = (NoticeKind.REMINDER, NoticeKind.PREPARATION)
"""The kinds that wait for the morning."""


def awake(instant: datetime, appointment: Appointment, clinic: Clinic) -> datetime:
    """The instant itself, or the end of the quiet hours that it lies in, by the patient's clocks.

    Where the appointment would have begun by then, the last minute before the quiet hours.
    """
    if (quiet := hours(clinic)) is None or appointment.patient_starts_at is None:
        return instant
    place = times.zone(appointment.patient.timezone or appointment.location.timezone)
    begins_at, ends_at = _around(instant, *quiet, place)
    if not begins_at <= instant < ends_at:
        return instant
    return ends_at if ends_at < appointment.patient_starts_at else begins_at - timedelta(minutes=1)


def hours(clinic: Clinic) -> tuple[time, time] | None:
    """From when to when the clinic's policy wants it quiet; None: never."""
    if not clinic.quiet_hours:
        return None
    begin, end = map(time.fromisoformat, clinic.quiet_hours.split("-"))
    return begin, end


def _around(instant: datetime, begin: time, end: time, place: times.Zone) -> tuple[datetime, datetime]:
    """The quiet hours nearest to an instant that end after it; over midnight they begin on the day before."""
    today = times.local_date(instant, place)
    for day in (today, today + timedelta(days=1)):
        ends_at = times.first_instant(datetime.combine(day, end), place)
        if ends_at > instant:
            break
    first = day if begin < end else day - timedelta(days=1)
    return times.first_instant(datetime.combine(first, begin), place), ends_at

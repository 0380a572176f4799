"""At night nobody is reminded: by the reader's clocks, in every zone, also in the nights when clocks change."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator import times
from coordinator.models import Appointment, NoticeKind
from coordinator.notices import quiet_hours
from coordinator.notices.reminders import reminders
from tests.notices.builders import a_clinic, a_location, a_patient

from .test_messages import a_visit

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Europe/Madrid")
QUIET = (time(21), time(8))


def a_visit_to_tell(starts_at: datetime, zone: str, patient_zone: str | None = None) -> Appointment:
    patient = a_patient(timezone=patient_zone)
    visit = a_visit(patient=patient, patient_starts_at=starts_at, starts_at=starts_at)
    visit.location = a_location(timezone=zone)
    return visit


def is_quiet(instant: datetime, zone: str) -> bool:
    wall = times.to_wall(instant, times.zone(zone)).time()
    return wall >= QUIET[0] or wall < QUIET[1]


@given(
    starts_at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(
        lambda at: at.replace(second=0, microsecond=0, tzinfo=UTC)
    ),
    zone=st.sampled_from(ZONES),
    leads=st.lists(st.integers(1, 24 * 14), min_size=1, max_size=4, unique=True),
)
def test_every_reminder_leaves_once_by_day_and_before_the_visit(
    starts_at: datetime, zone: str, leads: list[int]
) -> None:
    visit = a_visit_to_tell(starts_at, zone)
    clinic = a_clinic(reminder_lead_hours=leads, quiet_hours="21:00-08:00")
    due = reminders(visit, clinic, after=starts_at - timedelta(days=400))
    assert sorted(one.lead_hours for one in due if one.kind is NoticeKind.REMINDER) == sorted(leads)
    for one in due:
        assert not is_quiet(one.due_at, zone)
        assert one.due_at < starts_at


@pytest.mark.parametrize(
    ("due", "starts", "expected"),
    [
        ("2026-12-09T12:00", "2026-12-10T12:00", "2026-12-09T12:00"),  # by day
        ("2026-12-09T21:00", "2026-12-11T21:00", "2026-12-10T07:00"),  # 22:00 in Madrid: the morning after
        ("2026-12-10T06:59", "2026-12-10T08:59", "2026-12-10T07:00"),  # 07:59: a minute later
        ("2026-12-10T05:00", "2026-12-10T07:00", "2026-12-09T19:59"),  # begins at 08:00: the evening before
    ],
)
def test_a_reminder_of_the_night_waits_or_comes_earlier(due: str, starts: str, expected: str) -> None:
    instant, starts_at, wanted = (datetime.fromisoformat(f"{each}Z") for each in (due, starts, expected))
    visit = a_visit_to_tell(starts_at, "Europe/Madrid")
    assert quiet_hours.awake(instant, visit, a_clinic(quiet_hours="21:00-08:00")) == wanted


def test_a_clinic_may_do_without() -> None:
    at = datetime(2026, 12, 10, 2, tzinfo=UTC)
    visit = a_visit_to_tell(at + timedelta(hours=24), "Europe/Madrid")
    assert quiet_hours.awake(at, visit, a_clinic(quiet_hours="")) == at


def test_hours_within_one_day_are_quiet_too() -> None:
    at = datetime(2026, 12, 10, 12, 30, tzinfo=UTC)
    visit = a_visit_to_tell(at + timedelta(hours=24), "Europe/Madrid")
    clinic = a_clinic(quiet_hours="13:00-15:00")
    assert quiet_hours.awake(at, visit, clinic) == datetime(2026, 12, 10, 14, tzinfo=UTC)


def test_the_patient_s_own_zone_counts() -> None:
    at = datetime(2026, 12, 10, 9, tzinfo=UTC)  # 10:00 in Madrid, 04:00 in New York
    visit = a_visit_to_tell(at + timedelta(hours=48), "Europe/Madrid", patient_zone="America/New_York")
    assert quiet_hours.awake(at, visit, a_clinic(quiet_hours="21:00-08:00")) == at + timedelta(hours=4)

"""Whole valid visits and entries for these tests, nasty texts, and the golden files."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from coordinator.calendars.feeds import FeedEntry
from coordinator.calendars.visits import Party, Visit

GOLDEN = Path(__file__).parent / "golden"
REVISED_AT = datetime(2027, 1, 5, 8, 0, tzinfo=UTC)
STARTS_AT = datetime(2027, 3, 26, 8, 0, tzinfo=UTC)

NASTY = {
    "long": "Ñandú, " * 40,
    "addresses": "evil@elsewhere.example, " * 20,
    "family": "👩‍👩‍👧‍👦" * 40,
    "turned": "\u202eמרפאה\u2066 כאב\u202c" * 9,
    "signs": 'Dr. "Q"; c: d, ^n \\ e<x@y.example>',
    "lines": "Ana\r\nBcc: evil@elsewhere.example\r\nATTENDEE:mailto:evil@elsewhere.example",
    "hidden": "a\x00b\x0bc\x85d\u2028e\ud800f",
    "huge": "x" * 10_000,
    "encoded": "=?utf-8?q?a=0D=0ABcc:_x?=",
    "empty": "",
    "escapes": "12\\3, \\\\; \\n",
}

# The nights on which the clocks of Madrid and of New York change, and one that changes the year.
NIGHTS = [
    datetime(2027, 3, 28, 0, 30, tzinfo=UTC),
    datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    datetime(2027, 3, 14, 6, 30, tzinfo=UTC),
    datetime(2027, 11, 7, 5, 30, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 30, tzinfo=UTC),
]

any_text = st.one_of(
    st.text(), st.text("a,;:\\\"^'nN\r\n\t é👩\u200d\x85\u2028\u202e"), st.sampled_from([*NASTY.values()])
)
any_instant = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


def a_visit(**changes: Any) -> Visit:
    values: dict[str, Any] = {
        "uid": "4c9d0b7e8a344a6e@clinic.example",
        "sequence": 0,
        "revised_at": REVISED_AT,
        "starts_at": STARTS_AT,
        "ends_at": STARTS_AT + timedelta(minutes=45),
        "summary": "Appointment at Northside Clinic",
        "place": "Northside Clinic, 12 Mill Lane; entrance B",
        "description": "Answer or change it here:\nhttps://clinic.example/a/tok",
        "url": "https://clinic.example/a/tok",
        "organizer": Party(email="visits+tok@clinic.example", name="Northside Clinic"),
        "attendee": Party(email="ana@home.example", name="Ana García"),
        "language": "en",
    }
    return Visit(**{**values, **changes})


def a_spanish_visit(**changes: Any) -> Visit:
    spanish = {
        "summary": "Cita en la clínica Northside",
        "place": "Clínica Northside, Mill Lane 12; entrada B",
        "description": "Responda o cámbiela aquí:\nhttps://clinic.example/a/tok",
        "language": "es",
    }
    return a_visit(**{**spanish, **changes})


def an_entry(**changes: Any) -> FeedEntry:
    values: dict[str, Any] = {
        "uid": "4c9d0b7e8a344a6e@clinic.example",
        "sequence": 0,
        "revised_at": REVISED_AT,
        "starts_at": STARTS_AT,
        "ends_at": STARTS_AT + timedelta(minutes=45),
        "summary": "Visit, room 2",
        "place": "Northside, room 2",
        "description": "https://clinic.example/appointments/7",
    }
    return FeedEntry(**{**values, **changes})


def agrees_with_golden(name: str, written: bytes) -> bool:
    """Whether this is, byte by byte, what was found good once; COORDINATOR_GOLDEN=write renews that."""
    path = GOLDEN / name
    if os.environ.get("COORDINATOR_GOLDEN") == "write":
        path.write_bytes(written)
    return path.read_bytes() == written

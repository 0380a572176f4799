"""Invites, updates and cancellations mean the same to whoever reads them."""

import re
from datetime import datetime, timedelta

import pytest
import vobject  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from coordinator.calendars import writing
from coordinator.calendars.invites import added, cancellation, invite
from coordinator.calendars.texts import one_line, paragraphs
from coordinator.calendars.visits import Party
from coordinator.errors import Refusal

from .builders import (
    NASTY,
    NIGHTS,
    STARTS_AT,
    a_spanish_visit,
    a_visit,
    agrees_with_golden,
    any_instant,
    any_text,
)


def content_lines(calendar: bytes) -> list[str]:
    return calendar.decode().replace("\r\n ", "").split("\r\n")


def names_of(calendar: bytes) -> list[str]:
    return [re.split("[;:]", line)[0] for line in content_lines(calendar)]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("invite.en.ics", invite(a_visit())),
        ("invite.es.ics", invite(a_spanish_visit())),
        ("update.en.ics", invite(a_visit(sequence=1, starts_at=STARTS_AT - timedelta(hours=1)))),
        ("cancellation.en.ics", cancellation(a_visit(sequence=2))),
        ("cancellation.es.ics", cancellation(a_spanish_visit(sequence=2))),
        ("added.en.ics", added([a_visit()], "Your visits")),
    ],
)
def test_golden(name: str, written: bytes) -> None:
    assert agrees_with_golden(name, written)


@settings(deadline=None)
@given(
    starts_at=any_instant, minutes=st.integers(1, 3_000), text=any_text, sequence=st.integers(0, 2**31 - 1)
)
def test_two_readers_see_the_same_visit(starts_at: datetime, minutes: int, text: str, sequence: int) -> None:
    ends_at = starts_at + timedelta(minutes=minutes)
    visit = a_visit(
        starts_at=starts_at, ends_at=ends_at, summary=text, place=text, description=text, sequence=sequence
    )
    line, whole = one_line(text).replace("\\", "/"), paragraphs(text).replace("\\", "/")
    wanted = (starts_at.replace(microsecond=0), ends_at.replace(microsecond=0), line or "—", line, whole)

    read = Calendar.from_ical(invite(visit)).events[0]
    seen = (read.start, read.end, read["SUMMARY"], read.get("LOCATION", ""), read.get("DESCRIPTION", ""))
    assert seen == wanted
    assert (read["SEQUENCE"], read["UID"], read["STATUS"]) == (sequence, visit.uid, "CONFIRMED")

    other = vobject.readOne(invite(visit).decode()).vevent
    told = [
        getattr(other, name).value if hasattr(other, name) else "" for name in ("location", "description")
    ]
    assert (other.dtstart.value, other.dtend.value, other.summary.value, *told) == wanted


@settings(deadline=None)
@given(text=any_text)
def test_texts_add_no_line_and_no_person(text: str) -> None:
    party = Party(email="ana@home.example", name=text)
    visit = a_visit(summary=text, place=text, description=text, attendee=party, organizer=party)
    optional = ["LOCATION", "DESCRIPTION"]
    for write in (invite, cancellation):
        names = names_of(write(visit))
        assert [name for name in names if name not in optional] == [
            name for name in names_of(write(a_visit())) if name not in optional
        ]


@settings(deadline=None)
@given(text=any_text)
def test_lines_are_short_and_end_as_they_must(text: str) -> None:
    written = invite(a_visit(summary=text, description=text, attendee=Party(email="a@b.example", name=text)))
    assert written.endswith(b"\r\n")
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert b"\r" not in written.replace(b"\r\n", b"")
    for line in written.removesuffix(b"\r\n").split(b"\r\n"):
        assert 0 < len(line) <= 75
        assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", line)
        line.decode()


@settings(deadline=None)
@given(name=any_text)
def test_a_name_is_read_as_it_was_written(name: str) -> None:
    written = invite(a_visit(attendee=Party(email="ana@home.example", name=name)))
    read = Calendar.from_ical(written).events[0]["ATTENDEE"]
    assert read.params.get("CN", "") == one_line(name).replace("\\", "/")
    assert read == "mailto:ana@home.example"


@pytest.mark.parametrize("night", NIGHTS)
def test_times_are_utc_on_the_nights_when_clocks_change(night: datetime) -> None:
    lines = content_lines(invite(a_visit(starts_at=night, ends_at=night + timedelta(hours=2))))
    assert f"DTSTART:{night:%Y%m%dT%H%M%SZ}" in lines
    assert f"DTEND:{night + timedelta(hours=2):%Y%m%dT%H%M%SZ}" in lines
    assert "BEGIN:VTIMEZONE" not in lines


def test_an_update_is_the_same_visit_with_a_higher_sequence() -> None:
    first, second = a_visit(), a_visit(sequence=1, starts_at=STARTS_AT - timedelta(hours=1))
    changed = set(content_lines(invite(second))) - set(content_lines(invite(first)))
    assert changed == {"SEQUENCE:1", "DTSTART:20270326T070000Z"}


def test_a_cancellation_frees_the_time() -> None:
    lines = content_lines(cancellation(a_visit(sequence=3)))
    assert {"METHOD:CANCEL", "STATUS:CANCELLED", "TRANSP:TRANSPARENT", "SEQUENCE:3"} <= set(lines)


def test_an_invite_names_one_person_asks_them_and_rings_no_bell() -> None:
    written = invite(a_visit())
    names = names_of(written)
    assert (names.count("ATTENDEE"), names.count("ORGANIZER"), names.count("BEGIN")) == (1, 1, 2)
    asked = Calendar.from_ical(written).events[0]["ATTENDEE"].params
    assert (asked["RSVP"], asked["PARTSTAT"], asked["ROLE"]) == ("TRUE", "NEEDS-ACTION", "REQ-PARTICIPANT")
    assert {"CLASS:PRIVATE", "TRANSP:OPAQUE", "STATUS:CONFIRMED"} <= set(content_lines(written))


def test_a_file_to_add_asks_nobody_and_knows_the_visits_of_the_invites() -> None:
    later = a_visit(
        uid="b@clinic.example", starts_at=STARTS_AT + timedelta(days=1), ends_at=STARTS_AT + timedelta(days=2)
    )
    written = added([later, a_visit()], NASTY["signs"])
    assert "ATTENDEE" not in names_of(written)
    assert [event["UID"] for event in Calendar.from_ical(written).events] == [a_visit().uid, later.uid]
    with pytest.raises(Refusal):
        added([], "Your visits")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"starts_at": STARTS_AT.replace(tzinfo=None)}, "needs its zone"),
        ({"revised_at": STARTS_AT.replace(tzinfo=None)}, "needs its zone"),
        ({"ends_at": STARTS_AT}, "ends before it begins"),
        ({"ends_at": STARTS_AT + timedelta(microseconds=5)}, "ends before it begins"),
        ({"sequence": -1}, "counts from 0"),
        ({"uid": "a b"}, "UID"),
        ({"uid": "a\r\nb"}, "UID"),
        ({"language": "en;X=1"}, "language"),
    ],
)
def test_what_no_calendar_can_hold_is_refused(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        a_visit(**wrong)


def test_a_link_that_is_none_is_refused_and_none_is_left_out() -> None:
    with pytest.raises(Refusal):
        a_visit(url="javascript:alert(1)")
    assert "URL" not in names_of(invite(a_visit(url=None)))


def test_the_producer_is_named() -> None:
    assert Calendar.from_ical(invite(a_visit()))["PRODID"] == writing.PRODUCER

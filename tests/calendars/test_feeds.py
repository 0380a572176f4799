"""A feed is stable, whole and tells no more than it was given."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from icalendar import Calendar

from coordinator.calendars.feeds import FeedEntry, Lead, feed
from coordinator.calendars.visits import Party

from .builders import NASTY, REVISED_AT, STARTS_AT, agrees_with_golden, an_entry, any_text


def three() -> list[FeedEntry]:
    day = timedelta(days=1)
    before = {"starts_at": STARTS_AT - day, "ends_at": an_entry().ends_at - day}
    after = {"starts_at": STARTS_AT + day, "ends_at": an_entry().ends_at + day}
    return [
        an_entry(leads_to=[Lead(uid="c@clinic.example", gap=day)]),
        an_entry(uid="b@clinic.example", cancelled=True, sequence=2, **before),
        an_entry(uid="c@clinic.example", place="", **after),
    ]


def of(*entries: FeedEntry, name: str = "Northside: visits", color: str | None = "teal") -> bytes:
    clinic = Party(email="visits@clinic.example", name="Northside Clinic")
    return feed(entries, name=name, zone_name="Europe/Madrid", color=color, organizer=clinic)


def test_golden() -> None:
    assert agrees_with_golden("feed.ics", of(*three()))


def test_the_same_entries_give_the_same_bytes_in_any_order() -> None:
    first, second, third = three()
    assert of(first, second, third) == of(third, first, second)


@pytest.mark.parametrize(
    "change",
    [
        {"revised_at": REVISED_AT + timedelta(seconds=1)},
        {"sequence": 1},
        {"cancelled": True},
        {"summary": "Visit, room 3"},
        {"ends_at": STARTS_AT + timedelta(minutes=50)},
    ],
)
def test_any_change_changes_the_bytes(change: dict[str, object]) -> None:
    assert of(an_entry(**change)) != of(an_entry())


def test_what_was_cancelled_is_still_shown_as_such_and_takes_no_time() -> None:
    cancelled = Calendar.from_ical(of(*three())).events[0]
    assert (cancelled["STATUS"], cancelled["TRANSP"]) == ("CANCELLED", "TRANSPARENT")


def test_a_step_names_the_later_one_that_waits_for_it_and_how_long() -> None:
    _, earlier, later = Calendar.from_ical(of(*three())).events
    assert earlier["RELATED-TO"] == later["UID"]
    assert earlier["RELATED-TO"].params == {"RELTYPE": "FINISHTOSTART", "GAP": "P1D"}


def test_a_feed_asks_nobody_and_says_when_to_come_again() -> None:
    written = of(*three()).decode()
    assert "ATTENDEE" not in written
    assert "VALARM" not in written
    for line in (
        "METHOD:PUBLISH",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "COLOR:teal",
    ):
        assert f"\r\n{line}\r\n" in written
    assert "ORGANIZER" not in feed(three(), name="x", zone_name="UTC").decode()


@settings(deadline=None)
@given(any_text)
def test_no_text_breaks_a_feed(text: str) -> None:
    written = of(an_entry(summary=text, place=text, description=text), name=text)
    read = Calendar.from_ical(written)
    assert len(read.events) == 1
    assert not read.events[0].errors
    assert all(0 < len(line) <= 75 for line in written.removesuffix(b"\r\n").split(b"\r\n"))


def test_a_feed_of_nothing_is_a_calendar_all_the_same() -> None:
    assert Calendar.from_ical(of()).events == []


def test_an_appointment_stands_in_a_feed_once() -> None:
    with pytest.raises(ValueError, match="twice"):
        of(an_entry(), an_entry(sequence=1))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [({"uid": ""}, "UID"), ({"ends_at": STARTS_AT}, "ends before it begins")],
)
def test_what_no_calendar_can_hold_is_refused(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        an_entry(**wrong)


def test_what_leads_to_no_uid_is_refused() -> None:
    with pytest.raises(ValueError, match="UID"):
        Lead(uid="a b")


@pytest.mark.parametrize("color", ["#ff0000", "teal\r\nX:1", "", NASTY["signs"]])
def test_only_a_named_colour_is_one(color: str) -> None:
    with pytest.raises(ValueError, match="colour"):
        of(an_entry(), color=color)

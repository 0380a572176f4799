"""When a practitioner's own calendar keeps them busy: by whatever rule, in whatever zone, and nothing of what it is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator import times
from coordinator.calendars.incoming import busy
from coordinator.calendars.incoming.busy import Busy, Window

MADRID = times.zone("Europe/Madrid")
WEEK = Window(date(2027, 3, 22), date(2027, 3, 29), MADRID)
"""Its last night loses an hour."""


def an_event(
    *lines: str, begin: str = "DTSTART:20270323T090000Z", end: str = "DTEND:20270323T100000Z"
) -> str:
    return "\n".join(["BEGIN:VEVENT", "UID:one@x.example", begin, end, *lines, "END:VEVENT"])


def a_calendar(*events: str, head: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}\n{chr(10).join(events)}\nEND:VCALENDAR\n".encode()


def found(*events: str, head: str = "", window: Window = WEEK) -> Busy:
    return busy.read(a_calendar(*events, head=head), window)


def told(read: Busy) -> list[str]:
    return [f"{each.starts_at:%d %H:%M}-{each.ends_at:%d %H:%M} {each.sort}" for each in read.times]


NINE = "23 09:00-23 10:00 busy"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), [NINE]),
        (("SUMMARY:Dentist",), [NINE]),
        (("STATUS:CANCELLED",), []),
        (("TRANSP:TRANSPARENT",), []),
        (("X-MICROSOFT-CDO-BUSYSTATUS:FREE",), []),
        (("STATUS:TENTATIVE",), ["23 09:00-23 10:00 tentative"]),
        (("X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE",), ["23 09:00-23 10:00 tentative"]),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF", "TRANSP:TRANSPARENT"), [NINE]),
        (("RRULE:FREQ=DAILY;COUNT=2",), [NINE, "24 09:00-24 10:00 busy"]),
        (("RRULE:FREQ=DAILY;COUNT=1000000000", "EXDATE:20270324T090000Z,20270325T090000Z"), [
            NINE, "26 09:00-26 10:00 busy", "27 09:00-27 10:00 busy", "28 09:00-28 10:00 busy",
        ]),
        (("RRULE:FREQ=WEEKLY;UNTIL=20990101T000000Z",), [NINE]),
        (("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",), [NINE]),
    ],
)  # fmt: skip
def test_what_counts_as_busy(lines: tuple[str, ...], expected: list[str]) -> None:
    assert told(found(an_event(*lines))) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=MINUTELY;INTERVAL=15",
        "FREQ=HOURLY",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=OFTEN",
        "FREQ=YEARLY;BYYEARDAY=" + ",".join(map(str, range(1, 366))),
        "FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5;BYSECOND=1,2,3,4,5",
    ],
)
def test_of_a_rule_that_nobody_means_the_first_time_counts(rule: str) -> None:
    read = found(an_event(f"RRULE:{rule}"))
    assert told(read) == [NINE]
    assert read.problems


def test_whole_days_are_the_owner_s_and_end_before_their_end() -> None:
    whole = an_event(begin="DTSTART;VALUE=DATE:20270327", end="DTEND;VALUE=DATE:20270329")
    assert told(found(whole)) == ["26 23:00-28 22:00 busy"]  # the second has 23 hours


def test_a_series_keeps_its_hour_by_the_clocks_of_its_zone() -> None:
    zone = "DTSTART;TZID=Europe/Madrid:20270327T090000", "DTEND;TZID=Europe/Madrid:20270327T100000"
    read = found(an_event("RRULE:FREQ=DAILY;COUNT=2", begin=zone[0], end=zone[1]))
    assert told(read) == ["27 08:00-27 09:00 busy", "28 07:00-28 08:00 busy"]


@pytest.mark.parametrize(
    ("begin", "head", "expected", "assumed"),
    [
        ("DTSTART;TZID=Pacific Standard Time:20270323T090000", "", "23 16:00", False),
        ("DTSTART;TZID=Nowhere/Town:20270323T090000", "X-WR-TIMEZONE:America/New_York", "23 13:00", True),
        ("DTSTART;TZID=Nowhere/Town:20270323T090000", "", "23 08:00", True),
        ("DTSTART:20270323T090000", "X-WR-TIMEZONE:America/New_York", "23 13:00", False),
        ("DTSTART:20270323T090000", "", "23 08:00", True),
        ("DTSTART:20270323T090000Z", "", "23 09:00", False),
    ],
)
def test_a_zone_is_the_file_s_or_is_assumed_and_never_in_silence(
    begin: str, head: str, expected: str, assumed: bool
) -> None:
    read = found(an_event(begin=begin, end="DURATION:PT1H"), head=head)
    assert f"{read.times[0].starts_at:%d %H:%M}" == expected
    assert read.assumed_zone is assumed
    assert bool(read.problems) is assumed


CUSTOM = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:16010101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
END:STANDARD
END:VTIMEZONE
"""


def test_two_calendars_may_mean_two_zones_by_one_name() -> None:
    event = an_event(begin="DTSTART;TZID=Customized Time Zone:20270323T090000", end="DURATION:PT1H")
    octets = a_calendar(event, head=CUSTOM.format("+0100")) + a_calendar(event, head=CUSTOM.format("-0700"))
    assert told(busy.read(octets, WEEK)) == ["23 08:00-23 09:00 busy", "23 16:00-23 17:00 busy"]


def test_of_two_versions_of_one_time_the_newer_counts() -> None:
    series = an_event("RRULE:FREQ=DAILY;COUNT=3")
    moved = [
        an_event(f"RECURRENCE-ID:20270324T090000Z\nSEQUENCE:{number}", begin=f"DTSTART:20270324T{hour}0000Z",
                 end=f"DTEND:20270324T{hour + 1}0000Z")
        for number, hour in ((2, 15), (1, 12))
    ]  # fmt: skip
    assert told(found(series, *moved)) == [NINE, "24 15:00-24 16:00 busy", "25 09:00-25 10:00 busy"]


def test_a_time_of_a_series_that_is_cancelled_is_free() -> None:
    series = an_event("RRULE:FREQ=DAILY;COUNT=2")
    gone = an_event("RECURRENCE-ID:20270324T090000Z\nSTATUS:CANCELLED", begin="DTSTART:20270324T090000Z")
    assert told(found(series, gone)) == [NINE]


def test_this_and_all_that_follow_are_moved() -> None:
    series = an_event("RRULE:FREQ=DAILY;COUNT=3")
    later = an_event("RECURRENCE-ID;RANGE=THISANDFUTURE:20270324T090000Z", begin="DTSTART:20270324T110000Z",
                     end="DTEND:20270324T120000Z")  # fmt: skip
    assert told(found(series, later)) == [NINE, "24 11:00-24 12:00 busy", "25 11:00-25 12:00 busy"]


def test_free_and_busy_periods_are_read_too() -> None:
    periods = (
        "BEGIN:VFREEBUSY\nFREEBUSY:20270323T090000Z/20270323T100000Z,20270324T090000Z/PT30M\n"
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20270325T090000Z/PT1H\n"
        "FREEBUSY;FBTYPE=FREE:20270326T090000Z/PT1H\nEND:VFREEBUSY"
    )
    expected = [NINE, "24 09:00-24 09:30 busy", "25 09:00-25 10:00 tentative"]
    assert told(found(periods)) == expected


def test_what_overlaps_is_one_and_what_reaches_out_is_cut() -> None:
    long = an_event(begin="DTSTART:20270310T090000Z", end="DTEND:20270323T093000Z")
    assert told(found(long, an_event().replace("one@", "two@"))) == ["21 23:00-23 10:00 busy"]


def test_many_years_of_single_events_do_not_stand_in_the_way() -> None:
    old = [
        an_event(begin=f"DTSTART:2015{n % 12 + 1:02}01T090000Z", end="").replace("one@", f"{n}@")
        for n in range(10_000)
    ]
    assert told(found(*old, an_event())) == [NINE]


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("DTSTART:garbage", "DTEND:20270323T100000Z"),
        ("DTSTART:20270323T090000Z", "DTEND:garbage"),
        ("DTSTART:20000101T000000Z", "DTEND:99991231T235959Z"),
        ("DTSTART:20270323T090000Z", "DURATION:garbage"),
        ("DTSTART:20270323T090000Z", "DTEND:20270322T090000Z"),
    ],
)
def test_one_broken_event_spoils_no_other(begin: str, end: str) -> None:
    read = found(an_event(begin=begin, end=end).replace("one@", "broken@"), an_event())
    assert any(each.starts_at <= datetime(2027, 3, 23, 9, tzinfo=UTC) for each in read.times)
    assert read.readable


def test_a_calendar_without_any_busy_time_was_read() -> None:
    assert found(an_event("STATUS:CANCELLED", begin="DTSTART:20270323T090000", end="DURATION:PT1H")).readable
    assert not busy.read(b"<html>", WEEK).readable


def test_too_much_is_named() -> None:
    read = found(*[an_event().replace("one@", f"{n}@") for n in range(3_000)])
    assert (told(read), len(read.problems)) == ([], 1)


@pytest.mark.parametrize("octets", [b"", b"hello", b"\x1f\x8b\x08\x00", b"PK\x03\x04", b"\xff\xfe\x00"])
def test_what_is_no_calendar_is_named(octets: bytes) -> None:
    read = busy.read(octets, WEEK)
    assert not read.times
    assert read.problems


STARTS = st.datetimes(datetime(2027, 3, 1), datetime(2027, 3, 30)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@given(
    start=STARTS,
    minutes=st.integers(5, 600),
    every=st.integers(1, 4),
    weekly=st.booleans(),
    count=st.integers(1, 40),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
)
def test_a_simple_series_is_what_counting_by_hand_gives(
    start: datetime, minutes: int, every: int, weekly: bool, count: int, zone: str
) -> None:
    place = times.zone(zone)
    step = timedelta(days=every * (7 if weekly else 1))
    begin = f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S}"
    frequency = "WEEKLY" if weekly else "DAILY"
    event = an_event(
        f"RRULE:FREQ={frequency};INTERVAL={every};COUNT={count}", begin=begin, end=f"DURATION:PT{minutes}M"
    )
    window = Window(date(2027, 3, 10), date(2027, 4, 20), place)
    minutes_busy: set[datetime] = set()
    for number in range(count):
        wall = start + number * step
        at = wall.replace(tzinfo=place).astimezone(UTC)
        for minute in range(minutes):
            minutes_busy.add(at + timedelta(minutes=minute))
    low, high = window.starts_at, window.ends_at
    expected = {each for each in minutes_busy if low <= each < high}
    read = found(event, window=window)
    got = {
        each.starts_at + timedelta(minutes=n)
        for each in read.times
        for n in range((each.ends_at - each.starts_at) // timedelta(minutes=1))
    }
    assert got == expected

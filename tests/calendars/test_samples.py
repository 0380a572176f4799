"""Real messages of many programs are read as they were meant; they are only read where they lie, never kept here."""

import csv
import os
from collections import Counter
from pathlib import Path

import pytest

from coordinator.calendars.incoming import instants, reading
from coordinator.calendars.incoming.reading import Kind, Reading

SAMPLES = Path(__file__).resolve().parents[3] / "shared/calendars/samples"
INDEX = SAMPLES / "index.csv"
COUNT = 83


def listed() -> list[str]:
    if not INDEX.exists():
        return []
    with INDEX.open(encoding="utf-8") as file:
        return [row["file"] for row in csv.DictReader(file)]


@pytest.fixture(autouse=True)
def _there() -> None:
    if not INDEX.exists():
        if os.environ.get("COORDINATOR_DEMAND_ALL") == "1":
            pytest.fail("the sample messages are not there")
        pytest.skip("the sample messages are not there")


def read(name: str) -> Reading:
    return reading.read((SAMPLES / name).read_bytes())


def stem(name: str) -> str:
    return name.partition("__")[2].rpartition(".")[0]


EXPECTED = {
    # answers: kind, answer, when
    "google.reply.accept": (Kind.REPLY, "ACCEPTED", "2012-05-30T09:00:00Z"),
    "ios.reply.accept": (Kind.REPLY, "ACCEPTED", "2012-05-29T07:30:00Z"),
    "bm4.mapi.reply.accept": (Kind.REPLY, "ACCEPTED", "2019-02-28T10:10:00Z"),
    "good_reply": (Kind.REPLY, "ACCEPTED", "2008-08-12T17:00:00Z"),
    "ics_in_header": (Kind.REPLY, "ACCEPTED", "2018-09-19T12:30:00Z"),
    "bug-69862-reply.txt": (Kind.REPLY, "ACCEPTED", "2012-04-24T23:00:00Z"),
    "bluemind.reply": (Kind.REPLY, "ACCEPTED", "2016-05-01T16:00:00Z"),
    "google.reply.decline": (Kind.REPLY, "DECLINED", "2012-05-30T09:00:00Z"),
    "ios.reply.decline": (Kind.REPLY, "DECLINED", "2012-05-28T11:00:00Z"),
    "google.reply.tentative": (Kind.REPLY, "TENTATIVE", "2012-05-30T09:00:00Z"),
    "ios.reply.tentative": (Kind.REPLY, "TENTATIVE", "2012-05-28T09:00:00Z"),
    "google.reply.valarm": (Kind.REPLY, "ACCEPTED", "2012-08-27"),
    "google_counter": (Kind.COUNTER, "TENTATIVE", "2021-01-13T18:45:00Z"),
    # without an answer, or without an event that could be read
    "reply_missing_organizer": (Kind.REPLY, None, "2008-08-12T17:00:00Z"),
    "096": (Kind.REPLY, None, None),
    "097": (Kind.REPLY, None, None),
    "calendar": (Kind.COUNTER, None, None),
    "charset": (Kind.COUNTER, None, None),
    "charset2": (Kind.COUNTER, None, None),
    "no_event": (Kind.REQUEST, None, None),
    "dsn_failure_with_ics": (Kind.BOUNCE, None, None),
    "dsn_failure_no_original": (Kind.BOUNCE, None, None),
    # from an organizer, or from nobody
    "bluemind.declinecounter": (Kind.NONE, "NEEDS-ACTION", "2022-02-13T17:00:00Z"),
    "outlook.invite.cancel": (Kind.CANCEL, "NEEDS-ACTION", "2012-05-28T13:00:00Z"),
    "cancel-single-event": (Kind.CANCEL, "ACCEPTED", "2022-03-16T11:00:00Z"),
    "related_in_alternative_multipart": (Kind.CANCEL, "NEEDS-ACTION", "2020-12-06T03:00:00Z"),
    "google.invite.new": (Kind.REQUEST, "ACCEPTED", "2012-05-30T09:00:00Z"),
    "exanchage.invite_email_uppercase": (Kind.REQUEST, "NEEDS-ACTION", "2012-05-27T18:00:00Z"),
    "update-major": (Kind.REQUEST, "ACCEPTED", "2022-03-16T05:00:00Z"),
    "message-non-invite": (Kind.PUBLISH, None, "2021-11-29T08:55:00Z"),
    "meeting_without_dtstamp": (Kind.REQUEST, "NEEDS-ACTION", "2017-01-11T09:00:00Z"),
    "meeting_without_sequence": (Kind.REQUEST, "NEEDS-ACTION", "2017-01-20T10:00:00Z"),
    # zones
    "047": (Kind.REQUEST, "NEEDS-ACTION", "2020-11-24T10:00:00Z"),
    "089": (Kind.REQUEST, None, "2015-07-03T08:00:00Z"),
    "exchange-custom-tz": (Kind.PUBLISH, None, "2019-04-30T02:00:00Z"),
    "customizedTZ": (Kind.PUBLISH, None, "2018-03-17T07:00:00Z"),
    "single-event-no-tz.in": (Kind.NONE, None, "2021-09-16T19:00:00Z"),
    "google-calendar-kiev-tz": (Kind.PUBLISH, None, "2016-08-26T11:00:00Z"),
    "vcalendar-event-floating-time": (Kind.NONE, None, "2016-08-16T09:00:00"),
    "one_day_event": (Kind.NONE, None, "2019-03-04"),
}
"""How each is to be read, after the readings that stand beside the samples."""


def test_all_samples_are_there() -> None:
    assert len(listed()) == COUNT


@pytest.mark.parametrize("name", listed())
def test_every_sample_is_read_as_it_was_meant(name: str) -> None:
    found = read(name)
    if (expected := EXPECTED.get(stem(name))) is None:
        assert found.events or found.problems
        return
    first = found.events[0] if found.events else None
    answer = first.partstat if first else None
    assert (found.kind, answer, instants.text(first.start) if first else None) == expected
    if not found.events and found.kind is not Kind.BOUNCE:
        assert found.problems


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("request/mdhender__exanchage.invite_email_uppercase.eml", "tom@willow.vmw"),
        ("reply_broken/mdhender__google.reply.valarm.eml", "marieg@isynet.org"),
        ("reply_accept/mdhender__google.reply.accept.eml", "tcataldo@gmail.com"),
    ],
)
def test_the_one_who_answers_is_found_among_all(name: str, who: str) -> None:
    assert read(name).events[0].attendee == who


def test_a_proposal_whose_mail_calls_it_an_answer_is_a_proposal() -> None:
    (event,) = read("counter/mdhender__google_counter.eml").events
    assert event.proposed is not None
    assert [instants.text(each) for each in event.proposed] == [
        "2021-01-13T18:45:00Z",
        "2021-01-13T19:45:00Z",
    ]


def test_of_a_bounce_we_know_whom_it_did_not_reach() -> None:
    mail = read("not_imip/apple__dsn_failure_with_ics.eml").mail
    assert mail is not None
    assert list(mail.failed) == ["nonexistant@example.com"]


def test_most_are_read_right_and_none_is_lost(capsys: pytest.CaptureFixture[str]) -> None:
    """How many of each class were read, read with a problem named, or refused."""
    table: dict[str, Counter[str]] = {}
    for name in listed():
        found = read(name)
        refused = not found.events and found.kind is not Kind.BOUNCE
        how = "refused" if refused else "with a problem" if found.problems else "right"
        table.setdefault(name.partition("/")[0], Counter())[how] += 1
    with capsys.disabled():
        for kind, counted in table.items():
            print(f"\n  {kind}: {dict(counted)}", end="")
    total = sum(table.values(), Counter())
    assert total["right"] >= 55
    assert total["refused"] <= 12

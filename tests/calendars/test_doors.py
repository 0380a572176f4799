"""The doors: JSON for every file, within three seconds and 200 MB, whatever the file asks for."""

import gzip
import io
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from coordinator.calendars.incoming import bounded, busy
from coordinator.calendars.incoming.reading import Kind
from tests.calendars.test_busy import WEEK, a_calendar, an_event
from tests.services.test_receiving import PROPOSALS, answered, mail

DATES = ("--from", "2027-03-22", "--to", "2027-03-29", "--zone", "Europe/Madrid")
SECONDS, MEGABYTES = 3, 200


def door(path: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "coordinator.calendars", *words, str(path)]
    return subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)


def told(path: Path, *words: str) -> dict[str, Any]:
    said = door(path, *words)
    assert (said.returncode, said.stderr) == (0, "")
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def written(folder: Path, octets: bytes) -> Path:
    path = folder / "file.ics"
    path.write_bytes(octets)
    return path


def test_what_a_mail_says(tmp_path: Path) -> None:
    found = told(written(tmp_path, mail(PROPOSALS["as Outlook does"])), "read")
    assert found == {
        "kind": "counter",
        "events": [
            {
                "uid": "uid1@clinic.example",
                "recurrence_id": None,
                "sequence": 0,
                "dtstamp": "2026-11-24T08:00:00Z",
                "attendee": "ana@home.example",
                "partstat": "TENTATIVE",
                "start": "2026-12-11T16:00:00Z",
                "end": "2026-12-11T16:45:00Z",
                "all_day": False,
                "status": None,
                "organizer": None,
                "comment": "After work please",
                "proposed": {"start": "2026-12-11T16:00:00Z", "end": "2026-12-11T16:45:00Z"},
            }
        ],
        "problems": [],
    }


def test_when_an_owner_is_busy(tmp_path: Path) -> None:
    found = told(written(tmp_path, a_calendar(an_event("STATUS:TENTATIVE"))), "busy", *DATES)
    expected = [["2027-03-23T09:00:00Z", "2027-03-23T10:00:00Z", "tentative"]]
    assert found == {"busy": expected, "assumed_zone": False, "problems": []}


def test_values_come_back_from_the_process_as_they_were() -> None:
    read = bounded.read(mail(answered(partstat="DECLINED")))
    assert (read.kind, read.events[0].partstat) == (Kind.REPLY, "DECLINED")
    assert read.mail is not None
    assert list(read.mail.writers) == ["ana@home.example"]
    octets = a_calendar(an_event())
    assert bounded.busy(octets, WEEK) == busy.read(octets, WEEK)


def a_zip(octets: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("file.ics", octets)
    return made.getvalue()


MANY = a_calendar(*[an_event().replace("one@", f"{n}@") for n in range(50_000)])
BOMBS = {
    "50,000 events": MANY,
    "a line of 10 MB": a_calendar(an_event(f"SUMMARY:{'x' * 10_000_000}")),
    "a line of 9 MB": a_calendar(an_event(f"SUMMARY:{'x' * 9_000_000}")),
    "nested 10,000 deep": b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\n" * 10_000,
    "ever beginning": b"BEGIN:VCALENDAR\n" + b"BEGIN:VEVENT\nUID:1\n" * 200_000,
    "every second of 30 February": a_calendar(an_event("RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30")),
    "never a step": a_calendar(an_event("RRULE:FREQ=DAILY;INTERVAL=0")),
    "a billion times": a_calendar(an_event("RRULE:FREQ=DAILY;COUNT=1000000000")),
    "from the year 1": a_calendar(an_event("RRULE:FREQ=DAILY", begin="DTSTART:00010101T000000Z", end="")),
    "every minute of every day": a_calendar(
        an_event(
            "RRULE:FREQ=YEARLY;BYMONTH={};BYMONTHDAY={};BYHOUR={};BYMINUTE={}".format(
                *(",".join(map(str, range(low, high))) for low, high in ((1, 13), (1, 32), (0, 24), (0, 60)))
            )
        )
    ),
    "2,000 series": a_calendar(
        *[an_event("RRULE:FREQ=DAILY").replace("one@", f"{n}@") for n in range(1_990)]
    ),
    "gzip": gzip.compress(b"0" * 100_000_000),
    "zip": a_zip(b"0" * 100_000_000),
    "10,000 parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
    "parts within parts": b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000)
    ),
    "noise": bytes(range(256)) * 4_000,
    "a long header": b"Subject: " + b"=?utf-8?q?" + b"x" * 3_000_000 + b"?=\n\nhello",
}


MEASURE = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss, file=sys.stderr)
"""
"""Run by a small process: what is forked from a large one counts its memory too."""


@pytest.mark.parametrize("words", [("read",), ("busy", *DATES)], ids=["read", "busy"])
@pytest.mark.parametrize("octets", BOMBS.values(), ids=BOMBS)
def test_no_file_takes_more_than_its_share(tmp_path: Path, octets: bytes, words: tuple[str, ...]) -> None:
    """By what the system says of the processes: their time on a processor, and the most memory of one."""
    command = [sys.executable, "-m", "coordinator.calendars", *words, str(written(tmp_path, octets))]
    measured = [sys.executable, "-c", MEASURE, *command]
    said = subprocess.run(measured, capture_output=True, check=True, text=True, timeout=60)
    seconds, kilobytes = map(float, said.stderr.split())
    assert json.loads(said.stdout)
    assert seconds < SECONDS
    assert kilobytes < MEGABYTES * 1024


def test_what_was_too_much_is_named(tmp_path: Path) -> None:
    found = told(written(tmp_path, MANY), "read")
    assert (found["kind"], found["events"], len(found["problems"])) == ("none", [], 1)


@pytest.mark.parametrize("kind", ["folder", "nothing", "pipe"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    said = door(path, "read")
    assert said.returncode == 2
    assert "cannot be read" in said.stderr
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize(
    "words",
    [("busy",), ("busy", *DATES[:-1], "Nowhere/Town"), ("busy", "--from", "soon", *DATES[2:]), ("eat",)],
)
def test_wrong_words_are_refused(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = door(written(tmp_path, a_calendar()), *words)
    assert said.returncode == 2
    assert "Traceback" not in said.stderr

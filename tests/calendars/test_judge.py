"""Everything we write passes the independent judge, with each parser that is there."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from coordinator.calendars.feeds import Lead, feed
from coordinator.calendars.invites import added, cancellation, invite
from coordinator.calendars.visits import Party, Visit

from .builders import GOLDEN, NASTY, NIGHTS, a_spanish_visit, a_visit, an_entry
from .test_mail_parts import a_letter, a_mail

# A prepared copy of the judge's folder (npm install, libical) has four parsers; as it comes, it has two.
PREPARED = os.environ.get("COORDINATOR_JUDGE")
FOLDER = Path(PREPARED) if PREPARED else Path(__file__).parents[3] / "shared" / "calendars"
JUDGE = FOLDER / "judge.py"
PARSERS = "4" if PREPARED else "2"

KINDS = ["request", "cancel", "letter", "added", "feed"]


def found(written: bytes, folder: Path, *options: str) -> list[object]:
    """The judge's errors and warnings."""
    if not JUDGE.exists():
        if os.environ.get("COORDINATOR_DEMAND_ALL") == "1":
            pytest.fail("the judge of calendars is not there")
        pytest.skip("the judge of calendars is not there")
    path = folder / "written"
    path.write_bytes(written)
    command = [sys.executable, str(JUDGE), str(path), "--json", "--require", PARSERS, *options]
    verdict = json.loads(subprocess.run(command, capture_output=True, check=False, timeout=120).stdout)
    return [*verdict["errors"], *verdict["warnings"]]


def written_as(kind: str, visit: Visit) -> bytes:
    names = {"sender": visit.organizer, "recipient": visit.attendee, "subject": visit.summary}
    texts = {"text": visit.description, "language": visit.language}
    match kind:
        case "request":
            return a_mail(calendar=invite(visit), method="REQUEST", **names, **texts).as_bytes()
        case "cancel":
            return a_mail(calendar=cancellation(visit), method="CANCEL", **names, **texts).as_bytes()
        case "letter":
            return a_letter(**names, **texts).as_bytes()
        case "added":
            return added([visit], visit.summary)
    entry = an_entry(
        summary=visit.summary,
        place=visit.place,
        description=visit.description,
        leads_to=[Lead(uid="a@x.example")],
    )
    return feed(
        [entry], name=visit.summary, zone_name="Europe/Madrid", color="teal", organizer=visit.organizer
    )


def options_for(kind: str) -> list[str]:
    return ["--kind", "letter"] if kind == "letter" else []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("make", [a_visit, a_spanish_visit], ids=["en", "es"])
def test_a_usual_visit_passes(kind: str, make: Callable[[], Visit], tmp_path: Path) -> None:
    assert found(written_as(kind, make()), tmp_path, *options_for(kind)) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NASTY)
def test_a_nasty_name_passes(kind: str, name: str, tmp_path: Path) -> None:
    text = NASTY[name]
    people = {
        "organizer": Party(email="visits+tok@clinic.example", name=text),
        "attendee": Party(email="o'pat+x@home.example", name=text),
    }
    visit = a_visit(summary=text, place=text, description=text, **people)
    assert found(written_as(kind, visit), tmp_path, *options_for(kind)) == []


@pytest.mark.parametrize("night", NIGHTS)
def test_a_night_when_clocks_change_passes(night: datetime, tmp_path: Path) -> None:
    visit = a_visit(starts_at=night, ends_at=night + timedelta(minutes=90))
    assert found(written_as("request", visit), tmp_path) == []


@pytest.mark.parametrize("path", [*GOLDEN.glob("*.ics"), *GOLDEN.glob("*.eml")], ids=lambda path: path.name)
def test_the_golden_files_pass(path: Path, tmp_path: Path) -> None:

    assert found(path.read_bytes(), tmp_path, *options_for(path.name.partition(".")[0])) == []


def test_the_judge_can_fail(tmp_path: Path) -> None:
    assert found(invite(a_visit()).replace(b"DTEND:2027", b"DTEND:2026"), tmp_path)

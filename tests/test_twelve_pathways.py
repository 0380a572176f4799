"""All twelve pathways of the demo clinic, booked one after another and judged by what knows nothing of the program."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from config import Settings
from coordinator import database, times
from coordinator.app import create_app
from coordinator.models import (
    Appointment,
    Claim,
    Clinic,
    Notice,
    NoticeKind,
    NoticeState,
    Pathway,
    Patient,
    TreatmentPlan,
)
from coordinator.services.delivery import Delivery
from coordinator.services.demo import make_demo
from tests.services.test_booking import overlaps

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"
VERIFY, JUDGE = SHARED / "bench" / "verify.py", SHARED / "calendars" / "judge.py"
DEMANDED = os.environ.get("COORDINATOR_DEMAND_ALL") == "1"
OF_EACH_KIND = 4

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not VERIFY.exists() and not DEMANDED, reason="the independent judges are not here"),
]


class Pile:
    """A post that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    def send(self, message: EmailMessage) -> None:
        self.mails.append(message)

    def hang_up(self) -> None:
        """Nothing is open."""


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demo clinic as ``./run`` makes it."""
    folder = tmp_path_factory.mktemp("twelve")
    settings = Settings.from_environment(
        {"COORDINATOR_DATA": str(folder), "COORDINATOR_NOTICE_DELAY_SECONDS": "0"}
    )
    database.upgrade(settings.database_url)
    app = create_app(settings)
    with app.extensions["sessions"]() as session:
        now = times.now()
        make_demo(session, examples=ROOT / "examples", on=now.date(), now=now, base_url="http://127.0.0.1")
    yield app
    app.extensions["engine"].dispose()


def _without_needs(app: Flask) -> list[int]:
    """Patients who can come at any time, need nothing special, read mail and have no plan yet."""
    busy = select(TreatmentPlan.patient_id)
    query = select(Patient).where(Patient.id.not_in(busy), Patient.email.is_not(None)).order_by(Patient.id)
    with app.extensions["sessions"]() as session:
        return [
            patient.id
            for patient in session.scalars(query)
            if not (patient.interpreter_language or patient.needs_step_free or patient.can_come)
        ]


@pytest.fixture(scope="module")
def booked(clinic: Flask) -> dict[str, dict[str, Any]]:
    """Each pathway booked by the command, for a patient of its own."""
    with clinic.extensions["sessions"]() as session:
        keys = list(session.scalars(select(Pathway.key).order_by(Pathway.key)))
    runner, made = clinic.test_cli_runner(), {}
    for key, patient in zip(keys, cycle(_without_needs(clinic)), strict=False):
        done = runner.invoke(args=["book", "--patient", str(patient), "--pathway", key, "--json"])
        assert done.exit_code == 0, (key, done.output)
        made[key] = json.loads(done.stdout)
    assert len(made) == 12
    return made


def _judge(*words: object) -> str:
    done = subprocess.run(
        [sys.executable, *map(str, words)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_each_is_in_one_location_and_keeps_every_rule(
    clinic: Flask, booked: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    runner = clinic.test_cli_runner()
    for plan in booked.values():
        for name in ("problem", "answer"):
            (tmp_path / name).write_text(runner.invoke(args=[name, "--plan", str(plan["plan"])]).stdout)
        verdict = json.loads(_judge(VERIFY, tmp_path / "problem", tmp_path / "answer").splitlines()[-1])
        assert (verdict["placed"], verdict["broken"]) == (1, 0)
        assert verdict["cost"] == plan["cost"]


def test_nothing_is_claimed_twice(clinic: Flask, booked: dict[str, dict[str, Any]]) -> None:
    assert booked
    with clinic.extensions["sessions"]() as session:
        assert not overlaps(session)
        for model in (Appointment, Claim, Notice):
            print(model.__tablename__, session.scalar(select(func.count()).select_from(model)))


def test_calendars_can_read_what_is_sent(
    clinic: Flask, booked: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    """Invites, changes, cancellations and reminders, as they would leave."""
    runner, post = clinic.test_cli_runner(), Pile()
    last = booked["lumbar-esi"]["appointments"][-1]
    assert runner.invoke(args=["cancel", str(last["id"])]).exit_code == 0
    _deliver_samples(clinic, post)
    for number, mail in enumerate(post.mails):
        file = tmp_path / f"{number}.eml"
        file.write_bytes(mail.as_bytes())
        kind = (
            "calendar"
            if any(part.get_content_type() == "text/calendar" for part in mail.walk())
            else "letter"
        )
        assert "PASS 0 errors" in _judge(
            JUDGE, file, "--kind", kind, "--require", "2" if kind == "calendar" else "0"
        )
    assert len(post.mails) >= 2 * OF_EACH_KIND


def _deliver_samples(app: Flask, post: Pile) -> None:
    """Send some notices of each kind now, reminders too; the others stay."""
    sessions = app.extensions["sessions"]
    with sessions() as session:
        database.begin_writing(session)
        session.scalars(select(Clinic)).one().quiet_hours = ""  # whatever time it is
        for kind in NoticeKind:
            waiting = select(Notice).where(Notice.kind == kind, Notice.state == NoticeState.WAITING)
            for number, notice in enumerate(session.scalars(waiting.order_by(Notice.id.desc()))):
                notice.due_at = times.now() if number < OF_EACH_KIND else times.now().replace(year=2100)
        session.commit()
    Delivery(sessions, post, app.extensions["letterhead"]).work_off()

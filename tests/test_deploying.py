"""What deploy/ describes: gunicorn serves the pages in several processes, which count and refuse together."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml
from sqlalchemy import Engine, text

from tests.web.an_app import token_on

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
SOON = 120
"""Seconds after which a test gives up."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="gunicorn is for Unix")


@contextmanager
def gunicorn(url: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Two processes on one database."""
    (folder / "metrics").mkdir()
    environment = os.environ | {
        "COORDINATOR_DATABASE_URL": url,
        "COORDINATOR_DATA": str(folder),
        "COORDINATOR_SECRET_KEY": "a secret of the tests",
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
        "WEB_CONCURRENCY": "2",
    }
    words = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", "127.0.0.1:0"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stderr=log, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(SOON)


def port_of(log: Path) -> int:
    """Where it listens, once both processes run."""
    ends = time.monotonic() + SOON
    while time.monotonic() < ends:
        said = log.read_text()
        if said.count("Booting worker") == 2:
            return int(re.findall(r"Listening at: http://127\.0\.0\.1:(\d+)", said)[0])
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def ask(port: int, method: str, path: str, cookie: str = "", **form: str) -> tuple[int, str, str]:
    """Status, page, cookie; each time on a connection of its own, so that any process may answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=SOON)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request(method, path, urlencode(form), headers)
    answer = connection.getresponse()
    page, given = answer.read().decode(), answer.getheader("Set-Cookie", "").partition(";")[0]
    connection.close()
    return answer.status, page, given


def test_processes_on_one_database_count_tries_and_requests_together(
    database_url: str, tmp_path: Path
) -> None:
    with gunicorn(database_url, tmp_path):
        port = port_of(tmp_path / "log")
        assert ask(port, "GET", "/readyz/pages")[:2] == (200, "ready\n")
        assert ask(port, "GET", "/readyz")[0] == 503  # no worker runs
        _, page, cookie = ask(port, "GET", "/sign-in")
        form = {"email": "ann@clinic.example", "password": "guess", "csrf_token": token_on(page)}
        tries = [ask(port, "POST", "/sign-in", cookie, **form)[0] for _ in range(9)]
        assert tries == [422] * 8 + [429]
        figures = ask(port, "GET", "/metrics")[1]
        refused = 'coordinator_requests_total{method="POST",route="/sign-in",status="422"} 8.0'
        assert refused in figures.splitlines()


def test_pages_do_not_start_without_the_guard(engine: Engine, database_url: str, tmp_path: Path) -> None:
    drop = (
        "ALTER TABLE claim DROP CONSTRAINT claim_no_overlap"
        if engine.dialect.name == "postgresql"
        else "DROP TRIGGER claim_no_overlap_insert"
    )
    with engine.begin() as connection:
        connection.execute(text(drop))
    with gunicorn(database_url, tmp_path) as process:
        assert process.wait(SOON) != 0
    assert "would accept double bookings" in (tmp_path / "log").read_text()


def services() -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return made


def test_settings_in_deploy_are_settings_that_there_are() -> None:
    known = set(re.findall(r"COORDINATOR_[A-Z_]+", (ROOT / "docs/CONFIGURATION.md").read_text()))
    named = {
        name.removesuffix("_FILE")
        for path in DEPLOY.rglob("*")
        if path.is_file()
        for name in re.findall(r"COORDINATOR_[A-Z_]+", path.read_text())
    }
    assert named <= known


def test_what_serves_and_sends_waits_for_the_migrations() -> None:
    for name in ("web", "worker"):
        assert services()[name]["depends_on"] == {"upgrade": {"condition": "service_completed_successfully"}}
        unit = next((DEPLOY / "systemd").glob(f"coordinator-{name}*.service")).read_text()
        assert re.search(r"^Requires=.*coordinator-upgrade\.service", unit, re.M)
        assert re.search(r"^After=.*coordinator-upgrade\.service", unit, re.M)


def test_no_unit_may_do_more_than_another() -> None:
    units = [path.read_text() for path in (DEPLOY / "systemd").glob("*.service")]
    hardened = {unit[unit.index("NoNewPrivileges") :].partition("\n\n")[0].strip() for unit in units}
    assert len(hardened) == 1

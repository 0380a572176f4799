"""Whether the program lives and can be used."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from coordinator.errors import GuardMissing
from coordinator.services import heartbeats

from .an_app import an_app


def beat(app: Flask, **info: object) -> None:
    """A worker shows itself, from wherever it runs."""
    with app.extensions["sessions"](info=info) as session:
        heartbeats.beat(session, "a worker")


def asked(url: str, folder: Path, *, worker: bool = True) -> tuple[int, int, str]:
    """What /healthz and /readyz say, with nothing left open."""
    app = an_app(url, folder)
    client = app.test_client()
    if worker:
        beat(app)
    alive, ready = client.get("/healthz"), client.get("/readyz")
    app.extensions["engine"].dispose()
    return alive.status_code, ready.status_code, ready.text


def test_a_database_that_is_whole_is_ready(database_url: str, tmp_path: Path):
    assert asked(database_url, tmp_path) == (200, 200, "ready\n")


def test_an_empty_database_lives_but_is_not_ready(empty_database_url: str, tmp_path: Path):
    alive, ready, said = asked(empty_database_url, tmp_path, worker=False)
    assert (alive, ready) == (200, 503)
    assert "migration" in said


def test_a_lost_guard_is_said_and_stops_the_next_start(sqlite_files: Any, tmp_path: Path):
    url = sqlite_files.migrated()
    app = an_app(url, tmp_path)
    with app.extensions["engine"].begin() as connection:
        connection.execute(text("DROP TRIGGER claim_no_overlap_insert"))
    assert "claim_no_overlap_insert" in app.test_client().get("/readyz").text
    with pytest.raises(GuardMissing):
        an_app(url, tmp_path)


def test_without_a_worker_pages_go_on_but_it_is_said(sqlite_files: Any, tmp_path: Path):
    app = an_app(sqlite_files.migrated(), tmp_path)
    client = app.test_client()
    assert (client.get("/readyz").status_code, client.get("/readyz/pages").status_code) == (503, 200)
    beat(app)
    assert client.get("/readyz").status_code == 200
    beat(app, now=datetime.now(UTC) - heartbeats.TOO_LONG - timedelta(seconds=10))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text.startswith("No worker was seen for 10")) == (503, True)


def test_a_database_out_of_reach_is_said(tmp_path: Path):
    app = an_app(f"sqlite:///{tmp_path / 'missing' / 'coordinator.db'}", tmp_path)
    assert "cannot be reached" in app.test_client().get("/readyz").text
    assert app.test_client().get("/desk").status_code in {302, 500}

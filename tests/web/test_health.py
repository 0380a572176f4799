"""Whether the program lives and can be used."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import text

from coordinator.errors import GuardMissing

from .an_app import an_app


def asked(url: str, folder: Path) -> tuple[int, int, str]:
    """What /healthz and /readyz say, with nothing left open."""
    app = an_app(url, folder)
    client = app.test_client()
    alive, ready = client.get("/healthz"), client.get("/readyz")
    app.extensions["engine"].dispose()
    return alive.status_code, ready.status_code, ready.text


def test_a_database_that_is_whole_is_ready(database_url: str, tmp_path: Path):
    assert asked(database_url, tmp_path) == (200, 200, "ready\n")


def test_an_empty_database_lives_but_is_not_ready(empty_database_url: str, tmp_path: Path):
    alive, ready, said = asked(empty_database_url, tmp_path)
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


def test_a_worker_that_stopped_is_said(sqlite_files: Any, tmp_path: Path):
    app = an_app(sqlite_files.migrated(), tmp_path)
    app.extensions["worker"] = SimpleNamespace(running=False)
    assert app.test_client().get("/readyz").status_code == 503


def test_a_database_out_of_reach_is_said(tmp_path: Path):
    app = an_app(f"sqlite:///{tmp_path / 'missing' / 'coordinator.db'}", tmp_path)
    assert "cannot be reached" in app.test_client().get("/readyz").text
    assert app.test_client().get("/desk").status_code in {302, 500}

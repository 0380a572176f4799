"""Backup, restore and check at a terminal: what they say, keep and leave alone."""

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from coordinator.services import readiness
from tests.test_cli import Terminal


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    made = Terminal(tmp_path / "database")
    made("import", made.files)
    yield made
    made.app.extensions["engine"].dispose()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Terminal]:
    (tmp_path / "other").mkdir()
    made = Terminal(tmp_path / "other" / "database")
    yield made
    made.app.extensions["engine"].dispose()


def secret(terminal: Terminal) -> str:
    return (terminal.folder / "secret.key").read_text()


def test_a_clinic_is_put_somewhere_else(terminal: Terminal, elsewhere: Terminal, tmp_path: Path):
    file = tmp_path / "backup.db"
    assert terminal("backup", file) == f"The backup is in {file}.\n"
    assert terminal("check", file) == "All is there.\n"
    assert secret(elsewhere) != secret(terminal)
    assert elsewhere("restore", file).startswith("Restored: ")
    assert secret(elsewhere) == secret(terminal)
    assert stat.S_IMODE((elsewhere.folder / "secret.key").stat().st_mode) == 0o600
    assert sorted(path.name for path in elsewhere.folder.glob("secret*")) == ["secret.key"]
    assert elsewhere("check").endswith("All is there.\n")
    elsewhere("export", tmp_path / "out")
    assert "p-1" in (tmp_path / "out" / "patients.yaml").read_text()


def test_what_cannot_be_backed_up_or_restored(terminal: Terminal, elsewhere: Terminal, tmp_path: Path):
    file = tmp_path / "backup.db"
    assert "no database yet" in elsewhere.refused("backup", file)
    terminal("backup", file)
    assert "overwrites nothing" in terminal.refused("backup", file)
    assert "Cannot write" in terminal.refused("backup", tmp_path / "nowhere" / "backup.db")
    kept = secret(terminal)
    assert "holds data already" in terminal.refused("restore", file)
    assert secret(terminal) == kept
    assert "There is no file" in elsewhere.refused("restore", tmp_path / "nothing")
    assert "is no backup" in elsewhere.refused("restore", terminal.files / "clinic.yaml")
    assert "is no backup" in terminal.refused("check", terminal.files / "clinic.yaml")


def test_a_secret_of_the_clinic_s_own_stays_with_the_clinic(
    terminal: Terminal, elsewhere: Terminal, tmp_path: Path
):
    terminal.app.config["SECRET_KEY"] = "kept in a vault"
    terminal("backup", tmp_path / "backup.db")
    assert b"kept in a vault" not in (tmp_path / "backup.db").read_bytes()
    kept = secret(elsewhere)
    assert "set COORDINATOR_SECRET_KEY to that of its clinic" in elsewhere("restore", tmp_path / "backup.db")
    assert secret(elsewhere) == kept


def test_where_another_secret_is_set_a_restore_says_so(
    terminal: Terminal, elsewhere: Terminal, tmp_path: Path
):
    terminal("backup", tmp_path / "backup.db")
    elsewhere.app.config["SECRET_KEY"] = "kept in a vault"
    said = elsewhere("restore", tmp_path / "backup.db")
    assert f"set COORDINATOR_SECRET_KEY_FILE={elsewhere.folder / 'secret.key'}" in said
    assert secret(elsewhere) == secret(terminal)


def test_each_finding_is_a_line(terminal: Terminal, tmp_path: Path):
    plan = terminal.booked()["plan"]
    with terminal.session() as session:
        session.execute(text("UPDATE treatment_plan SET state = 'draft'"))
        session.commit()
    said = terminal("check", status=1).splitlines()
    assert len(said) == 3
    assert all(line.startswith(f"Plan {plan} is not booked, but its appointment ") for line in said)
    terminal("backup", tmp_path / "backup.db")
    assert terminal("check", tmp_path / "backup.db", status=1).splitlines() == said


def test_a_backup_without_its_guard(terminal: Terminal, tmp_path: Path):
    terminal("backup", tmp_path / "backup.db")
    with closing(sqlite3.connect(tmp_path / "backup.db")) as file:
        file.execute("DROP TRIGGER claim_no_overlap_update")
    assert "would accept double bookings" in terminal("check", tmp_path / "backup.db", status=1)


@pytest.mark.parametrize(
    ("version", "warned"), [((3, 40, 1), True), ((3, 51, 2), True), ((3, 51, 3), False), ((3, 53, 0), False)]
)
def test_of_an_old_sqlite_one_is_warned(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, version: tuple[int, int, int], warned: bool
):
    monkeypatch.setattr(readiness.sqlite3, "sqlite_version_info", version)
    said = terminal("check").splitlines()
    assert len(said) == 1 + warned
    assert ("PostgreSQL, and make a backup every day" in said[0]) is warned

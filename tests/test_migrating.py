"""Migrations: whole or not at all, one node at a time, never without the guard, never back."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect, text

from coordinator import database
from coordinator.errors import GuardMissing, NewerDatabase
from coordinator.models import Capability, Room
from tests.web.an_app import an_app

ROOT = database.MIGRATIONS.parent
NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "next"
down_revision = "{last}"


def upgrade() -> None:
{deed}
"""
ANOTHER_COLUMN = '    op.add_column("{table}", sa.Column("another", sa.Integer(), nullable=True))\n'
MADE_ANEW = (
    '    with op.batch_alter_table("{table}", recreate="always") as batch:\n'
    '        batch.add_column(sa.Column("another", sa.Integer(), nullable=True))\n'
)


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A newer version of the program: it has one migration more."""
    last = database._revisions(database.MIGRATIONS)[0]

    def make(deed: str) -> None:
        folder = tmp_path / "migrations"
        shutil.copytree(database.MIGRATIONS, folder)
        (folder / "versions/next.py").write_text(NEXT.format(last=last, deed=deed), encoding="utf-8")
        monkeypatch.setattr(database, "MIGRATIONS", folder)

    return make


def columns(engine: Engine, table: str) -> set[str]:
    return {column["name"] for column in inspect(engine).get_columns(table)}


def at(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one())


def test_a_migration_that_loses_the_guard_leaves_nothing_behind(
    engine: Engine, database_url: str, next_version
) -> None:
    """Batch mode makes a table anew, without its triggers."""
    before = at(engine)
    lost = (
        MADE_ANEW
        if engine.dialect.name == "sqlite"
        else '    op.drop_constraint("claim_no_overlap", "{table}")\n'
    )
    next_version((ANOTHER_COLUMN + lost).format(table="claim").replace('"another"', '"one_more"', 1))
    with pytest.raises(GuardMissing, match="claim_no_overlap"):
        database.upgrade(database_url)
    assert at(engine) == before
    assert not {"another", "one_more"} & columns(engine, "claim")
    database.check_guard(engine)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_table_that_others_point_to_can_be_made_anew(
    engine: Engine, database_url: str, next_version
) -> None:
    with database.make_sessions(engine).begin() as db:
        gym = Capability(key="gym", kind="room", name={"en": "Gym"})
        db.add(Room(key="gym", name="Gym", capabilities=[gym]))
    next_version(MADE_ANEW.format(table="capability"))
    database.upgrade(database_url)
    assert "another" in columns(engine, "capability")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM resource_capability")).scalar_one() == 1


def test_of_nodes_that_start_at_once_one_migrates(empty_database_url: str) -> None:
    start = "import sys; from coordinator import database; database.upgrade(sys.argv[1])"
    order = [sys.executable, "-c", start, empty_database_url]
    nodes = [subprocess.Popen(order, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)]
    assert [node.communicate()[1] for node in nodes] == [""] * 3
    engine = database.make_engine(empty_database_url)
    with engine.connect() as connection:
        assert not database.behind(connection)
    engine.dispose()


def test_there_is_no_way_back(engine: Engine, database_url: str) -> None:
    settings = Config()
    settings.set_main_option("script_location", str(database.MIGRATIONS))
    settings.attributes["url"] = database_url
    before = at(engine)
    with pytest.raises(NotImplementedError):
        command.downgrade(settings, "base")
    assert at(engine) == before
    database.check_guard(engine)


def test_a_program_that_a_newer_one_has_overtaken_stands_aside(
    engine: Engine, database_url: str, next_version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both versions ran at once: the older one says so and is left out, and does not start again."""
    older = an_app(database_url, tmp_path)
    next_version(ANOTHER_COLUMN.format(table="location"))
    database.upgrade(database_url)
    monkeypatch.undo()
    answer = older.test_client().get("/readyz")
    assert (answer.status_code, "newer version of the program" in answer.text) == (503, True)
    said = older.test_cli_runner().invoke(args=["upgrade"])
    assert (said.exit_code, "newer version of the program" in said.output) == (2, True)
    with pytest.raises(NewerDatabase):
        an_app(database_url, tmp_path)
    with pytest.raises(NewerDatabase):
        database.upgrade(database_url)
    assert at(engine) == "next"
    older.extensions["engine"].dispose()

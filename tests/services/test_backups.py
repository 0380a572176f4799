"""Backups: taken while others write, whole or not there, restored into either sort of database row for row."""

import os
import shutil
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Engine, Text, cast, func, inspect, select, text
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.database import Base
from coordinator.errors import Refusal
from coordinator.models import Block, Claim, Heartbeat, Room
from coordinator.services import backups, claiming, copying, integrity
from coordinator.services.claims import Stretch
from tests.services import a_pain_clinic as clinic

DAWN = datetime(2027, 3, 1, tzinfo=UTC)
Made = Callable[..., Engine]


def nobody(*_: object) -> None:
    """Nobody wants to hear of it."""


@pytest.fixture
def made(request: pytest.FixtureRequest) -> Iterator[Made]:
    """Makes databases of either sort, migrated or without any table."""
    engines = []

    def make(kind: str, *, migrated: bool = True) -> Engine:
        home = request.getfixturevalue("sqlite_files" if kind == "sqlite" else "postgres")
        engines.append(database.make_engine(home.migrated() if migrated else home.empty()))
        return engines[-1]

    yield make
    for engine in engines:
        engine.dispose()
        if engine.dialect.name == "postgresql":
            request.getfixturevalue("postgres").drop(engine.url)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "backup of ünder?name.db"


def take(engine: Engine, path: Path, **options: Any) -> Path:
    backups.take(engine, path, **{"secret": None, "told": nobody} | options)
    return path


def restore(engine: Engine, path: Path, **options: Any) -> int:
    return backups.restore(engine, path, **{"keep_secret": nobody, "told": nobody} | options)


def kept(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables; JSON as its text, so that a missing value and ``null`` are told apart."""
    with engine.connect() as connection:
        found = {}
        for table in Base.metadata.sorted_tables:
            columns = [cast(each, Text) if isinstance(each.type, JSON) else each for each in table.columns]
            rows = connection.execute(select(*columns).order_by(*table.primary_key))
            found[table.name] = [tuple(row) for row in rows]
        return found


def fill(db: Session) -> None:
    """A clinic with a booked plan, and what two databases could keep differently."""
    clinic.set_up(db)
    clinic.booked(db)
    rosa = clinic.patient(db, "rosa")
    rosa.name = 'Róşa "O\'Neil" \n\t\\ 💊'
    db.commit()


def other_than(engine: Engine) -> str:
    return "sqlite" if engine.dialect.name == "postgresql" else "postgresql"


def test_there_and_back_again_nothing_is_changed(db: Session, engine: Engine, made: Made, tmp_path: Path):
    fill(db)
    before = kept(engine)
    there, back = made(other_than(engine), migrated=False), made(engine.dialect.name, migrated=False)
    count = restore(there, take(engine, tmp_path / "one"))
    assert kept(there) == before
    assert restore(back, take(there, tmp_path / "two")) == count == sum(map(len, before.values()))
    assert kept(back) == before
    with database.make_sessions(back)() as session:
        session.info["now"] = clinic.NOW
        assert integrity.findings(session) == []


def test_a_missing_value_and_a_null_in_json_stay_what_they_are(
    db: Session, engine: Engine, made: Made, path: Path
):
    clinic.set_up(db)
    db.execute(text("UPDATE patient SET can_come = NULL"))
    db.execute(text('UPDATE clinic SET facts = \'{"b": 1,  "a": null}\''))
    db.commit()
    other = made(other_than(engine))
    restore(other, take(engine, path))
    with other.connect() as connection:
        assert set(connection.execute(text("SELECT can_come FROM patient")).scalars()) == {None}
    assert kept(other) == kept(engine)


def test_restored_by_its_own_sort_of_database_it_is_the_same(
    db: Session, engine: Engine, made: Made, path: Path
):
    fill(db)
    restore(made(engine.dialect.name), take(engine, path))


def test_what_comes_after_a_restore_has_numbers_of_its_own(
    db: Session, engine: Engine, made: Made, path: Path
):
    fill(db)
    other = made(other_than(engine))
    restore(other, take(engine, path))
    with database.make_sessions(other)() as session:
        session.info["now"] = clinic.NOW
        assert clinic.booked(session, "tom")
        assert integrity.findings(session) == []


class Writer(threading.Thread):
    """Somebody who writes blocks of three claims each, until told to stop."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.sessions = database.make_sessions(engine)
        self.stopped, self.begun = threading.Event(), threading.Event()
        self.acknowledged = 0
        with self.sessions() as session:
            rooms = [Room(key=f"room-{number}", name="Room") for number in range(3)]
            session.add_all(rooms)
            session.commit()
            self.rooms = [room.id for room in rooms]

    def run(self) -> None:
        while not self.stopped.is_set():
            self.write()
            if self.acknowledged == 10:
                self.begun.set()

    def write(self) -> None:
        begins_at = DAWN + timedelta(hours=self.acknowledged)
        ends_at = begins_at + timedelta(hours=1)
        with self.sessions() as session:
            database.begin_writing(session)
            block = Block(title="Busy", starts_at=begins_at, ends_at=ends_at)
            session.add(block)
            session.flush()
            claiming.claim(
                session,
                [
                    Stretch(resource_id=room, starts_at=begins_at, ends_at=ends_at, block_id=block.id)
                    for room in self.rooms
                ],
            )
            session.commit()
        self.acknowledged += 1


def count(engine: Engine, kind: type[Base]) -> int:
    with database.make_sessions(engine)() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_taken_while_others_write_it_shows_one_instant(engine: Engine, made: Made, path: Path):
    writer = Writer(engine)
    writer.start()
    writer.begun.wait(30)
    before = writer.acknowledged
    take(engine, path, told=lambda *_: writer.stopped.wait(0.02))
    writer.stopped.set()
    writer.join()
    other = made(other_than(engine))
    restore(other, path)
    assert before <= count(other, Block) <= writer.acknowledged
    assert count(other, Claim) == 3 * count(other, Block)
    assert backups.findings(path) == []


def test_what_is_written_meanwhile_is_not_in_it(postgres: Any, made: Made, path: Path):
    engine = made("postgresql")
    writer = Writer(engine)
    writer.write()
    take(engine, path, told=lambda *_: writer.write())
    assert writer.acknowledged > 2
    other = made("sqlite")
    restore(other, path)
    assert (count(other, Block), count(other, Claim)) == (1, 3)


def test_only_its_owner_may_read_a_backup_and_it_is_one_file(engine: Engine, path: Path):
    take(engine, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o400)
    path.parent.chmod(0o500)
    assert backups.findings(path) == []
    path.parent.chmod(0o700)
    assert os.listdir(path.parent) == [path.name]


def test_a_backup_overwrites_nothing(engine: Engine, path: Path):
    path.write_text("precious")
    with pytest.raises(Refusal, match="there already"):
        take(engine, path)
    assert path.read_text() == "precious"


def test_what_appears_meanwhile_is_not_overwritten_either(
    engine: Engine, path: Path, monkeypatch: pytest.MonkeyPatch
):
    finish = backups._finish

    def overtaken(draft: Path, secret: str | None) -> None:
        finish(draft, secret)
        path.write_text("precious")

    monkeypatch.setattr(backups, "_finish", overtaken)
    with pytest.raises(Refusal, match="there already"):
        take(engine, path)
    assert path.read_text() == "precious"
    assert os.listdir(path.parent) == [path.name]


def test_a_backup_that_breaks_off_leaves_nothing(engine: Engine, path: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(backups, "_flush", broken)
    with pytest.raises(OSError, match="no space"):
        take(engine, path)
    assert os.listdir(path.parent) == []


def test_without_a_database_there_is_nothing_to_back_up(empty_database_url: str, path: Path):
    engine = database.make_engine(empty_database_url)
    with pytest.raises(Refusal, match="no database yet"):
        take(engine, path)
    engine.dispose()
    assert not path.exists()


def test_the_secret_goes_with_it_and_comes_back(engine: Engine, made: Made, path: Path):
    take(engine, path, secret="what links are signed with")
    told: list[str | None] = []
    restore(made(other_than(engine)), path, keep_secret=told.append)
    restore(made("sqlite"), take(engine, path.with_name("without"), secret=None), keep_secret=told.append)
    assert told == ["what links are signed with", None]


def test_a_database_that_holds_something_is_left_alone(db: Session, engine: Engine, made: Made, path: Path):
    take(made(other_than(engine)), path)
    db.add(Room(key="room", name="Room"))
    db.commit()
    before = kept(engine)
    with pytest.raises(Refusal, match="holds data already"):
        restore(engine, path)
    assert kept(engine) == before


def test_signs_of_life_are_no_data(engine: Engine, made: Made, path: Path):
    other = made(other_than(engine))
    for each in (engine, other):
        with database.make_sessions(each)() as session:
            session.add(Heartbeat(worker="the same name", beat_at=DAWN))
            session.commit()
    restore(other, take(engine, path))
    assert count(other, Heartbeat) == 1


def test_of_two_restores_at_once_one_is_refused(db: Session, engine: Engine, made: Made, path: Path):
    fill(db)
    take(engine, path)
    other = made(other_than(engine))
    begun, refused = threading.Event(), []

    def second() -> None:
        begun.wait()
        try:
            restore(other, path)
        except Refusal as refusal:
            refused.append(str(refusal))

    late = threading.Thread(target=second)
    late.start()
    restore(other, path, told=lambda *_: begun.set())
    late.join()
    assert "holds data already" in refused[0]
    assert kept(other) == kept(engine)


def test_a_restore_that_breaks_off_leaves_the_place_empty(
    db: Session, engine: Engine, made: Made, path: Path
):
    fill(db)
    take(engine, path)
    other = made(other_than(engine), migrated=False)

    def broken(secret: str | None) -> None:
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space"):
        restore(other, path, keep_secret=broken)
    assert not any(kept(other).values())
    restore(other, path)
    assert kept(other) == kept(engine)


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 100])
def test_a_file_that_is_no_backup(made: Made, path: Path, content: bytes):
    path.write_bytes(content)
    with pytest.raises(Refusal, match="is no backup"):
        restore(made("sqlite"), path)
    with pytest.raises(Refusal, match="There is no file"):
        restore(made("sqlite"), path.with_name("nothing"))


def test_somebody_else_s_database_is_no_backup(made: Made, path: Path):
    with closing(sqlite3.connect(path)) as file:
        file.execute("CREATE TABLE claim (id INTEGER)")
    with pytest.raises(Refusal, match="is no backup"):
        restore(made("sqlite"), path)


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as file:
        for statement in statements:
            file.execute(statement)
        file.commit()


def test_a_backup_of_a_newer_version(made: Made, path: Path):
    change(take(made("sqlite"), path), "UPDATE alembic_version SET version_num = '9999'")
    empty = made("sqlite", migrated=False)
    with pytest.raises(Refusal, match="newer version of this program"):
        restore(empty, path)
    with empty.connect() as connection:
        assert not inspect(connection).get_table_names()


def test_a_damaged_backup_is_refused(db: Session, engine: Engine, made: Made, path: Path):
    fill(db)
    change(take(engine, path), "PRAGMA foreign_keys=OFF", "DELETE FROM treatment_plan")
    with pytest.raises(Refusal, match="damaged, take another backup: Row"):
        restore(made(other_than(engine)), path)


def test_what_postgresql_does_not_take_is_named_without_what_it_says(
    db: Session, engine: Engine, made: Made, path: Path
):
    fill(db)
    take(engine, path)
    change(path, f"UPDATE location SET timezone = '{'x' * 65}'")
    other = made("postgresql")
    with pytest.raises(Refusal, match=r"what there is in location: value too long[^x]*$"):
        restore(other, path)
    assert not any(kept(other).values())


@pytest.fixture
def tomorrow(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Puts a version of the program in place that has one more migration."""
    folder = tmp_path_factory.mktemp("tomorrow") / "migrations"
    shutil.copytree(database.MIGRATIONS, folder)
    (folder / "versions" / "tomorrow.py").write_text(
        "import sqlalchemy as sa\n"
        "from alembic import op\n"
        f"revision, down_revision = 'tomorrow', '{database._revisions(database.MIGRATIONS)[0]}'\n"
        "def upgrade():\n"
        "    op.add_column('location', sa.Column('text', sa.String(9)))\n"
    )
    return lambda: monkeypatch.setattr(database, "MIGRATIONS", folder)


def test_a_backup_of_an_older_version_is_brought_up(
    db: Session, engine: Engine, made: Made, path: Path, tomorrow: Callable[[], None]
):
    fill(db)
    take(engine, path)
    was = path.read_bytes()
    tomorrow()
    other = made(other_than(engine), migrated=False)
    restore(other, path)
    assert path.read_bytes() == was
    assert backups.findings(path) == []
    with other.connect() as connection:
        assert not database.behind(connection)
        assert connection.execute(text("SELECT text FROM location")).scalars().all()[0] is None
    assert kept(other) == kept(engine)


def test_before_an_upgrade_there_can_be_a_backup(
    db: Session, engine: Engine, path: Path, tomorrow: Callable[[], None]
):
    fill(db)
    tomorrow()
    take(engine, path)
    with backups.opened(path) as backup:
        assert kept(backup) == kept(engine)


def test_one_batch_is_in_memory_at_a_time(
    db: Session, engine: Engine, made: Made, path: Path, monkeypatch: pytest.MonkeyPatch
):
    fill(db)
    monkeypatch.setattr(copying, "BATCH", 2)
    steps: list[int] = []
    restore(made("postgresql"), take(engine, path), told=lambda _, rows: steps.append(rows))
    assert {later - sooner for sooner, later in zip([0, *steps], steps, strict=False)} == {1, 2}

"""Backups: the whole clinic as one SQLite file, out of either sort of database and into either."""

import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from alembic.migration import MigrationContext
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    exists,
    inspect,
    literal,
    select,
    table,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.database import Base, begin_writing
from coordinator.errors import GuardMissing, NewerDatabase, Refusal
from coordinator.services import copying, damage, integrity
from coordinator.services.copying import Told

REVISION = "alembic_version"
"""The table in which a database keeps the migration that it is at."""
PASSING = {"heartbeat", "knock"}
"""Tables whose rows are of this minute: none is restored, and none keeps a restore away."""
SECRET = "kept_secret"
"""The one table of a backup that the database does not have: what the installation signs its links with."""


def take(engine: Engine, path: Path, *, secret: str | None, told: Told) -> None:
    """Write a backup of the database as it is at one instant, while others go on writing.

    It is a SQLite database at the revision of the one it was made of, for its owner's eyes only. Under ``path`` it
    appears when it is whole and on the disk. ``secret``: what links are signed with, to be kept with it. Raises
    Refusal where there is no database or ``path`` is taken, OSError and DBAPIError where it cannot be written.
    """
    _refuse_taken(path)
    with engine.connect() as connection:
        if _revision_of(connection) is None:
            raise Refusal("There is no database yet, so there is nothing to back up.")
    with _whole(path) as draft:
        if engine.dialect.name == "sqlite":
            _vacuum(engine, draft)
        else:
            _read_out(engine, draft, told)
        _finish(draft, secret)


def restore(engine: Engine, path: Path, *, keep_secret: Callable[[str | None], object], told: Told) -> int:
    """Put a backup into a database that holds nothing yet: all of it or nothing. Says how many rows it had.

    A backup of an older revision is brought to the newest one first, in a copy. ``keep_secret`` is handed what links
    were signed with (None: it was not kept) just before the rows are there for others to see. Raises Refusal for a
    file that is no backup, damaged or newer than this program, and for a database that holds something.
    """
    with opened(path) as backup, engine.connect() as connection:
        _refuse_damage(backup, path)
        _refuse_rows(connection)
    database.upgrade(engine.url)
    with (
        opened(path) as backup,
        _at_newest(backup) as whole,
        whole.connect() as source,
        database.make_sessions(engine)() as session,
    ):
        begin_writing(session)
        count = _fill(session.connection(), source, told)
        keep_secret(_secret_of(source))
        session.commit()
    return count


def findings(path: Path) -> list[str]:
    """What is wrong with a backup, as ``integrity`` has it; of one at an older revision, only what is damaged.

    Raises Refusal where the file is no backup, or is too new for us.
    """
    with opened(path) as backup, Session(backup) as session:
        if database.behind(session.connection()):
            return damage.found(session.connection())
        try:
            database.check_guard(backup)
        except GuardMissing as unguarded:
            return [str(unguarded)]
        return integrity.findings(session)


@contextmanager
def opened(path: Path) -> Iterator[Engine]:
    """A backup to read from; nothing of it is changed. Raises Refusal where the file is none, or is too new for us."""
    if not path.is_file():
        raise Refusal("There is no file {path}.", path=path)
    reading = {"mode": "ro", "uri": "true"}
    engine = create_engine(
        URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query=reading)
    )
    try:
        _refuse_unknown(engine, path)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A file beside ``path`` to write to; when it is whole, it is flushed to the disk and gets its name."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield draft
        _flush(draft)
        _refuse_taken(path)
        draft.rename(path)
        _flush(path.parent)
    finally:
        for ending in ("", "-journal", "-wal", "-shm", "-turn"):
            Path(f"{draft}{ending}").unlink(missing_ok=True)


def _flush(path: Path) -> None:
    """Have the disk keep a file, or the names in a folder (which Windows keeps by itself)."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _vacuum(engine: Engine, draft: Path) -> None:
    """Copy a SQLite database as it is now into an empty file; outside of any transaction, as VACUUM must be."""
    raw = engine.raw_connection()
    try:
        raw.cursor().execute("VACUUM INTO ?", (str(draft),))
    finally:
        raw.close()


def _read_out(engine: Engine, draft: Path, told: Told) -> None:
    """Copy a PostgreSQL database as one snapshot shows it, into a SQLite database of the same revision."""
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with (
        engine.connect().execution_options(**snapshot) as source,
        _made(draft, _revision_of(source)) as made,
        made.begin() as target,
    ):
        there = set(inspect(target).get_table_names()) - {REVISION}
        copying.copy(source, target, copying.tables(source, there), told)


@contextmanager
def _made(path: Path, revision: str | None = None) -> Iterator[Engine]:
    """A SQLite file brought to a revision; without one, to the newest."""
    url = URL.create("sqlite", database=str(path))
    database.upgrade(url, revision or "head")
    engine = database.make_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _at_newest(backup: Engine) -> Iterator[Engine]:
    """The backup itself or, where it is of an older revision, a copy at the newest one."""
    with backup.connect() as connection:
        newest = not database.behind(connection)
    if newest:
        yield backup
        return
    with TemporaryDirectory() as folder:
        copy = Path(folder) / "backup.db"
        _vacuum(backup, copy)
        with _made(copy) as made:
            yield made


def _finish(draft: Path, secret: str | None) -> None:
    """Make the backup one single file, with the secret in it."""
    with closing(sqlite3.connect(draft)) as file:
        file.execute("PRAGMA journal_mode=DELETE")
        file.execute(f"DROP TABLE IF EXISTS {SECRET}")
        if secret is not None:
            file.execute(f"CREATE TABLE {SECRET} (value TEXT NOT NULL)")
            file.execute(f"INSERT INTO {SECRET} VALUES (?)", (secret,))
        file.commit()


def _revision_of(connection: Connection) -> str | None:
    """The migration that a database is at; None where it has none of our tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def _secret_of(source: Connection) -> str | None:
    if not inspect(source).has_table(SECRET):
        return None
    return source.execute(text(f"SELECT value FROM {SECRET}")).scalar_one_or_none()


def _lasting() -> set[str]:
    """The tables of what a clinic keeps."""
    return set(Base.metadata.tables) - PASSING


def _refuse_taken(path: Path) -> None:
    if path.exists():
        raise Refusal("{path} is there already; a backup overwrites nothing.", path=path)


def _refuse_unknown(backup: Engine, path: Path) -> None:
    try:
        with backup.connect() as connection:
            ours = _revision_of(connection) is not None
            database.behind(connection)
    except NewerDatabase:
        raise Refusal(
            "{path} is of a newer version of this program: install that one first.", path=path
        ) from None
    except DBAPIError:
        ours = False
    if not ours:
        raise Refusal("{path} is no backup of this program.", path=path)


def _refuse_damage(backup: Engine, path: Path) -> None:
    with backup.connect() as connection:
        wrong = damage.found(connection)
    if wrong:
        raise Refusal("{path} is damaged, take another backup: {first}", path=path, first=wrong[0])


def _refuse_rows(connection: Connection) -> None:
    for name in sorted(_lasting() & set(inspect(connection).get_table_names())):
        if connection.scalar(select(exists(select(literal(1)).select_from(table(name))))):
            raise Refusal("The database holds data already. A backup goes into an empty one: choose another.")


def _fill(target: Connection, source: Connection, told: Told) -> int:
    _shut_out_others(target)
    _refuse_rows(target)
    shape = copying.tables(target, _lasting())
    count = copying.copy(source, target, shape, told)
    copying.number_on(target, shape)
    return count


def _shut_out_others(target: Connection) -> None:
    """Nobody else writes until we are done; on SQLite nobody can anyway."""
    if target.dialect.name == "postgresql":
        target.execute(text("SET LOCAL lock_timeout = 0"))  # they may take their time
        names = ", ".join(map(target.dialect.identifier_preparer.quote, sorted(_lasting())))
        target.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))

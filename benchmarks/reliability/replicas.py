"""A PostgreSQL server and another that follows it, and what befalls them."""

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.reliability.databases import PostgresServer, free_port, programs_of, run, somebody

NAME = "standby"
PATIENCE_SECONDS = 60.0


@contextmanager
def primary() -> Iterator[PostgresServer]:
    """A PostgreSQL 18 server, gone afterwards with all that lies beside its folder."""
    folder = Path(tempfile.mkdtemp(prefix="coordinator-"))
    folder.chmod(0o755)  # a PostgreSQL server runs as somebody else
    server = PostgresServer(programs_of("pg18"), folder / "primary", free_port())
    try:
        server.set_up(max_connections="200")
        server.start()
        yield server
    finally:
        kill(server)
        shutil.rmtree(folder, ignore_errors=True)


def follow(primary: PostgresServer, folder: Path, port: int, *, synchronous: bool) -> PostgresServer:
    """A standby that follows; ``synchronous``: from now on the primary acknowledges only what both have written.

    The standby inherits that setting, as it does wherever its folder is a copy of the primary's.
    """
    if synchronous:
        say(
            primary, f"ALTER SYSTEM SET synchronous_standby_names = '{NAME}'"
        )  # in force when it is read again
    standby = PostgresServer(primary.programs, folder, port)
    folder.mkdir()
    folder.chmod(0o700)
    if (owner := somebody()) is not None:
        shutil.chown(folder, owner)
    source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={NAME}"
    run(primary.programs / "pg_basebackup", "-D", folder, "-d", source, "-R", "-c", "fast")
    with (folder / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(f"port = '{standby.port}'\n")
    standby.start()
    say(primary, "SELECT pg_reload_conf()")
    wanted = "sync" if synchronous else "async"
    _wait(
        primary,
        f"SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = '{wanted}'",
    )
    return standby


def hold_back(primary: PostgresServer) -> None:
    """Let nothing more through to the standby, as a slow net would."""
    os.kill(int(str(say(primary, "SELECT pid FROM pg_stat_replication"))), signal.SIGSTOP)


def kill(server: PostgresServer) -> None:
    """End a server, if it runs, and all processes that came from it, as a power cut would."""
    first = server.pid()
    children = Path(f"/proc/{first}/task/{first}/children")
    if children.exists():
        for each in (first, *map(int, children.read_text().split())):
            os.kill(each, signal.SIGKILL)


def promote(standby: PostgresServer) -> None:
    """Have it take writes, and wait for nobody: a list of standbys that it inherited would hold up every commit."""
    run(standby.programs / "pg_ctl", "-D", standby.folder, "-w", "promote")
    say(standby, "ALTER SYSTEM RESET synchronous_standby_names")
    say(standby, "SELECT pg_reload_conf()")


def say(server: PostgresServer, statement: str) -> object:
    """Have one statement done, outside of any transaction; gives its first value, if any."""
    engine = create_engine(server.url(), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            done = connection.execute(text(statement))
            return done.scalar() if done.returns_rows else None
    finally:
        engine.dispose()


def _wait(server: PostgresServer, query: str) -> None:
    ends = time.monotonic() + PATIENCE_SECONDS
    while not say(server, query):
        if time.monotonic() > ends:
            raise RuntimeError("The standby does not follow.")
        time.sleep(0.05)

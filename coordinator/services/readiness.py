"""Whether the program can be used: the database, its migrations, its guard, the worker."""

import sqlite3
from datetime import timedelta

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from coordinator import guard
from coordinator.database import behind
from coordinator.errors import UnusableDatabase
from coordinator.services import figures, heartbeats

MENDED = (3, 51, 3)
"""From this version on SQLite does not lose pages where two checkpoints of its log meet (sqlite.org/wal.html)."""


def missing(sessions: sessionmaker[Session]) -> list[str]:
    """What pages and commands lack, a sentence each."""
    try:
        with sessions() as session:
            connection = session.connection()
            if behind(connection):
                return ["The database is not at the newest migration: run `upgrade`."]
            guard.check(connection)
    except SQLAlchemyError:
        return ["The database cannot be reached."]
    except UnusableDatabase as error:
        return [str(error)]
    return []


def unattended(sessions: sessionmaker[Session]) -> list[str]:
    """Whether mails wait because no worker lives, on whatever machine; the database has to be there."""
    with sessions() as session:
        silence = heartbeats.silence(session)
    if silence is None:
        return ["No worker runs: mails wait."]
    if silence > heartbeats.TOO_LONG:
        return [f"No worker was seen for {silence // timedelta(seconds=1)} s: mails wait."]
    return []


def figures_if_usable(sessions: sessionmaker[Session]) -> figures.Figures | None:
    """What stands open; None where the database cannot be used."""
    if missing(sessions):
        return None
    with sessions() as session:
        return figures.figures(session)


def warning(engine: Engine) -> str | None:
    """What is to be known of the database before one relies on it, in one line; None: nothing."""
    if engine.dialect.name != "sqlite" or sqlite3.sqlite_version_info >= MENDED:
        return None
    mended = ".".join(map(str, MENDED))
    return (
        f"This Python has SQLite {sqlite3.sqlite_version}, which can very rarely damage a database that several"
        f" programs write to (mended in {mended}): use a Python with a newer SQLite, or PostgreSQL, and make a"
        " backup every day."
    )

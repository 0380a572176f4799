"""Whether the program can be used: the database, its migrations, its guard, the worker."""

from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from coordinator import guard
from coordinator.database import behind
from coordinator.errors import UnusableDatabase


def missing(sessions: sessionmaker[Session], worker: Any = None) -> list[str]:
    """What is not there yet, a sentence each; ``worker`` is the scheduler of this process, if any."""
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
    return [] if worker is None or worker.running else ["The worker has stopped."]

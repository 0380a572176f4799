"""Whether the program can be used: the database, its migrations, its guard, the worker."""

from functools import cache
from typing import Any

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from coordinator.database import MIGRATIONS, check_guard
from coordinator.errors import GuardMissing


def missing(sessions: sessionmaker[Session], worker: Any = None) -> list[str]:
    """What is not there yet, a sentence each; ``worker`` is the scheduler of this process, if any."""
    try:
        with sessions() as session:
            connection = session.connection()
            if MigrationContext.configure(connection).get_current_revision() != _newest():
                return ["The database is not at the newest migration: run `upgrade`."]
            check_guard(connection.engine)
    except SQLAlchemyError:
        return ["The database cannot be reached."]
    except GuardMissing as error:
        return [str(error)]
    return [] if worker is None or worker.running else ["The worker has stopped."]


@cache
def _newest() -> str | None:
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()

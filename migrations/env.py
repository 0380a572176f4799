"""How Alembic finds the database and the tables, and migrates: one at a time, whole or not at all, guard kept."""

from alembic import context
from sqlalchemy import Connection, Engine, text

import coordinator.models  # noqa: F401  (makes every table known)
from config import Settings
from coordinator import guard
from coordinator.database import WRITING, Base, behind, make_engine

TURN = 2026_11_23
"""The number of PostgreSQL's lock for whoever migrates."""


def main() -> None:
    """Open the database that was named by the caller, else the one in the settings."""
    engine = make_engine(context.config.attributes.get("url") or Settings.from_environment().database_url)
    try:
        if engine.dialect.name == "sqlite":
            on_sqlite(engine)
        else:
            on_postgresql(engine)
    finally:
        engine.dispose()


def on_postgresql(engine: Engine) -> None:
    """Others who start now wait here, and find it done."""
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:turn)"), {"turn": TURN})
        migrate(connection)


def on_sqlite(engine: Engine) -> None:
    """The write lock keeps others waiting.

    A table that is made anew in batch mode must not take along the rows that point to it, so foreign keys are
    checked at the end, as https://www.sqlite.org/lang_altertable.html (7) has it.
    """
    with engine.execution_options(**{WRITING: True}).connect() as connection:
        connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")  # no effect within a transaction
        with connection.begin():
            migrate(connection)
            if lost := connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise RuntimeError(f"a migration left rows of {lost[0]} that point to nothing")


def migrate(connection: Connection) -> None:
    """Run the migrations on a connection, all in its one transaction. Raises GuardMissing, NewerDatabase."""
    behind(connection)
    context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()
    guard.check(connection)


main()

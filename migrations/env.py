"""How Alembic finds the database and the tables."""

from alembic import context
from sqlalchemy import Connection

import coordinator.models  # noqa: F401  (makes every table known)
from config import Settings
from coordinator.database import Base, make_engine


def migrate(connection: Connection) -> None:
    """Run the migrations on an open connection, all in one transaction."""
    context.configure(connection=connection, target_metadata=Base.metadata, transaction_per_migration=False)
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Open the database that was named by the caller, else the one in the settings."""
    engine = make_engine(context.config.attributes.get("url") or Settings.from_environment().database_url)
    with engine.begin() as connection:
        migrate(connection)
    engine.dispose()


main()

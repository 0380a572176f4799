"""Damage: what a database itself finds wrong with what it keeps."""

from collections.abc import Iterator

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

MOST = 100
"""So many findings of one sort are named; more are of no more use."""

DAMAGED = "The database is damaged ({what}): restore the newest backup that passes `check`."
LOST = (
    "Row {row} of {table} refers to a row of {parent} that is gone: restore a backup, or take the row away."
)

NOT_KEPT = {
    "The constraint {name} of {table} is not kept: ALTER TABLE {table} VALIDATE CONSTRAINT {name}.": """
        SELECT conname AS name, conrelid::regclass AS "table" FROM pg_constraint
        WHERE NOT convalidated AND connamespace = CAST(current_schema() AS regnamespace)
        ORDER BY conname""",
    "The index {name} of {table} is not in use: REINDEX INDEX {name}.": """
        SELECT indexrelid::regclass AS name, indrelid::regclass AS "table" FROM pg_index
        JOIN pg_class ON pg_class.oid = indexrelid
        WHERE NOT indisvalid AND relnamespace = CAST(current_schema() AS regnamespace)
        ORDER BY indexrelid""",
    "{count} triggers of {table} are switched off: ALTER TABLE {table} ENABLE TRIGGER ALL.": """
        SELECT tgrelid::regclass AS "table", count(*) AS count FROM pg_trigger
        JOIN pg_class ON pg_class.oid = tgrelid
        WHERE tgenabled = 'D' AND relnamespace = CAST(current_schema() AS regnamespace)
        GROUP BY tgrelid ORDER BY tgrelid""",
}
"""What PostgreSQL has been told not to look at, each with the question that finds it."""


def found(connection: Connection) -> list[str]:
    """What is wrong with files, references, constraints and indexes, one line each; nothing personal in it."""
    try:
        return list(_sqlite(connection) if connection.dialect.name == "sqlite" else _postgresql(connection))
    except DBAPIError as error:
        return [DAMAGED.format(what=error.orig)]


def _sqlite(connection: Connection) -> Iterator[str]:
    for what in connection.exec_driver_sql(f"PRAGMA integrity_check({MOST})").scalars():
        if what != "ok":
            yield DAMAGED.format(what=" ".join(what.split()))
    lost = connection.exec_driver_sql("PRAGMA foreign_key_check")
    for table, row, parent, _ in lost.fetchmany(MOST):
        yield LOST.format(row=row, table=table, parent=parent)
    lost.close()


def _postgresql(connection: Connection) -> Iterator[str]:
    for says, asked in NOT_KEPT.items():
        for row in connection.execute(text(asked)).mappings():
            yield says.format(**row)

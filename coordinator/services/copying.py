"""Copying all rows of one database into another, whichever of the two sorts each is, a batch at a time."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Integer,
    MetaData,
    Table,
    Text,
    cast,
    func,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.types import NullType, TypeEngine

from coordinator.database import UtcDateTime
from coordinator.errors import Refusal

BATCH = 250
"""Rows in memory at once; a search's problem may take some hundred kilobytes."""
Told = Callable[[str, int], object]
"""Hears, after each batch, which table it was of and how many rows have been copied by then."""


def tables(connection: Connection, names: Collection[str]) -> list[Table]:
    """The tables of these names as they are there, those first that others refer to.

    Of two databases of different sorts, PostgreSQL is to be asked: SQLite does not tell an instant from a number.
    """
    inspector = inspect(connection)
    ordered = [name for name, _ in inspector.get_sorted_table_and_fkc_names()]
    made = []
    for name in (name for name in ordered if name is not None and name in names):
        keys = inspector.get_pk_constraint(name)["constrained_columns"]
        columns = (
            Column(each["name"], _kind(each["type"]), primary_key=each["name"] in keys)
            for each in inspector.get_columns(name)
        )
        made.append(Table(name, MetaData(), *columns))
    return made


def _kind(found: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type that both sorts of database read and write alike."""
    if isinstance(found, DateTime):
        return UtcDateTime()
    return NullType() if isinstance(found, JSON) else found.as_generic()


def copy(source: Connection, target: Connection, shape: Sequence[Table], told: Told) -> int:
    """Copy all rows of these tables within the transactions of both; says how many they were.

    Raises Refusal, without a word of what the rows say, where ``target`` does not take them.
    """
    count = 0
    for table in shape:
        query = select(*map(_as_kept, table.columns)).order_by(*table.primary_key)
        streamed = {"stream_results": True, "yield_per": BATCH}
        with source.execute(query, execution_options=streamed) as found:
            for batch in found.mappings().partitions():
                _write(target, table, [dict(row) for row in batch])
                count += len(batch)
                told(table.name, count)
    return count


def _write(target: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    try:
        target.execute(insert(table), rows)
    except (DataError, IntegrityError) as error:
        facts = getattr(error.orig, "diag", None)
        reason = getattr(facts, "message_primary", None) or str(error.orig)
        raise Refusal(
            "This database does not take what there is in {table}: {reason}.", table=table.name, reason=reason
        ) from None


def _as_kept(column: Column[Any]) -> ColumnElement[Any]:
    """JSON as its text: read and written anew, a missing value would become a ``null``."""
    return cast(column, Text).label(column.name) if isinstance(column.type, NullType) else column


def number_on(connection: Connection, shape: Sequence[Table]) -> None:
    """Have PostgreSQL number new rows after those that were copied with their numbers; SQLite does so by itself."""
    if connection.dialect.name != "postgresql":
        return
    for table in shape:
        for key in (key for key in table.primary_key if isinstance(key.type, Integer)):
            sequence = func.pg_get_serial_sequence(table.name, key.name)
            connection.execute(select(func.setval(sequence, func.max(key))))

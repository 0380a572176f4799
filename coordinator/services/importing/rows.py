"""Writing rows: what all parts of an import share."""

from collections.abc import Iterator
from typing import Any, TypeVar

from sqlalchemy import String, inspect
from sqlalchemy.orm import Session

from coordinator.errors import FileProblem, FileProblems
from coordinator.files.values import Text

Row = TypeVar("Row")


def change(row: Row, **values: Any) -> Row:
    """The row with these values."""
    for name, value in values.items():
        setattr(row, name, value)
    return row


def words(text: Text | None) -> dict[str, str]:
    """A text in both languages as columns keep it; none is empty."""
    return {"en": text.en, "es": text.es} if text else {}


def flush(session: Session) -> None:
    """Send what was written to the database. Raises FileProblems where it would not fit."""
    if problems := list(_too_long(session)):
        raise FileProblems(problems)
    session.flush()


def _too_long(session: Session) -> Iterator[FileProblem]:
    """A problem for each text about to be written that its column is too short for."""
    for row in (*session.new, *session.dirty):
        for column in inspect(row).mapper.columns:
            text, most = row.__dict__.get(column.key), getattr(column.type, "length", None)
            if isinstance(column.type, String) and isinstance(text, str) and most and len(text) > most:
                name = getattr(row, "key", None) or type(row).__name__.lower()
                yield FileProblem(f"{column.key} is longer than {most} characters", field=name)

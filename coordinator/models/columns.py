"""Column types that several rows share."""

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Enum

Words = dict[str, str]
"""One text in several languages: ``{"en": …, "es": …}``."""

Weekly = dict[str, list[str]]
"""Wall-time hours by weekday: ``{"mon": ["08:00-12:00", "13:00-17:00"]}``."""

Json = JSON()


def choice(kind: type[StrEnum]) -> Enum:
    """A column for one of the names in ``kind``, kept as its value and checked by the database."""
    return Enum(
        kind,
        native_enum=False,
        length=20,
        values_callable=lambda names: [name.value for name in names],
        name=kind.__name__.lower(),
        create_constraint=True,
    )


Facts = dict[str, Any]
"""What belongs to a row and is only shown or exported, never searched."""

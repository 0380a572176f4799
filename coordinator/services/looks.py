"""Who looked at what: the one line that a reading service writes, in a transaction of its own, before it reads.

Many read at once, and each line on its own would wait for a turn to write and for the disk. So whoever's turn comes
writes the lines of all who wait, and nobody reads before their own line is safe.
"""

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import insert
from sqlalchemy.orm import Session

from coordinator.database import begin_writing
from coordinator.models import AuditLine
from coordinator.services.trail import Actor


@dataclass(eq=False, slots=True)
class Look:
    """One line, and whether it is written."""

    line: dict[str, Any]
    written: bool = False


@dataclass(eq=False)
class Book:
    """The lines that wait to be written into one database by this process."""

    waiting: list[Look] = field(default_factory=list)
    turn: Lock = field(default_factory=Lock)

    def write(self, session: Session, look: Look) -> None:
        """Wait until a line is written: by whoever is first, or by us with all that came together meanwhile."""
        self.waiting.append(look)
        with self.turn:
            if look.written:
                return
            together = list(self.waiting)
            try:
                begin_writing(session)
                session.execute(insert(AuditLine), [each.line for each in together])
                session.commit()
            except Exception:
                self.waiting.remove(look)  # the others try for themselves
                raise
            for each in together:
                each.written = True
            del self.waiting[: len(together)]


BOOKS: WeakKeyDictionary[Any, Book] = WeakKeyDictionary()


def note(
    session: Session, by: Actor, subject: str, subject_id: int | None, now: datetime, **facts: object
) -> None:
    """Write down that somebody looks at a subject."""
    line = {"at": now, "account_id": by.account_id, "actor": by.kind, "deed": "look", "facts": facts}
    book = BOOKS.setdefault(session.get_bind(), Book())
    book.write(session, Look(line | {"subject": subject, "subject_id": subject_id}))

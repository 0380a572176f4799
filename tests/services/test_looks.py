"""Looks are written before anybody reads, many at once, and a failure is each reader's own."""

import threading

import pytest
from sqlalchemy import Engine, event, func, select
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.models import AuditLine
from coordinator.services import looks
from coordinator.services.trail import COMMAND
from tests.services.a_pain_clinic import NOW

READERS = 12


def count(db: Session) -> int:
    db.rollback()
    return db.scalar(select(func.count()).select_from(AuditLine).where(AuditLine.deed == "look")) or 0


def test_readers_who_wait_are_written_down_together(db: Session, engine: Engine) -> None:
    sessions, commits = database.make_sessions(engine), []
    event.listen(engine, "commit", commits.append)
    held = looks.BOOKS.setdefault(engine, looks.Book())
    seen: list[int] = []

    def read(number: int) -> None:
        with sessions() as session:
            looks.note(session, COMMAND, "plan", number, NOW)
            seen.append(session.scalar(select(AuditLine.id).where(AuditLine.subject_id == number)) or 0)

    readers = [threading.Thread(target=read, args=[number]) for number in range(READERS)]
    with held.turn:
        for reader in readers:
            reader.start()
        while len(held.waiting) < READERS:
            pass
    for reader in readers:
        reader.join()
    assert len(set(seen)) == READERS
    assert 0 not in seen
    assert count(db) == READERS
    assert len(commits) == 1


def test_a_reader_whose_line_cannot_be_written_does_not_read_and_keeps_nobody_else_from_it(
    db: Session,
) -> None:
    with pytest.raises(Exception, match="serializable"):
        looks.note(db, COMMAND, "plan", 1, NOW, what=object())
    looks.note(db, COMMAND, "plan", 2, NOW)
    assert count(db) == 1

"""Taking what is due stays cheap however long the queue and the past are, on both databases."""

import pytest
from sqlalchemy import Engine, text, update
from sqlalchemy.orm import Session

from benchmarks.reliability import queues
from coordinator.models import Notice, NoticeState
from coordinator.notices.post import TIMEOUT_SECONDS
from coordinator.services import due
from coordinator.services.delivery import LONGEST_SLEEP_SECONDS, PATIENCE_SECONDS
from coordinator.worker import TICK_SECONDS
from tests.notices.builders import NOW

QUEUE = 3000
READS_ALL = ("Seq Scan", "Sort", "SCAN", "TEMP B-TREE")


def plan(db: Session, engine: Engine) -> str:
    """How the database would look for the next mail that is due."""
    asked = due.NEXT_DUE.params(at=NOW).compile(engine, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    return "\n".join(str(row) for row in db.connection().exec_driver_sql(f"{explain} {asked}"))


@pytest.mark.parametrize("known", [False, True], ids=["freshly filled", "counted by ANALYZE"])
@pytest.mark.parametrize("sent", [0, QUEUE - 10])
def test_the_next_mail_is_found_along_the_index(db: Session, engine: Engine, known: bool, sent: int) -> None:
    queues.fill(db, QUEUE, now=NOW)
    db.execute(update(Notice).where(Notice.id <= sent).values(state=NoticeState.SENT))
    if known:
        db.execute(text("ANALYZE"))
    db.commit()
    found = plan(db, engine)
    assert "ix_notice_waiting" in found
    assert "ix_notice_appointment_id" in found
    assert [words for words in READS_ALL if words in found] == []


def test_a_try_ends_before_its_lease_and_a_hanging_one_holds_up_the_others_for_less_than_a_tick() -> None:
    assert due.LEASE.total_seconds() >= TIMEOUT_SECONDS + LONGEST_SLEEP_SECONDS
    assert LONGEST_SLEEP_SECONDS > 0
    assert PATIENCE_SECONDS < TICK_SECONDS

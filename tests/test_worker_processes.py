"""Worker processes as a clinic runs them, on one queue: each mail once, and after a kill one twice at most."""

import random
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session

from benchmarks.reliability import queues, sinks
from benchmarks.reliability.databases import Database
from benchmarks.reliability.sinks import Sink
from benchmarks.reliability.workers import working
from coordinator import times
from coordinator.models import Notice, NoticeState

QUEUE = 40
SOON = 60
"""Seconds after which a test gives up; processes that work need far less."""

pytestmark = pytest.mark.slow


@pytest.fixture
def home(db: Session, database_url: str, tmp_path: Path) -> Database:
    """A database with a queue of reminders that are due."""
    queues.fill(db, QUEUE, now=times.now())
    return Database("a clinic's", database_url, tmp_path)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with sinks.listening() as sink:
        yield sink


def wait_until(true: Callable[[], bool]) -> None:
    ends = time.monotonic() + SOON
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.05)


def all_sent(db: Session) -> bool:
    db.rollback()
    return set(db.scalars(select(Notice.state))) == {NoticeState.SENT}


def test_three_workers_started_by_mistake_send_each_mail_once(
    home: Database, sink: Sink, db: Session
) -> None:
    with working(home, sink.port, 3):
        wait_until(lambda: all_sent(db))
    assert (sink.messages, sink.repeats) == (QUEUE, 0)


def test_a_killed_worker_loses_nothing_and_one_mail_at_most_arrives_twice(
    home: Database, sink: Sink, db: Session, engine: Engine
) -> None:
    with working(home, sink.port, 1) as workers:
        wait_until(lambda: sink.messages > 0)
        wait_until(lambda: workers.kill_one(random.Random(1)))
        past = times.now() - timedelta(hours=1)
        with engine.begin() as connection:  # its lease, two minutes later
            connection.execute(update(Notice).where(Notice.lease.is_not(None)).values(leased_until=past))
        wait_until(lambda: all_sent(db))
    assert sink.messages == QUEUE
    assert sink.repeats <= 1

"""The clock: it works off what is due, goes on after a failure, and shows that it lives."""

import threading
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from coordinator import database, worker
from coordinator.inbox import open_inbox
from coordinator.models import NoticeState
from coordinator.notices import outbox
from coordinator.notices.post import SmtpPost
from coordinator.services import heartbeats
from tests.notices.builders import DELAY, LETTERHEAD, NOW, STARTS_AT, a_booked_clinic, notices, sessions_at

SOON = 30
"""Seconds after which a test gives up; a worker that works needs far less."""


def test_what_is_due_is_in_the_inbox_a_tick_later(engine: Engine, db: Session, tmp_path: Path) -> None:
    made = a_booked_clinic(db)
    outbox.announce(db, [made.visit()], clinic=made.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()
    server = open_inbox(tmp_path / "inbox")
    post = SmtpPost(host="127.0.0.1", port=server.port)
    sent = threading.Event()

    class Telling:
        def send(self, message):
            post.send(message)
            sent.set()

        def hang_up(self):
            post.hang_up()

    running = worker.start(sessions_at(engine, NOW + timedelta(seconds=DELAY)), Telling(), LETTERHEAD)
    assert sent.wait(SOON)
    running.shutdown()
    server.stop()
    assert len(list((tmp_path / "inbox").glob("*.eml"))) == 1
    assert notices(db)[0].state is NoticeState.SENT


def test_without_a_post_everything_waits(engine: Engine, db: Session) -> None:
    made = a_booked_clinic(db)
    outbox.announce(db, [made.visit()], clinic=made.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()
    running = worker.start(sessions_at(engine, STARTS_AT), None, LETTERHEAD)
    running.shutdown()
    assert {one.state for one in notices(db)} == {NoticeState.WAITING}


def test_a_job_that_fails_comes_again(engine: Engine) -> None:
    worked = threading.Semaphore(0)

    def fail() -> None:
        worked.release()
        raise RuntimeError("the database is away")

    running = worker.Worker(sessions_at(engine, NOW), tick_seconds=0.05)
    running.every_tick(fail, "failing")
    running.start()
    assert all(worked.acquire(timeout=SOON) for _ in range(3))
    running.shutdown()


def test_a_worker_shows_itself_and_says_when_it_ends(engine: Engine) -> None:
    sessions, seen = database.make_sessions(engine), threading.Event()

    def silent() -> bool:
        with sessions() as session:
            return heartbeats.silence(session) is None

    running = worker.Worker(sessions, tick_seconds=0.05)
    running.every_tick(lambda: silent() or seen.set(), "looking")
    running.start()
    assert seen.wait(SOON)
    running.shutdown()
    assert silent()

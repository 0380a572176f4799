"""The worker: a clock that ticks, and works off what is due. What must not be lost is a row, never a job."""

import logging
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC
from functools import partial

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from coordinator import times
from coordinator.mailbox import Mailbox
from coordinator.notices.post import Letterhead, Post
from coordinator.services import busy_calendars, heartbeats, holding, receiving
from coordinator.services.delivery import Delivery

TICK_SECONDS = 5
MAILBOX_SECONDS = 30
CALENDARS_SECONDS = 60

log = structlog.get_logger()


class Worker:
    """A running clock; any number of them may run, since what is due is claimed by lease."""

    def __init__(self, sessions: sessionmaker[Session], *, tick_seconds: float = TICK_SECONDS) -> None:
        self.sessions = sessions
        self.name = secrets.token_hex(16)
        self.tick_seconds = tick_seconds
        self.ended = threading.Event()
        # A tick that is left out because the one before still works is meant, and no news.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        self._clock = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    def every_tick(self, work: Callable[[], object], name: str, *, seconds: float | None = None) -> None:
        """Do ``work`` at once and then on every tick; what goes wrong is written down and tried again.

        ``seconds`` from one to the next, where that is not a tick.
        """

        def job() -> None:
            try:
                work()
            except Exception:  # a door: nothing above could do better than write it down
                log.exception("worker failed", job=name)

        pause = seconds or self.tick_seconds
        self._clock.add_job(job, "interval", seconds=pause, id=name, next_run_time=times.now())

    def start(self) -> None:
        """Let the clock tick in the background."""
        self.every_tick(self._beat, "heartbeat")
        self.every_tick(self._release_holds, "holds")
        self._clock.start()

    def shutdown(self, wait: bool = True) -> None:
        """Stop the clock; with ``wait``, after what is in hand. Other nodes see at once that this worker is gone."""
        self.ended.set()
        self._clock.shutdown(wait=wait)
        with suppress(SQLAlchemyError), self.sessions() as session:
            heartbeats.stop(session, self.name)

    def _beat(self) -> None:
        with self.sessions() as session:
            heartbeats.beat(session, self.name)

    def _release_holds(self) -> None:
        with self.sessions() as session:
            holding.release_expired(session)


def start(
    sessions: sessionmaker[Session], post: Post | None, letterhead: Letterhead, mailbox: Mailbox | None = None
) -> Worker:
    """Start a worker in this process.

    Without ``post`` nothing leaves, and all mails wait; without ``mailbox`` no answers come by mail.
    """
    worker = Worker(sessions)
    if post is not None:
        deliver = Delivery(sessions, post, letterhead).work_off
        worker.every_tick(partial(deliver, worker.ended.is_set), "delivery")
    worker.every_tick(partial(busy_calendars.read_due, sessions), "calendars", seconds=CALENDARS_SECONDS)
    if mailbox is not None:
        read = partial(mailbox.work_off, partial(_take_in, sessions))
        worker.every_tick(read, "mailbox", seconds=MAILBOX_SECONDS)
    worker.start()
    return worker


def _take_in(sessions: sessionmaker[Session], octets: bytes) -> None:
    with sessions() as session:
        kept = receiving.receive(session, octets, now=times.now())
        log.info("mail received", mail=kept.id, outcome=kept.outcome.value)

"""The worker: a clock that ticks, and works off what is due. What must not be lost is a row, never a job."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from sqlalchemy.orm import Session, sessionmaker

from coordinator import times
from coordinator.notices.post import Letterhead, Post
from coordinator.services.delivery import Delivery

TICK_SECONDS = 5
TOO_LONG = timedelta(seconds=90)
"""After this long without a sign of life, the worker counts as gone."""

log = structlog.get_logger()


class Heartbeat:
    """The worker's sign of life, kept in a file that other processes read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def beat(self) -> None:
        """I am here, now."""
        self.path.touch()

    def alive(self, now: datetime) -> bool:
        """Whether there was a sign of life lately."""
        try:
            last = datetime.fromtimestamp(self.path.stat().st_mtime, UTC)
        except OSError:
            return False
        return now - last < TOO_LONG


class Worker:
    """A running clock; any number of them may run, since what is due is claimed by lease."""

    def __init__(self, heartbeat: Heartbeat | None = None, *, tick_seconds: float = TICK_SECONDS) -> None:
        self.heartbeat = heartbeat
        self.tick_seconds = tick_seconds
        self.beat_at = times.now()
        self.ended = threading.Event()
        # A tick that is left out because the one before still works is meant, and no news.
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)
        self._clock = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )

    def every_tick(self, work: Callable[[], object], name: str) -> None:
        """Do ``work`` at once and then on every tick; what goes wrong is written down and tried again."""

        def job() -> None:
            try:
                work()
            except Exception:  # a door: nothing above could do better than write it down
                log.exception("worker failed", job=name)

        self._clock.add_job(job, "interval", seconds=self.tick_seconds, id=name, next_run_time=times.now())

    def start(self) -> None:
        """Let the clock tick in the background."""
        self.every_tick(self._beat, "heartbeat")
        self._clock.start()

    def alive(self, now: datetime) -> bool:
        """Whether the clock still ticks."""
        return now - self.beat_at < TOO_LONG

    @property
    def running(self) -> bool:
        """Whether it was started, not stopped, and still ticks."""
        return bool(self._clock.running) and self.alive(times.now())

    def shutdown(self, wait: bool = True) -> None:
        """Stop the clock; with ``wait``, after what is in hand."""
        self.ended.set()
        self._clock.shutdown(wait=wait)

    def _beat(self) -> None:
        self.beat_at = times.now()
        if self.heartbeat is not None:
            self.heartbeat.beat()


def start(
    sessions: sessionmaker[Session],
    post: Post | None,
    letterhead: Letterhead,
    *,
    heartbeat: Path | None = None,
) -> Worker:
    """Start a worker in this process. Without ``post`` nothing leaves, and all mails wait."""
    worker = Worker(Heartbeat(heartbeat) if heartbeat is not None else None)
    if post is not None:
        deliver = Delivery(sessions, post, letterhead).work_off
        worker.every_tick(partial(deliver, worker.ended.is_set), "delivery")
    worker.start()
    return worker

"""Worker processes as a clinic runs them: ``flask worker``, several on one database, each of which may be killed."""

import itertools
import multiprocessing
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path

from benchmarks.reliability.databases import Database

FORKS = multiprocessing.get_context("forkserver")
"""Worker processes are forked with all imports done: to load them anew each second would keep two cores busy."""


READY = "The worker runs."


@dataclass
class Worker:
    """One process, and what it says."""

    process: BaseProcess
    log: Path

    @property
    def works(self) -> bool:
        """Whether it has started."""
        return self.log.exists() and READY in self.log.read_text(errors="replace")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.join()


class Workers:
    """So many workers; whoever is killed is followed by another."""

    def __init__(self, database: Database, port: int, count: int) -> None:
        self.folder = database.folder / "worker"
        self.folder.mkdir(exist_ok=True)
        self.environment = {
            "COORDINATOR_DATABASE_URL": database.url,
            "COORDINATOR_DATA": str(self.folder),
            "COORDINATOR_SECRET_KEY": "a secret of the harness",
            "COORDINATOR_SMTP_HOST": "127.0.0.1",
            "COORDINATOR_SMTP_PORT": str(port),
        }
        self.numbers = itertools.count(1)
        self.running = [self._begin() for _ in range(count)]

    def _begin(self) -> Worker:
        log = self.folder / f"log-{next(self.numbers)}"
        made = FORKS.Process(target=_work, args=(self.environment, str(log)), daemon=True)
        made.start()
        return Worker(made, log)

    def kill_one(self, chance: random.Random) -> bool:
        """End one, whichever chance takes, and start another in its place; False, and nothing, until all work."""
        if not all(each.works for each in self.running):
            return False
        which = chance.randrange(len(self.running))
        self.running[which].kill()
        self.running[which] = self._begin()
        return True

    def stop(self) -> None:
        """End all."""
        for each in self.running:
            each.kill()


def _work(environment: dict[str, str], log: str) -> None:
    """The command ``flask worker``, in a process that has loaded the program already."""
    os.environ.update(environment)
    kept = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(kept, stream.fileno())
    from flask.cli import ScriptInfo

    from wsgi import app

    app.cli.main(["worker"], obj=ScriptInfo(create_app=lambda: app))


@contextmanager
def working(database: Database, port: int, count: int) -> Iterator[Workers]:
    """So many workers meanwhile, who send to a server on loopback."""
    FORKS.set_forkserver_preload(["coordinator.app"])
    workers = Workers(database, port, count)
    try:
        yield workers
    finally:
        workers.stop()

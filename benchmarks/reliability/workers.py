"""Worker processes as a clinic runs them: ``flask worker``, several on one database, each of which may be killed."""

import multiprocessing
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess

from benchmarks.reliability.databases import Database

FORKS = multiprocessing.get_context("forkserver")
"""Worker processes are forked with all imports done: to load them anew each second would keep two cores busy."""


class Workers:
    """So many workers; whoever is killed is followed by another."""

    def __init__(self, database: Database, port: int, count: int) -> None:
        folder = database.folder / "worker"
        folder.mkdir(exist_ok=True)
        self.log = str(folder / "log")
        self.environment = {
            "COORDINATOR_DATABASE_URL": database.url,
            "COORDINATOR_DATA": str(folder),
            "COORDINATOR_SECRET_KEY": "a secret of the harness",
            "COORDINATOR_SMTP_HOST": "127.0.0.1",
            "COORDINATOR_SMTP_PORT": str(port),
        }
        self.running = [self._begin() for _ in range(count)]

    def _begin(self) -> BaseProcess:
        made = FORKS.Process(target=_work, args=(self.environment, self.log), daemon=True)
        made.start()
        return made

    def kill(self, which: int) -> None:
        """End one as a power cut would, and start another in its place."""
        self.running[which].kill()
        self.running[which].join()
        self.running[which].close()
        self.running[which] = self._begin()

    def stop(self) -> None:
        """End all."""
        for each in self.running:
            each.kill()
        for each in self.running:
            each.join()


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

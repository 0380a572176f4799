"""Server processes as a clinic runs them: ``flask serve``, one or several on one database."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.reliability.databases import Database

ROOT = Path(__file__).resolve().parents[2]
STARTS_WITHIN_SECONDS = 60


@dataclass
class Node:
    """One process that serves pages, with a worker beside them; what it says is in ``log``."""

    database: Database
    number: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    port: int = 0

    @property
    def folder(self) -> Path:
        """Where it keeps its own files; the secret of the sessions is the same for all."""
        return self.database.folder / "pages"

    @property
    def log(self) -> Path:
        """What it said on standard output and error."""
        return self.database.folder / f"node-{self.number}.log"

    def start(self) -> None:
        """Start it on the port that it had before, or on any; returns when it serves."""
        self.folder.mkdir(exist_ok=True)
        own = {
            "COORDINATOR_DATABASE_URL": self.database.url,
            "COORDINATOR_DATA": str(self.folder),
            "COORDINATOR_NOTICE_DELAY_SECONDS": "3600",
            "COORDINATOR_SECRET_KEY": "a secret of the harness",
            "PYTHONUNBUFFERED": "1",
        }
        words = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--port", str(self.port)]
        with self.log.open("ab") as log:
            before = log.tell()
            self.process = subprocess.Popen(
                words, cwd=ROOT, env=os.environ | own | self.environment, stdout=log, stderr=log
            )
        self._wait(before)

    def _wait(self, before: int) -> None:
        assert self.process is not None
        ends = time.monotonic() + STARTS_WITHIN_SECONDS
        while time.monotonic() < ends and self.process.poll() is None:
            said = self.log.read_bytes()[before:].decode(errors="replace")
            if found := re.search(r"Coordinator is at http://127\.0\.0\.1:(\d+)", said):
                self.port = int(found[1])
                return
            time.sleep(0.02)
        raise RuntimeError(f"The server did not start:\n{self.log.read_text(errors='replace')[-4000:]}")

    def kill(self) -> None:
        """End it as a power cut would: it has no time to say anything."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()

    def said(self, words: str) -> int:
        """In how many lines of its log these words are."""
        return sum(words in line for line in self.log.read_text(errors="replace").splitlines())


@contextmanager
def serving(database: Database, count: int = 1, **environment: str) -> Iterator[list[Node]]:
    """So many nodes on one database."""
    with ExitStack() as stack:
        nodes = []
        for number in range(count):
            node = Node(database, number, dict(environment))
            stack.callback(node.stop)
            node.start()
            nodes.append(node)
        yield nodes

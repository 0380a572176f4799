"""The turnstile in front of a SQLite file: who wants to write waits for a turn, in this process and in all others.

SQLite alone lets writers poll for its lock, so that of many some wait for seconds; in a queue the slowest of sixteen
waits a tenth of that, at the same throughput (measured).
"""

import os
import sys
import threading
from pathlib import Path

WAIT_SECONDS = 20.0
"""How long a thread waits for the others of its process; as long as SQLite's own busy timeout."""


class Turnstile:
    """One writer at a time: a lock among threads, and one on a file beside the database among processes.

    The system frees the file's lock when a process dies. Where the file cannot be made (a disk that is full or not
    to be written) the database's own lock has to do.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._threads = threading.Lock()
        self._file: int | None = None

    def enter(self) -> bool:
        """Wait for a turn; False where other threads kept it for too long."""
        if not self._threads.acquire(timeout=WAIT_SECONDS):
            return False
        try:
            self._file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            _lock(self._file)
        except OSError:
            self._close()
        return True

    def leave(self) -> None:
        """Let the next one in."""
        self._close()
        self._threads.release()

    def _close(self) -> None:
        """Closing the file frees its lock."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: int) -> None:
        """Wait for the first byte of a file; Windows tries for ten seconds."""
        msvcrt.locking(file, msvcrt.LK_LOCK, 1)
else:
    import fcntl

    def _lock(file: int) -> None:
        """Wait for a file."""
        fcntl.flock(file, fcntl.LOCK_EX)

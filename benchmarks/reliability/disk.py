"""F: how often a second the disk makes a small write safe, the ceiling of one who flushes once a booking."""

import os
import time
from pathlib import Path

PAGE = b"\xa5" * 4096
PAGES = 4096


def flushes_per_second(folder: Path, seconds: float = 2.0) -> float:
    """F of the disk under ``folder``: write a page of a file that has its size already, ``fdatasync``, again."""
    path = folder / "flushes"
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.write(handle, PAGE * PAGES)
        os.fsync(handle)
        done, begun = 0, time.perf_counter()
        while time.perf_counter() - begun < seconds:
            os.pwrite(handle, PAGE, done % PAGES * len(PAGE))
            os.fdatasync(handle)
            done += 1
        return done / (time.perf_counter() - begun)
    finally:
        os.close(handle)
        path.unlink()

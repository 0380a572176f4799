"""Reading in a process of its own, with little time and memory: a file of others can ask for as much as it likes.

It also keeps what one calendar calls a zone out of the next: the library remembers such names for all of a process.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

SECONDS = 2.5
"""From the first word to the last, its start included."""
PROCESSOR_SECONDS = 2
MEMORY = 190 * 2**20
MOST_OCTETS = 10_000_000
HANDED_ON = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")
"""What of our surroundings the process that reads is told: none of our secrets."""
INSIDE = "--inside"
"""What the process that reads is told, so that it reads itself."""
TOO_MUCH = "too much to read: {}"
ROOT = Path(__file__).resolve().parents[3]


class GaveUp(Exception):
    """It took more time or memory than we give; the text says which."""


def asked(words: Sequence[str], octets: bytes) -> dict[str, Any]:
    """What the door of ``coordinator.calendars`` says to these words about a file. Raises GaveUp."""
    if len(octets) > MOST_OCTETS:
        raise GaveUp(f"more than {MOST_OCTETS // 1_000_000} MB")
    given = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
    path = os.pathsep.join(filter(None, (str(ROOT), given.get("PYTHONPATH"))))
    reader = subprocess.Popen(
        [sys.executable, "-m", "coordinator.calendars", *words, INSIDE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=given | {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"},
    )
    try:
        said, _ = reader.communicate(octets, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        reader.kill()
        reader.communicate()
        raise GaveUp("it takes too long") from None
    try:
        told: dict[str, Any] = json.loads(said)
    except ValueError:
        raise GaveUp("it takes too much time or memory") from None
    return told


def hold_within_bounds() -> None:
    """Give this process, the one that reads, no more than its share; where the system cannot, time alone bounds it."""
    with suppress(ImportError):
        import resource

        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 1))
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

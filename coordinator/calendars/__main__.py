"""The doors of this room: ``python -m coordinator.calendars read FILE`` and ``busy FILE``, which print JSON.

They need no database and end within three seconds, whatever the file is.
"""

import argparse
import json
import os
import stat
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from coordinator.calendars.incoming import child

NOTHING_READ: dict[str, dict[str, Any]] = {
    "read": {"kind": "none", "events": []},
    "busy": {"busy": [], "assumed_zone": False},
}


def main(words: Sequence[str] | None = None) -> int:
    """Read one file, and print what it says; 0 unless there is no such file or the words are wrong."""
    given = sys.argv[1:] if words is None else list(words)
    if child.INSIDE in given:
        return _inside([each for each in given if each != child.INSIDE])
    asked = _parser().parse_args(given)
    try:
        octets = _octets(asked.file)
    except OSError as error:
        print(f"{asked.file} cannot be read: {error.strerror or error}", file=sys.stderr)
        return 2
    try:
        told = child.asked([each if each != str(asked.file) else "-" for each in given], octets)
    except child.GaveUp as gave_up:
        told = NOTHING_READ[asked.door] | {"problems": [child.TOO_MUCH.format(gave_up)]}
    print(json.dumps(told, ensure_ascii=False, indent=1))
    return 0


def _inside(words: Sequence[str]) -> int:
    """What the process does that reads: within its bounds, from its standard input."""
    child.hold_within_bounds()
    asked = _parser().parse_args(words)
    octets = sys.stdin.buffer.read()
    from coordinator import times
    from coordinator.calendars.incoming import busy, doors, reading

    if asked.door == "read":
        told = doors.reading_to_json(reading.read(octets), with_mail=asked.whole)
    else:
        window = busy.Window(asked.first, asked.end, times.zone(asked.zone))
        told = doors.busy_to_json(busy.read(octets, window), whole=asked.whole)
    print(json.dumps(told, ensure_ascii=False))
    return 0


def _octets(path: Path) -> bytes:
    """The file, if it is one; of a long one no more than shows that it is too long. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(None, "it is no file")
        return file.read(child.MOST_OCTETS + 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m coordinator.calendars", description=__doc__)
    doors = parser.add_subparsers(dest="door", required=True, metavar="DOOR")
    read = doors.add_parser("read", help="what a mail or a calendar file says")
    busy = doors.add_parser("busy", help="when the owner of a calendar is busy")
    busy.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DATE")
    busy.add_argument(
        "--to", dest="end", type=date.fromisoformat, required=True, metavar="DATE", help="not included"
    )
    busy.add_argument("--zone", type=_zone, required=True, help="the owner's, as Europe/Madrid")
    for door in (read, busy):
        door.add_argument("--whole", action="store_true", help=argparse.SUPPRESS)
        door.add_argument("file", type=Path, metavar="FILE", help="an .eml or .ics file")
    return parser


def _zone(name: str) -> str:
    from coordinator import times
    from coordinator.errors import UnknownZone

    try:
        times.zone(name)
    except UnknownZone as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return name


if __name__ == "__main__":
    sys.exit(main())

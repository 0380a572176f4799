"""``python -m benchmarks.reliability NAME …``: one harness, its figures as a table, status 1 where one fails.

A harness is a module with ``main(arguments) -> list[Verdict]``; ``asking.parser`` has the options they share.
"""

import signal
import sys
from importlib import import_module

from benchmarks.reliability.verdicts import show

HARNESSES = (
    *("races", "whole", "edges", "pool", "retries", "moves", "holds", "doors"),
    *("readers", "kills", "full", "throughput", "growth"),
    *("reminders", "backup", "standby", "restart", "simulate"),
)


def main() -> int:
    """Run the harness that is named."""
    name, *arguments = sys.argv[1:] or [""]
    if name not in HARNESSES:
        print(f"python -m benchmarks.reliability NAME …, where NAME is one of: {', '.join(HARNESSES)}")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that no server outlives its harness
    harness = import_module(f"benchmarks.reliability.{name}")
    return 0 if show(name, harness.main(arguments)) else 1


if __name__ == "__main__":
    sys.exit(main())

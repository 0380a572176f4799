"""The arguments that all harnesses share."""

import argparse

from benchmarks.reliability.databases import CHOICES


def parser(name: str, description: str | None, *, seed: int = 1) -> argparse.ArgumentParser:
    """A command's parser with ``--database`` and ``--seed``; a harness adds its own options."""
    made = argparse.ArgumentParser(prog=f"python -m benchmarks.reliability {name}", description=description)
    made.add_argument(
        "--database",
        default="sqlite",
        metavar="DATABASE",
        help=f"one of {', '.join(CHOICES)}, or the URL of an empty database (%(default)s)",
    )
    made.add_argument("--seed", type=int, default=seed, help="what chance starts from (%(default)s)")
    return made

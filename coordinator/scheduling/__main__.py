"""The core's own door: ``python -m coordinator.scheduling solve FILE`` prints an answer."""

import argparse
import gc
import json
import math
import sys
from collections.abc import Sequence

from coordinator.errors import FileProblem
from coordinator.scheduling import answer, problem_file

MALFORMED = 2


def one_line(text: str) -> str:
    """The text without anything that a terminal would not show as it is."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in " ".join(text.split()))


class Parser(argparse.ArgumentParser):
    """A parser whose complaints are one line."""

    def error(self, message: str) -> None:  # type: ignore[override]
        """Say what is wrong with the command and leave."""
        self.exit(MALFORMED, f"{one_line(f'{self.prog}: {message}')}\n")


def seconds(text: str) -> float:
    """A number of seconds above nothing, and not without end."""
    value = float(text)
    if not (math.isfinite(value) and value > 0):
        raise ValueError(text)
    return value


def count(text: str) -> int:
    """A whole number, not below 0."""
    value = int(text)
    if not 0 <= value < 2**31:
        raise ValueError(text)
    return value


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = Parser(
        prog="python -m coordinator.scheduling", description="Find times and resources for treatment plans."
    )
    commands = made.add_subparsers(dest="command", required=True)
    solve = commands.add_parser("solve", help="read a problem, print an answer")
    solve.add_argument("problem", metavar="FILE", help="a problem file, also gzipped; - is standard input")
    solve.add_argument("--seconds", type=seconds, default=10.0, help="how long to look (10)")
    solve.add_argument(
        "--alternatives", type=count, default=0, help="how many other proposals to look for (0)"
    )
    solve.add_argument(
        "--repairs", type=count, default=0, help="how many changes to look for where nothing fits (0)"
    )
    solve.add_argument("--seed", type=count, default=1, help="the same seed, the same answer (1)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 for an answer, 2 for a malformed problem."""
    options = parser().parse_args(arguments)
    gc.disable()  # what is read stays; to look for garbage among it takes as long as the reading
    try:
        problem = problem_file.load(options.problem)
    except FileProblem as refusal:
        print(one_line(str(refusal)), file=sys.stderr)
        return MALFORMED
    finally:
        gc.enable()
    from coordinator.scheduling import engine  # a malformed file need not wait for it

    found = engine.solve(
        problem,
        seconds=options.seconds,
        alternatives=options.alternatives,
        repairs=options.repairs,
        seed=options.seed,
    )
    print(json.dumps(answer.to_json(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

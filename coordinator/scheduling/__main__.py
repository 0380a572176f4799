"""The core's own door: ``python -m coordinator.scheduling solve FILE`` prints an answer, ``why-not FILE`` the reasons
why it is not another one.
"""

import argparse
import gc
import json
import math
import sys
import time
from collections.abc import Sequence
from datetime import date
from typing import Any

from coordinator.errors import FileProblem
from coordinator.scheduling import answer, problem_file
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.reading import shown

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


def day(text: str) -> date:
    """A calendar date, as in ``2026-05-04``."""
    return date.fromisoformat(text)


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = Parser(
        prog="python -m coordinator.scheduling", description="Find times and resources for treatment plans."
    )
    commands = made.add_subparsers(dest="command", required=True)
    solve = commands.add_parser("solve", help="read a problem, print an answer")
    _common(solve)
    solve.add_argument(
        "--alternatives", type=count, default=0, help="how many other proposals to look for (0)"
    )
    solve.add_argument(
        "--repairs", type=count, default=0, help="how many changes to look for where nothing fits (0)"
    )
    why_not = commands.add_parser("why-not", help="read a problem of one plan, print why it is not otherwise")
    _common(why_not)
    why_not.add_argument("--sooner", action="store_true", help="why it is not over on an earlier date")
    why_not.add_argument("--step", help="why this step is not on another date")
    why_not.add_argument("--on", type=day, metavar="DATE", help="that date, as in 2026-05-04")
    return made


def _common(command: argparse.ArgumentParser) -> None:
    """What every command takes."""
    command.add_argument("problem", metavar="FILE", help="a problem file, also gzipped; - is standard input")
    command.add_argument("--seconds", type=seconds, default=10.0, help="how long to look (10)")
    command.add_argument("--seed", type=count, default=1, help="the same seed, the same answer (1)")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 for an answer, 2 for a malformed problem or question."""
    asked = parser()
    options = asked.parse_args(arguments)
    if options.command == "why-not":
        _check_question(asked, options)
    gc.disable()  # what is read stays; to look for garbage among it takes as long as the reading
    try:
        problem = problem_file.load(options.problem)
        if options.command == "why-not":
            _check_plan(problem, options.step)
    except FileProblem as refusal:
        print(one_line(str(refusal)), file=sys.stderr)
        return MALFORMED
    finally:
        gc.enable()
    print(json.dumps(_solve(problem, options) if options.command == "solve" else _why_not(problem, options)))
    return 0


def _check_question(asked: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Either ``--sooner``, or a step and a date."""
    given = options.step is not None, options.on is not None
    if given != ((False, False) if options.sooner else (True, True)):
        asked.error("why-not: ask either --sooner, or --step STEP --on DATE")


def _check_plan(problem: Problem, step: str | None) -> None:
    """One plan, with that step. Raises FileProblem."""
    if len(problem.plans) != 1:
        raise FileProblem(f"why-not asks about one plan, here are {len(problem.plans)}", field="plans")
    if step is not None and all(each.key != step for each in problem.plans[0].steps):
        raise FileProblem(f"no step {shown(step)}", field="--step")


def _solve(problem: Problem, options: argparse.Namespace) -> dict[str, Any]:
    """The answer file."""
    from coordinator.scheduling import engine  # a malformed file need not wait for it

    found = engine.solve(
        problem,
        seconds=options.seconds,
        alternatives=options.alternatives,
        repairs=options.repairs,
        seed=options.seed,
    )
    return answer.to_json(found)


def _why_not(problem: Problem, options: argparse.Namespace) -> dict[str, Any]:
    """The plan as it is proposed, with the reasons why it is not as asked, or the best proposal that is."""
    from coordinator.scheduling import engine, why_not

    began = time.monotonic()
    (first,) = engine.solve(problem, seconds=options.seconds, seed=options.seed).plans
    found = why_not.WhyNot(reasons=first.why)
    if first.proposal is not None and options.sooner:
        found = engine.why_not_sooner(problem, first.proposal, seconds=options.seconds)
    elif first.proposal is not None:
        found = engine.why_not_on(problem, first.proposal, options.step, options.on, seconds=options.seconds)
    asked = {"sooner": True} if options.sooner else {"step": options.step, "on": options.on.isoformat()}
    took = round(time.monotonic() - began, 3)
    return {"format": why_not.FORMAT, "seconds": took, "asked": asked} | why_not.to_json(first, found)


if __name__ == "__main__":
    sys.exit(main())

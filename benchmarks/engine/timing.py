"""How long something takes, cold, in turn with something else."""

import functools
import gc
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from coordinator.scheduling import engine, problem_file
from coordinator.scheduling.answer import Answer
from coordinator.scheduling.problem import Problem


@dataclass(frozen=True, slots=True)
class Timed:
    """Seconds from the parsed problem to the answer: the median of some runs, and the last answer."""

    seconds: float
    answer: Answer
    problem: Problem


def cold() -> None:
    """Forget what earlier runs left in caches of the core."""
    for name, module in list(sys.modules.items()):
        if name.startswith("coordinator.scheduling"):
            for each in vars(module).values():
                if isinstance(each, functools._lru_cache_wrapper):
                    each.cache_clear()
    gc.collect()


def ours(made: dict[str, Any], runs: int, **options: Any) -> Timed:
    """The engine on a problem file; every run reads it anew, so that nothing is known from the run before."""
    text, seconds = json.dumps(made), []
    for _ in range(runs):
        problem = problem_file.from_json(json.loads(text))
        cold()
        began = time.perf_counter()
        answer = engine.solve(problem, **options)
        seconds.append(time.perf_counter() - began)
    return Timed(median(seconds), answer, problem)


def once(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of one run, and what it gave."""
    began = time.perf_counter()
    made = work()
    return time.perf_counter() - began, made

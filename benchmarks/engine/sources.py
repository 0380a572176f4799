"""Where problems and the baseline come from: this folder, or another one with generate.py, naive.py and verify.py."""

import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

from benchmarks.engine import clinics, textbook
from benchmarks.engine.textbook import Result
from coordinator.scheduling import answer as answers
from coordinator.scheduling import problem_file, rules
from coordinator.scheduling.answer import Answer
from coordinator.scheduling.problem import Problem


class Source(Protocol):
    """Makes problems, solves them the textbook way, and judges answers."""

    def make(self, seed: int, shape: str, **options: Any) -> dict[str, Any]:
        """A problem file."""

    def baseline(self, made: dict[str, Any], seconds: float) -> Result:
        """The textbook model's answer."""

    def faults(self, made: dict[str, Any], problem: Problem, answer: Answer) -> list[str]:
        """What is wrong with an answer."""


class Own:
    """The clinics and the model of this folder, judged by the rules of the core."""

    def make(self, seed: int, shape: str, **options: Any) -> dict[str, Any]:
        return clinics.make(seed, shape, **options)

    def baseline(self, made: dict[str, Any], seconds: float) -> Result:
        return textbook.solve(problem_file.from_json(made), seconds)

    def faults(self, made: dict[str, Any], problem: Problem, answer: Answer) -> list[str]:
        placed = [each.proposal for each in answer.plans if each.proposal is not None]
        return [f"{broken.step}: {broken.text}" for broken in rules.violations(problem, *placed)]


class Bench(Own):
    """A folder with a generator, a textbook model and a judge of its own."""

    def __init__(self, folder: Path) -> None:
        sys.path.insert(0, str(folder))
        self.generate, self.verify, self.naive = (
            _module(folder, name) for name in ("generate", "verify", "naive")
        )

    def make(self, seed: int, shape: str, **options: Any) -> dict[str, Any]:
        made: dict[str, Any] = json.loads(json.dumps(self.generate.make(seed, shape=shape, **options)))
        return made

    def baseline(self, made: dict[str, Any], seconds: float) -> Result:
        if len(made["plans"]) == 1:
            (found,), _ = self.naive.place_by_place(made, seconds, 2)
            status = found["status"]
            return Result(found.get("cost"), status in ("optimal", "infeasible"), status == "infeasible")
        plans, _ = self.naive.Naive(made).solve(seconds, 2)
        costs = [each.get("cost") for each in plans]
        total = None if None in costs else sum(costs)
        return Result(total, all(each["status"] == "optimal" for each in plans))

    def faults(self, made: dict[str, Any], problem: Problem, answer: Answer) -> list[str]:
        judge, *_ = self.verify.judge_answer(made, json.loads(json.dumps(answers.to_json(answer))))
        return [*super().faults(made, problem, answer), *judge.broken]


def _module(folder: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, folder / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made

"""Several plans in one clinic: one after another, each the best that the ones before it leave."""

from coordinator.scheduling.answer import PlanAnswer
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.solving import Run


def solve(problem: Problem, run: Run) -> tuple[tuple[PlanAnswer, ...], int]:
    raise NotImplementedError

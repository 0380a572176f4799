"""The two judges, ``rules`` and the bench's own, say the same of every answer, good or broken.

``COORDINATOR_MORE=10`` takes ten times as many clinics; left out where the bench is not there.
"""

import copy
import json
import os
import random
from collections.abc import Iterator
from typing import Any

import pytest

from coordinator.scheduling import answer, engine, problem_file, rules
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.problem import Placement, Problem

from .changes import Case, change
from .test_bench import _bench, module  # noqa: F401 - the fixture goes with the module

MORE = int(os.environ.get("COORDINATOR_MORE", "1"))
CHANGES = 120

ODD = [(shape, seed) for shape in ("hostile", "wild") for seed in range(1, 14 * MORE + 1)]
USUAL: list[tuple[str, dict[str, Any]]] = [
    ("programme", {"days": 120, "turnover": 10}),
    ("assessment", {"days": 30, "locations": 2, "zone": "Pacific/Apia"}),
    ("injection", {"days": 120, "load": 0.4}),
    ("random", {"days": 90}),
    ("assessment", {"days": 20, "plans": 4, "load": 0.5}),
]


class Bench:
    """The bench's judge for one problem."""

    def __init__(self, made: dict[str, Any]) -> None:
        self.made, self.judge = made, module("verify").Judge(made)

    def says(self, given: list[dict[str, Any]]) -> tuple[list[str], list[Any]]:
        """What is broken, and the cost of each plan with its parts."""
        self.judge.broken, self.judge.taken = [], type(self.judge.taken)(list)
        plans = {plan["id"]: plan for plan in self.made["plans"]}
        costs = [self.judge.plan(plans[got["id"]], got) for got in given]
        self.judge.double_use()
        return self.judge.broken, costs


def proposals(given: list[dict[str, Any]]) -> Iterator[Proposal]:
    """The answered plans as the core knows them."""
    for got in given:
        steps = {
            key: Placement(start=placed["start"], uses=tuple(tuple(names) for names in placed["uses"]))
            for key, placed in got["steps"].items()
        }
        yield Proposal(plan=got["id"], location=got["location"], steps=steps)


def agreed(problem: Problem, bench: Bench, given: list[dict[str, Any]]) -> bool:
    """Whether nothing is broken, as both judges say, who also name the same cost."""
    proposed = list(proposals(given))
    found = list(rules.violations(problem, *proposed))
    broken, costs = bench.says(given)
    assert bool(found) == bool(broken), (found, broken, given)
    for proposal, said in zip(proposed, costs, strict=True) if not broken else ():
        cost = rules.cost(problem, proposal)
        assert (cost.total, cost.units()) == said, given
    return not broken


def clinic(shape: str, seed: int, **options: Any) -> dict[str, Any]:
    """A problem file of the bench."""
    generate = module("generate")
    odd = shape in ("hostile", "wild")
    made = getattr(generate, shape)(seed) if odd else generate.make(seed, shape=shape, **options)
    read: dict[str, Any] = json.loads(json.dumps(made))
    return read


def answered(made: dict[str, Any]) -> list[dict[str, Any]]:
    """The plans with what the engine answers; what it cannot place is put anywhere."""
    found = engine.solve(problem_file.from_json(made), seconds=3, reasons=False)
    written = json.loads(json.dumps(answer.to_json(found)))
    placed = {got["id"]: got for got in written["plans"] if "steps" in got}
    return [placed.get(plan["id"]) or anywhere(plan, made) for plan in made["plans"]]


def anywhere(plan: dict[str, Any], made: dict[str, Any]) -> dict[str, Any]:
    """A plan with all its steps at the first tick, by whoever comes first."""
    place = plan["locations"][0]
    able: dict[str, str] = {}
    for each in made["resources"]:
        able |= dict.fromkeys(each["capabilities"], each["id"]) if each["location"] == place else {}
    steps = {}
    for step in plan["steps"]:
        needs = [[need["all"][0] for need in phase["needs"]] for phase in step["phases"]]
        steps[step["id"]] = {
            "start": 0,
            "uses": [[able.get(can, "nobody") for can in some] for some in needs],
        }
    return {"id": plan["id"], "location": place, "steps": steps}


def judge_changes(made: dict[str, Any], times: int) -> int:
    """How many of so many changed answers are still good; the judges agree on all of them."""
    problem, bench, found, good = problem_file.from_json(made), Bench(made), answered(made), 0
    plans = {plan["id"]: plan for plan in made["plans"]}
    agreed(problem, bench, found)
    for turn in range(times):
        rnd, other = random.Random(turn), copy.deepcopy(found)
        for got in rnd.sample(other, 1 if rnd.random() < 0.7 else len(other)):
            change(rnd, Case(made, plans[got["id"]], got))
        good += agreed(problem, bench, other)
    return good


@pytest.mark.parametrize(("shape", "seed"), ODD)
def test_the_judges_agree_on_small_odd_clinics(shape: str, seed: int) -> None:
    judge_changes(clinic(shape, seed), CHANGES)


@pytest.mark.parametrize(("shape", "options"), USUAL)
def test_the_judges_agree_on_usual_clinics(shape: str, options: dict[str, Any]) -> None:
    assert judge_changes(clinic(shape, 1, **options), CHANGES * MORE) > CHANGES // 20

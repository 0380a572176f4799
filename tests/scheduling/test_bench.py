"""The core beside the bench's own judge and its textbook model; left out where the bench is not there."""

import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from coordinator.scheduling import answer, engine, problem_file

BENCH = Path(__file__).parents[3] / "shared" / "bench"


@pytest.fixture(scope="module", autouse=True)
def _bench() -> Iterator[None]:
    if not BENCH.is_dir():
        if os.environ.get("COORDINATOR_DEMAND_ALL") == "1":
            pytest.fail(f"no bench at {BENCH}")
        pytest.skip("the bench is not beside the repository")
    sys.path.insert(0, str(BENCH))
    yield
    sys.path.remove(str(BENCH))


def module(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, BENCH / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    made = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def judged(made: dict[str, Any], **options: Any) -> answer.Answer:
    """The answer, after the bench's judge found nothing broken in it."""
    found = engine.solve(problem_file.from_json(made), **options)
    written = json.loads(json.dumps(answer.to_json(found)))
    judge, *_ = module("verify").judge_answer(made, written)
    assert judge.broken == []
    return found


ODD = [*((shape, seed) for shape in ("hostile", "wild") for seed in range(1, 9)), ("wild", 10), ("wild", 119)]


@pytest.mark.parametrize(("shape", "seed"), ODD)
def test_small_odd_clinics_have_the_textbook_models_optimum(shape: str, seed: int) -> None:
    generate, naive = module("generate"), module("naive")
    made = json.loads(json.dumps(getattr(generate, shape)(seed)))
    found = judged(made, alternatives=5)
    if len(made["plans"]) > 1:
        _, bound = naive.leave_out(made, 60, 1)
        assert bound is None or (found.bound is not None and found.bound <= bound)
        return
    (reference,), bound = naive.place_by_place(made, 60, 1)
    assert reference["status"] == found.plans[0].status
    assert bound == found.bound


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ("assessment", {"days": 42}),
        ("assessment", {"days": 42, "locations": 3}),
        ("injection", {"days": 120, "load": 0.4}),
        ("programme", {"days": 120, "turnover": 10}),
        ("random", {"days": 90}),
    ],
)
def test_usual_plans_are_proven(shape: str, options: dict[str, Any]) -> None:
    made = json.loads(json.dumps(module("generate").make(1, shape=shape, **options)))
    assert judged(made, seconds=60).plans[0].status in ("optimal", "infeasible")


@pytest.mark.parametrize("seconds", [0.005, 0.02, 0.1])
@pytest.mark.parametrize(("shape", "seed"), [("wild", 8), ("wild", 14), ("hostile", 3)])
def test_a_search_that_is_stopped_states_only_what_is_true(shape: str, seed: int, seconds: float) -> None:
    made = json.loads(json.dumps(getattr(module("generate"), shape)(seed)))
    best = judged(made, seconds=60)
    stopped = judged(made, seconds=seconds, alternatives=3)
    if best.bound is not None and stopped.bound is not None:
        assert stopped.bound <= best.bound


@pytest.mark.parametrize("seconds", [0.003, 0.01, 0.02, 0.04])
@pytest.mark.parametrize("shape", ["programme", "random", "rehabilitation"])
def test_a_usual_plan_that_is_stopped_is_not_called_proven(shape: str, seconds: float) -> None:
    made = json.loads(json.dumps(module("generate").make(4, shape=shape, days=84, load=0.6)))
    best, stopped = judged(made, seconds=60).plans[0], judged(made, seconds=seconds, alternatives=2).plans[0]
    assert best.status == "optimal"
    assert stopped.status != "infeasible"
    assert stopped.status != "optimal" or stopped.cost == best.cost
    assert (stopped.bound or 0) <= (best.cost or 0)


def test_a_batch_is_placed_without_using_anything_twice() -> None:
    made = json.loads(json.dumps(module("generate").make(1, days=60, plans=6, shape="assessment", load=0.5)))
    assert any(each.placed for each in judged(made).plans)

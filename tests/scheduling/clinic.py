"""Small whole problems for the tests of the core; a test names only what it is about."""

from typing import Any

from coordinator.scheduling import problem_file
from coordinator.scheduling.problem import Problem

DAY = 1440
WEIGHTS = {"finish_day": 100, "visit_day": 300, "wait_minute": 1, "preference": 50, "continuity": 150,
           "location_rank": 400, "moved": 250, "reassigned": 20, "unplaced": 30_000}  # fmt: skip


def free(*days: int, begin: int = 540, end: int = 1020) -> list[list[int]]:
    """The same hours on some days, in minutes of UTC."""
    return [[day * DAY + begin, day * DAY + end] for day in days]


def resource(key: str, *capabilities: str, at: str = "north", **more: Any) -> dict[str, Any]:
    """A resource that is free in office hours of the first four days."""
    made = {"id": key, "location": at, "capabilities": list(capabilities), "free": free(0, 1, 2, 3)}
    return made | {"is" if name == "same_as" else name: value for name, value in more.items()}


def need(*capabilities: str, **more: Any) -> dict[str, Any]:
    """One need; ``label`` stands for the file's ``as``."""
    return {"all": list(capabilities)} | {
        "as" if name == "label" else name: value for name, value in more.items()
    }


def phase(minutes: int, *needs: Any, **more: Any) -> dict[str, Any]:
    """One phase; a need that is text is one capability."""
    return {"minutes": minutes, "needs": [need(n) if isinstance(n, str) else n for n in needs]} | more


def step(key: str, *phases: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One step."""
    return {"id": key, "phases": list(phases)} | more


def link(one: str, other: str, **more: Any) -> dict[str, Any]:
    """One link."""
    return {"from": one, "to": other} | more


def plan(*steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One plan, at north unless it says otherwise."""
    return {"id": "plan", "locations": ["north"], "steps": list(steps)} | more


def a_file(*plans: dict[str, Any], resources: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A problem file of four days in UTC."""
    return {
        "format": "coordinator-problem/1",
        "start": "2026-03-02T00:00:00+00:00",
        "minutes": 4 * DAY,
        "grid": 30,
        "weights": WEIGHTS,
        "locations": [{"id": "north", "timezone": "UTC"}, {"id": "south", "timezone": "UTC"}],
        "resources": resources,
        "plans": list(plans),
    } | more


def a_problem(*plans: dict[str, Any], resources: list[dict[str, Any]], **more: Any) -> Problem:
    """The same as a Problem."""
    return problem_file.from_json(a_file(*plans, resources=resources, **more))

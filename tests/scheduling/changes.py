"""Small changes to the steps of an answer, by a seed: most break a rule, some only its price."""

import copy
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .clinic import DAY


@dataclass(frozen=True)
class Case:
    """A problem file, a plan of it, and what was answered for the plan."""

    problem: dict[str, Any]
    plan: dict[str, Any]
    answer: dict[str, Any]

    @property
    def steps(self) -> dict[str, Any]:
        """The answered steps."""
        steps: dict[str, Any] = self.answer["steps"]
        return steps

    def any_key(self, rnd: random.Random) -> str:
        """The name of one answered step."""
        return rnd.choice(sorted(self.steps))

    def any_step(self, rnd: random.Random) -> dict[str, Any]:
        """One answered step."""
        step: dict[str, Any] = self.steps[self.any_key(rnd)]
        return step


Change = Callable[[random.Random, Case], None]


def change(rnd: random.Random, case: Case) -> None:
    """Change the answer in place, in one to three ways."""
    for each in rnd.choices(CHANGES, k=rnd.choice((1, 1, 1, 2, 3))):
        each(rnd, case)


def _shift(rnd: random.Random, case: Case) -> None:
    by = rnd.choice((1, case.problem["grid"], 60, DAY - 60, DAY, DAY + 60, 2 * DAY)) * rnd.choice((-1, 1))
    case.any_step(rnd)["start"] += by


def _shift_all(rnd: random.Random, case: Case) -> None:
    by = rnd.choice((case.problem["grid"], DAY - 30, DAY, 7 * DAY)) * rnd.choice((-1, 1))
    for step in case.steps.values():
        step["start"] += by


def _to_an_edge(rnd: random.Random, case: Case) -> None:
    """To where something begins or ends: the horizon, the plan, a window, someone's free time."""
    key, grid = case.any_key(rnd), case.problem["grid"]
    asked = next((step for step in case.plan["steps"] if step["id"] == key), case.plan["steps"][0])
    length = sum(phase["minutes"] for phase in asked["phases"])
    spans = [*asked.get("windows", []), *case.plan.get("free", []),
             *rnd.choice(case.problem["resources"])["free"]]  # fmt: skip
    edges = [
        0,
        case.problem["minutes"],
        case.plan.get("earliest", 0),
        *(end for span in spans for end in span),
    ]
    where = rnd.choice(edges) - rnd.choice((0, length)) + rnd.choice((0, 0, grid, -grid))
    case.steps[key]["start"] = where if rnd.random() < 0.3 else where // grid * grid


def _swap_starts(rnd: random.Random, case: Case) -> None:
    one, other = case.any_step(rnd), case.any_step(rnd)
    one["start"], other["start"] = other["start"], one["start"]


def _at_once(rnd: random.Random, case: Case) -> None:
    case.any_step(rnd)["start"] = case.any_step(rnd)["start"]


def _another(rnd: random.Random, case: Case) -> None:
    """Another resource for one need: mostly one that can do the same there."""
    used = [names for step in case.steps.values() for names in step["uses"] if names]
    if not used:
        return
    names = rnd.choice(used)
    index = rnd.randrange(len(names))
    resources = {each["id"]: each for each in case.problem["resources"]}
    before = resources.get(names[index], case.problem["resources"][0])
    alike = [key for key, each in resources.items() if each["location"] == before["location"]
             and set(each["capabilities"]) & set(before["capabilities"])]  # fmt: skip
    names[index] = rnd.choice([*alike, *alike, rnd.choice(sorted(resources)), "nobody"])


def _swap_resources(rnd: random.Random, case: Case) -> None:
    one, other = case.any_step(rnd), case.any_step(rnd)
    one["uses"], other["uses"] = other["uses"], one["uses"]


def _misshape(rnd: random.Random, case: Case) -> None:
    uses = case.any_step(rnd)["uses"]
    for index in rnd.sample(range(len(uses)), min(1, len(uses))):
        names = uses[index]
        uses[index] = rnd.choice(([], names[::-1], [*names, "nobody"], names * 2, names[:-1]))
    if rnd.random() < 0.3:
        uses[len(uses) // 2 :] = rnd.choice(([], [[]], uses))


def _elsewhere(rnd: random.Random, case: Case) -> None:
    case.answer["location"] = rnd.choice([*(each["id"] for each in case.problem["locations"]), "nowhere"])


def _other_steps(rnd: random.Random, case: Case) -> None:
    key = case.any_key(rnd)
    if len(case.steps) > 1 and rnd.random() < 0.5:
        del case.steps[key]
    else:
        case.steps["one more"] = case.steps[key]


def _as_booked(rnd: random.Random, case: Case) -> None:
    for key, was in case.plan.get("booked", {}).items():
        if key in case.steps and rnd.random() < 0.7:
            part = rnd.choice(("start", "uses"))
            case.steps[key] = case.steps[key] | copy.deepcopy(rnd.choice((was, {part: was[part]})))


CHANGES: list[Change] = [_shift, _shift, _shift_all, _to_an_edge, _to_an_edge, _swap_starts, _at_once,
                         _another, _another, _another, _swap_resources, _misshape, _elsewhere, _other_steps,
                         _as_booked]  # fmt: skip

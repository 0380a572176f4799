"""What the core answers: proposals with their cost and bound, alternatives, reasons; and their JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from coordinator.scheduling import writing
from coordinator.scheduling.problem import Placement

FORMAT = "coordinator-answer/1"
PLACED = ("optimal", "feasible")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A whole plan with times and resources, in one location."""

    plan: str
    location: str
    steps: Mapping[str, Placement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a proposal costs: the units of each part, and the total at the problem's weights."""

    finish_day: int = 0
    visit_day: int = 0
    wait_minute: int = 0
    preference: int = 0
    continuity: int = 0
    location_rank: int = 0
    moved: int = 0
    reassigned: int = 0
    total: int = 0

    def units(self) -> dict[str, int]:
        """The units of each part, without the total."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "total"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """By how many units of one part of the cost an alternative is better or worse than the first."""

    what: str
    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another proposal, the best of its ``kind`` where ``bound`` is its cost."""

    kind: str
    proposal: Proposal
    cost: int
    bound: int
    better: tuple[Change, ...] = ()
    worse: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One rule of a smallest set that cannot be kept together."""

    step: str
    rule: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """What was found for one plan. ``bound`` is proven: nothing costs less."""

    plan: str
    status: str
    proposal: Proposal | None = None
    cost: int | None = None
    bound: int | None = None
    alternatives: tuple[Alternative, ...] = ()
    why: tuple[Reason, ...] = ()
    repairs: tuple[Mapping[str, Any], ...] = ()

    @property
    def placed(self) -> bool:
        """Whether there is a proposal."""
        return self.status in PLACED


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The answer to a whole problem; ``bound`` is the proven bound of the total."""

    seconds: float
    plans: tuple[PlanAnswer, ...]
    bound: int | None = None

    def plan(self, key: str) -> PlanAnswer:
        """What was found for the plan of that key."""
        return next(each for each in self.plans if each.plan == key)


def to_json(answer: Answer) -> dict[str, Any]:
    """The answer file."""
    made: dict[str, Any] = {"format": FORMAT, "seconds": answer.seconds}
    if answer.bound is not None:
        made["bound"] = answer.bound
    return made | {"plans": [_plan_to_json(each) for each in answer.plans]}


def from_json(obj: Mapping[str, Any]) -> Answer:
    """The answer in a parsed answer file. Raises KeyError or TypeError where it is none; the core wrote it."""
    plans = tuple(_plan_from_json(each) for each in obj["plans"])
    return Answer(seconds=obj["seconds"], bound=obj.get("bound"), plans=plans)


def _steps_to_json(proposal: Proposal) -> dict[str, Any]:
    return {key: writing.placement(placed) for key, placed in proposal.steps.items()}


def _plan_to_json(found: PlanAnswer) -> dict[str, Any]:
    made: dict[str, Any] = {"id": found.plan, "status": found.status}
    if found.proposal is not None:
        made |= {"location": found.proposal.location, "cost": found.cost}
    if found.bound is not None:
        made["bound"] = found.bound
    if found.proposal is not None:
        made["steps"] = _steps_to_json(found.proposal)
    made["alternatives"] = [_alternative_to_json(each) for each in found.alternatives]
    made["why"] = [
        {"step": each.step, "rule": each.rule, "text": each.text, "facts": dict(each.facts)}
        for each in found.why
    ]
    return made | {"repairs": [dict(each) for each in found.repairs]}


def _alternative_to_json(other: Alternative) -> dict[str, Any]:
    return {
        "kind": other.kind,
        "location": other.proposal.location,
        "cost": other.cost,
        "bound": other.bound,
        "steps": _steps_to_json(other.proposal),
        "better": [{"what": each.what, "by": each.by} for each in other.better],
        "worse": [{"what": each.what, "by": each.by} for each in other.worse],
    }


def _proposal(plan: str, obj: Mapping[str, Any]) -> Proposal | None:
    if "steps" not in obj:
        return None
    steps = {
        key: Placement(start=placed["start"], uses=tuple(tuple(names) for names in placed["uses"]))
        for key, placed in obj["steps"].items()
    }
    return Proposal(plan=plan, location=obj["location"], steps=steps)


def _plan_from_json(obj: Mapping[str, Any]) -> PlanAnswer:
    return PlanAnswer(
        plan=obj["id"],
        status=obj["status"],
        proposal=_proposal(obj["id"], obj),
        cost=obj.get("cost"),
        bound=obj.get("bound"),
        alternatives=tuple(_alternative(obj["id"], each) for each in obj.get("alternatives", ())),
        why=tuple(Reason(**each) for each in obj.get("why", ())),
        repairs=tuple(obj.get("repairs", ())),
    )


def _alternative(plan: str, obj: Mapping[str, Any]) -> Alternative:
    proposal = _proposal(plan, obj)
    assert proposal is not None
    changes = {side: tuple(Change(**each) for each in obj[side]) for side in ("better", "worse")}
    return Alternative(kind=obj["kind"], proposal=proposal, cost=obj["cost"], bound=obj["bound"], **changes)

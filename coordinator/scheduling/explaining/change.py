"""A change of a plan, or of a resource, that would make the plan fit; and the merge patch that says it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from coordinator.scheduling import writing
from coordinator.scheduling.problem import Plan, Problem, Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would be different. ``size`` tells small changes from large ones: minutes of somebody's time, more or less.

    ``text`` is a sentence without its end: ``Let mri follow exam within 20 days instead of 14``.
    """

    word: str
    text: str
    size: int
    plan: Plan
    resources: tuple[Resource, ...] = ()


def apply(problem: Problem, change: Change) -> Problem:
    """The problem with a change; what is known of all other resources stays known."""
    new = {each.key: each for each in change.resources}
    made = replace(
        problem,
        plans=tuple(change.plan if each.key == change.plan.key else each for each in problem.plans),
        resources=tuple(new.get(each.key, each) for each in problem.resources),
    )
    made.__dict__["openings"] = problem.openings.without(new) if new else problem.openings
    return made


def patch(problem: Problem, change: Change) -> dict[str, Any]:
    """The merge patch (RFC 7386) of a problem's plan and resources."""
    key, made = change.plan.key, dict[str, Any]()
    if plan := _differing(writing.plan(problem.plan[key]), writing.plan(change.plan)):
        made["plans"] = {key: plan}
    if change.resources:
        made["resources"] = {
            each.key: _differing(writing.resource(problem.resource[each.key]), writing.resource(each))
            for each in change.resources
        }
    return made


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The patch that makes the one of the other: what is gone is null."""
    gone = {name: None for name in old if name not in new}
    return gone | {name: value for name, value in new.items() if name not in old or old[name] != value}


def both(one: Change, other: Change) -> Change:
    """Two changes, of which the second was made on top of the first."""
    new = {each.key: each for each in (*one.resources, *other.resources)}
    return Change(
        word=one.word if one.word == other.word else f"{one.word}+{other.word}",
        text=f"{one.text}, and {other.text[:1].lower()}{other.text[1:]}",
        size=one.size + other.size,
        plan=other.plan,
        resources=tuple(new.values()),
    )

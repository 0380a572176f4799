"""What a placed step takes: which resource from when to when, and the patient's time."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.days import Days
from coordinator.scheduling.problem import Placement, Plan, Problem, Step


@dataclass(frozen=True, slots=True)
class Claim:
    """One resource taken for one stretch of minutes, set-up and cleaning included."""

    resource: str
    start: int
    end: int


def thing(problem: Problem, name: str) -> tuple[str, str]:
    """What a resource's name stands for; one that is gone stands for itself."""
    resource = problem.resource.get(name)
    return ("id", name) if resource is None else resource.thing


def of_step(step: Step, placed: Placement) -> Iterator[Claim]:
    """The claims of one step: a resource's phases, set-up before its first, cleaning after its last."""
    spans: dict[str, list[tuple[int, int, int, int]]] = defaultdict(list)
    for phase, offset, names in zip(step.phases, step.offsets(), placed.uses, strict=True):
        start = placed.start + offset
        for need, name in zip(phase.needs, names, strict=True):
            spans[name].append((start, start + phase.minutes, need.before, need.after))
    for name, used in spans.items():
        last = len(used) - 1
        for index, (start, end, before, after) in enumerate(used):
            yield Claim(name, start - (before if index == 0 else 0), end + (after if index == last else 0))


def with_patient(step: Step, start: int) -> Iterator[tuple[int, int]]:
    """The phases in which the patient is there."""
    for phase, offset in zip(step.phases, step.offsets(), strict=True):
        if phase.patient:
            yield start + offset, start + offset + phase.minutes


def visits(plan: Plan, proposal: Proposal, days: Days) -> dict[int, list[tuple[int, int]]]:
    """The phases with the patient on site, by the date on which they start."""
    by_date: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for step in plan.steps:
        if not step.remote:
            for start, end in with_patient(step, proposal.steps[step.key].start):
                by_date[days.ordinal(start)].append((start, end))
    return by_date


def things_of(
    problem: Problem, proposal: Proposal, steps: Iterable[str], capability: str
) -> set[tuple[str, str]]:
    """The things with a capability that some steps use."""
    names = {name for key in steps for used in proposal.steps[key].uses for name in used}
    found = (problem.resource[name] for name in names if name in problem.resource)
    return {resource.thing for resource in found if capability in resource.capabilities}

"""Each rule judged on finished proposals, in words; nothing here knows how they were found."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from operator import itemgetter
from typing import Any

from coordinator.scheduling import claims, days
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.costs import cost
from coordinator.scheduling.days import Days
from coordinator.scheduling.problem import Link, Plan, Problem, Series, Step

__all__ = ["Violation", "cost", "violations"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One rule that a proposal breaks: at which step (``-``: the plan), in words, and the facts behind them."""

    step: str
    rule: str
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One proposal beside its plan, with what every rule asks of it."""

    problem: Problem
    plan: Plan
    proposal: Proposal
    days: Days
    minutes: Mapping[str, int]
    """The length of each step."""

    def start(self, key: str) -> int:
        return self.proposal.steps[key].start

    def day(self, key: str) -> int:
        return self.days.ordinal(self.start(key))

    def wall(self, minute: int) -> str:
        return f"{self.days.wall(minute):%Y-%m-%d %H:%M}"


def violations(problem: Problem, *proposals: Proposal) -> Iterator[Violation]:
    """Every rule that the proposals break, alone or together (one thing, one patient, twice at once)."""
    together = []
    for proposal in proposals:
        plan = problem.plan[proposal.plan]
        wrong = list(_shape(problem, plan, proposal))
        yield from wrong
        if not wrong:
            calendar, minutes = (
                days.of(problem, proposal.location),
                {each.key: each.minutes for each in plan.steps},
            )
            case = Case(problem, plan, proposal, calendar, minutes)
            together.append(case)
            for rule in RULES:
                yield from rule(case)
    yield from _nothing_twice(together)


def _shape(problem: Problem, plan: Plan, proposal: Proposal) -> Iterator[Violation]:
    """The proposal answers this plan: its steps, its phases, a resource for each need, an acceptable location."""
    if proposal.location not in plan.locations:
        yield Violation(
            step="-", rule="location", text=f"{proposal.location} is not acceptable for this plan"
        )
    if set(proposal.steps) != {step.key for step in plan.steps}:
        yield Violation(step="-", rule="shape", text="the proposal's steps are not the plan's steps")
        return
    for step in plan.steps:
        asked = [len(phase.needs) for phase in step.phases]
        if asked != [len(names) for names in proposal.steps[step.key].uses]:
            yield Violation(step=step.key, rule="shape", text="not one resource for each need of each phase")


def on_the_grid(case: Case) -> Iterator[Violation]:
    """A step starts on the grid, not before the plan's earliest, and ends within the horizon."""
    for step in case.plan.steps:
        start = case.start(step.key)
        if start % case.problem.grid or start < 0 or start + step.minutes > case.problem.minutes:
            yield Violation(step=step.key, rule="no-time", text="is off the grid or outside the horizon")
        if start < case.plan.earliest:
            text = f"starts {case.wall(start)}, before the plan may begin at {case.wall(case.plan.earliest)}"
            yield Violation(step=step.key, rule="no-time", text=text)


def in_its_windows(case: Case) -> Iterator[Violation]:
    """A step with windows lies in one of them as a whole."""
    for step in case.plan.steps:
        start = case.start(step.key)
        end = start + step.minutes
        if step.windows is not None and not any(low <= start and end <= high for low, high in step.windows):
            yield Violation(step=step.key, rule="window", text=f"{case.wall(start)} is outside its windows")


def can_do_it(case: Case) -> Iterator[Violation]:
    """Each need has one resource, at the location, with all its capabilities; a label is one resource."""
    for step in case.plan.steps:
        labelled: dict[str, str] = {}
        for phase, names in zip(step.phases, case.proposal.steps[step.key].uses, strict=True):
            for need, name in zip(phase.needs, names, strict=True):
                resource = case.problem.resource.get(name)
                if resource is None or resource.location != case.proposal.location:
                    text = f"{name} is not at {case.proposal.location}"
                    yield Violation(step=step.key, rule="no-resource", text=text)
                elif not resource.capabilities.issuperset(need.capabilities):
                    text = f"{name} is no {' and '.join(need.capabilities)}"
                    yield Violation(step=step.key, rule="no-resource", text=text)
                if need.label is not None and labelled.setdefault(need.label, name) != name:
                    text = f"{need.label} is both {labelled[need.label]} and {name}"
                    yield Violation(step=step.key, rule="no-resource", text=text)


def one_each(case: Case) -> Iterator[Violation]:
    """Within a phase the needs take different things."""
    for step in case.plan.steps:
        for names in case.proposal.steps[step.key].uses:
            things = [claims.thing(case.problem, name) for name in names]
            if len(set(things)) < len(things):
                text = f"one resource does the work of two at once: {', '.join(names)}"
                yield Violation(step=step.key, rule="no-resource", text=text)


def resources_are_free(case: Case) -> Iterator[Violation]:
    """A resource is free for what it is claimed for, set-up and cleaning too."""
    for step in case.plan.steps:
        for claim in claims.of_step(step, case.proposal.steps[step.key]):
            resource = case.problem.resource.get(claim.resource)
            inside = 0 <= claim.start and claim.end <= case.problem.minutes
            if resource is not None and not (inside and covers(resource.free, claim.start, claim.end)):
                text = f"{claim.resource} is not free from {case.wall(claim.start)} to {case.wall(claim.end)}"
                facts = {"resource": claim.resource, "from": claim.start, "to": claim.end}
                yield Violation(step=step.key, rule="no-time", text=text, facts=facts)


def patient_can_come(case: Case) -> Iterator[Violation]:
    """The phases with the patient lie in the patient's free time."""
    if case.plan.free is None:
        return
    for step in case.plan.steps:
        for start, end in claims.with_patient(step, case.start(step.key)):
            if not covers(case.plan.free, start, end):
                text = f"the patient cannot come from {case.wall(start)} to {case.wall(end)}"
                yield Violation(step=step.key, rule="patient", text=text)


def links_hold(case: Case) -> Iterator[Violation]:
    """A linked step starts after the other ends, as many minutes and days later as the link says."""
    for link in case.plan.links:
        yield from _link(case, link)


def _link(case: Case, link: Link) -> Iterator[Violation]:
    gap = case.start(link.then) - case.start(link.first) - case.minutes[link.first]
    if gap < 0:
        yield Violation(step=link.then, rule="link", text=f"starts before {link.first} ends")
    apart = case.day(link.then) - case.day(link.first)
    for unit, allowed, value in (("days", link.days, apart), ("minutes", link.minutes, gap)):
        if allowed is not None and not allowed.holds(value):
            most = "any" if allowed.most is None else allowed.most
            text = f"is {value} {unit} after {link.first}; allowed are {allowed.least} to {most}"
            facts = {
                "from": link.first,
                "to": link.then,
                unit: value,
                "allowed": [allowed.least, allowed.most],
            }
            yield Violation(step=link.then, rule="link", text=text, facts=facts)


def series_is_one(case: Case) -> Iterator[Violation]:
    """The resources of a hard series' capability are one and the same thing."""
    for series in case.plan.series:
        served = series_things(case.problem, case.proposal, series)
        if series.same and len(served) > 1:
            text = f"the series has {len(served)} different {series.capability}s, it asks for one"
            yield Violation(step=series.steps[0], rule="series", text=text)


def series_things(problem: Problem, proposal: Proposal, series: Series) -> set[tuple[str, str]]:
    """The things with the series' capability that its steps use."""
    return claims.things_of(problem, proposal, series.steps, series.capability)


def groups_meet(case: Case) -> Iterator[Violation]:
    """Steps of one ``same_day`` group start on one date."""
    for group in case.plan.same_day:
        if len({case.day(key) for key in group}) > 1:
            yield Violation(
                step=group[0], rule="same-day", text=f"is not on one date with {', '.join(group[1:])}"
            )


def groups_part(case: Case) -> Iterator[Violation]:
    """No two steps of one ``not_same_day`` group start on one date."""
    for group in case.plan.not_same_day:
        for one, other in combinations(group, 2):
            if case.day(one) == case.day(other):
                yield Violation(step=one, rule="not-same-day", text=f"is on the same date as {other}")


def days_are_short(case: Case) -> Iterator[Violation]:
    """From the first arrival to the last leaving of a date no longer than ``max_day_minutes``."""
    most = case.plan.max_day_minutes
    if most is None:
        return
    for day, spans in claims.visits(case.plan, case.proposal, case.days).items():
        length = max(end for _, end in spans) - min(start for start, _ in spans)
        if length > most:
            text = f"a date lasts {length} minutes, at most {most} are allowed"
            yield Violation(step="-", rule="day-length", text=text, facts={"date": day, "minutes": length})


def pinned_stay(case: Case) -> Iterator[Violation]:
    """A pinned step keeps location, start and resources."""
    for key in case.plan.pinned:
        moved = case.plan.booked_location != case.proposal.location
        if moved or case.plan.booked[key] != case.proposal.steps[key]:
            yield Violation(step=key, rule="pinned", text="is pinned, yet changed")


def covers(free: tuple[tuple[int, int], ...], start: int, end: int) -> bool:
    """Whether one of the sorted intervals holds all of ``start`` to ``end``."""
    before = bisect_right(free, start, key=itemgetter(0))
    return before > 0 and end <= free[before - 1][1]


def _nothing_twice(cases: list[Case]) -> Iterator[Violation]:
    """No thing, and no patient, is in two places at once, over all proposals."""
    taken: dict[tuple[str, str], list[tuple[int, int, Step]]] = defaultdict(list)
    for case in cases:
        for step in case.plan.steps:
            for claim in claims.of_step(step, case.proposal.steps[step.key]):
                taken[claims.thing(case.problem, claim.resource)].append((claim.start, claim.end, step))
            for start, end in claims.with_patient(step, case.start(step.key)):
                taken[case.plan.person].append((start, end, step))
    for (kind, name), spans in taken.items():
        spans.sort(key=lambda span: span[:2])
        reach, by = spans[0][0], ""
        for start, end, step in spans:
            if start < reach:
                rule = "patient" if kind in ("patient", "plan") else "no-time"
                who = "the patient" if rule == "patient" else name
                yield Violation(step=step.key, rule=rule, text=f"{who} is needed by {by} at the same time")
            if end > reach:
                reach, by = end, step.key


RULES = (
    on_the_grid, in_its_windows, can_do_it, one_each, resources_are_free, patient_can_come, links_hold,
    series_is_one, groups_meet, groups_part, days_are_short, pinned_stay,
)  # fmt: skip

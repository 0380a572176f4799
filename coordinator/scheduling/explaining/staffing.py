"""Who could help: another location, somebody who is there for some minutes more, somebody who does it too."""

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from coordinator.scheduling.explaining import hours, said
from coordinator.scheduling.explaining.change import Change
from coordinator.scheduling.explaining.easing import DAY, Easing
from coordinator.scheduling.explaining.scarcity import Allowed, absent, allowed
from coordinator.scheduling.problem import Plan, Problem, Resource
from coordinator.scheduling.roles import Role

FEW = 2  # resources that are asked to do something else


def elsewhere(easing: Easing) -> Iterator[Change]:
    """One of the clinic's other locations."""
    plan = easing.plan
    for place in easing.fitting.problem.locations:
        if place.key not in plan.locations:
            other = replace(plan, locations=(*plan.locations, place.key))
            if easing.fits(other):
                text = f"Let the plan be booked at {place.key}"
                yield Change(word="allow-location", text=text, size=DAY, plan=other)


def changes(easing: Easing, step: str) -> Iterator[Change]:
    """Changes of resources that would let a step be done when the rest of the plan allows it."""
    problem, plan = easing.fitting.problem, easing.plan
    alone = allowed(easing.fitting, plan, step, _without(easing, {step}))
    for place in alone:
        yield from hours.changes(plan, problem, place)
    for place in alone or allowed(easing.fitting, plan, step, _without(easing, _alike(easing, step))):
        for index, role in enumerate(place.roles):
            others = place.free([other for other in range(len(place.roles)) if other != index])
            yield from _able(plan, problem, place, role, others)


def _without(easing: Easing, steps: Container[str]) -> Plan:
    """The plan as if some steps needed nobody."""
    demands = easing.demands
    return demands.without(*(each for each in demands.all if each.rule == "resources" and each.step in steps))


def _alike(easing: Easing, step: str) -> set[str]:
    """The steps that ask for the same as a step, or lack what it lacks."""
    plan, missing = easing.plan, absent(easing.fitting.problem, easing.plan, step)
    asked = plan.step(step).phases
    return {
        each.key
        for each in plan.steps
        if each.phases == asked
        or (missing and any(need.capabilities == missing for phase in each.phases for need in phase.needs))
    }


def _able(plan: Plan, problem: Problem, place: Allowed, role: Role, ticks: int) -> Iterator[Change]:
    """Somebody of the location fills a role that only others can fill, or nobody."""
    asked = {capability for part in role.parts for capability in part.need.capabilities}
    might = []
    for each in _like(plan, problem, place, asked) if ticks else ():
        common = ticks
        for part in role.parts:
            common &= part.starts(each, problem.openings, place.ground.site.most, before=True, after=True)
        if common:
            akin = len(_words(each.capabilities) & _words(asked))
            might.append((-len(each.capabilities & asked), -akin, -common.bit_count(), each.key))
    for *_, key in sorted(might)[:FEW]:
        who = problem.resource[key]
        text = f"Let {key} work as {said.capabilities(sorted(asked - who.capabilities))} too"
        made = replace(who, capabilities=who.capabilities | asked)
        size = DAY if _words(who.capabilities) & _words(asked) else 2 * DAY
        yield Change(word="add-capability", text=text, size=size, plan=plan, resources=(made,))


def _words(capabilities: Iterable[str]) -> set[str]:
    """The words of names: a nurse is more like a recovery nurse than a dietitian is."""
    return {word for each in capabilities for word in each.split("-")}


def _like(plan: Plan, problem: Problem, place: Allowed, asked: set[str]) -> list[Resource]:
    """Who is of the same sort as those that are asked for, people or places, and is not one of them.

    People are told from places by what is asked of them: they come first in a phase, or serve a series. A name with a
    word in common will do too.
    """
    people = {each for step in plan.steps for phase in step.phases for need in phase.needs[:1]
              for each in need.capabilities} | {series.capability for series in plan.series}  # fmt: skip
    beside = {
        each
        for phase in plan.step(place.step).phases
        if any(asked & set(need.capabilities) for need in phase.needs)
        for need in phase.needs
        for each in need.capabilities
    }
    return [
        each
        for each in problem.resources
        if each.location == place.ground.site.location
        and not each.capabilities >= asked
        and (_words(each.capabilities) & _words(asked) or (asked & people and each.capabilities & people))
        and not each.capabilities & (beside - asked - people)
    ]

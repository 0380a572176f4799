"""A batch over several locations at once: one task a location, on whatever executor the caller has."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import replace

from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.batch.floors import Floors
from coordinator.scheduling.problem import Plan, Problem


def proposals(
    problem: Problem, floors: Floors, executor: Executor, place: Callable[[Problem], list[Proposal]]
) -> Iterator[Proposal]:
    """Places for the plans, each found by ``place`` within one location, or within some that share people."""
    tasks: list[Future[list[Proposal]]] = []
    homes = _homes(problem, floors)
    for places in _coupled(problem):
        plans = tuple(_only_at(plan, places) for plan in problem.plans if homes[plan.key] in places)
        if plans:
            here = tuple(each for each in problem.resources if each.location in places)
            task = replace(problem, resources=here, plans=plans)
            tasks.append(executor.submit(place, task))
    for task_of_place in tasks:
        yield from task_of_place.result()


def _homes(problem: Problem, floors: Floors) -> dict[str, str]:
    """For each plan the location with the lowest floor."""
    return {
        plan.key: min(plan.locations, key=lambda place: floors.prospects[plan.key][place].bound)
        for plan in problem.plans
    }


def _coupled(problem: Problem) -> list[set[str]]:
    """The locations, those together that share a thing or a patient."""
    together = [{each.key} for each in problem.locations]
    shared: dict[object, set[str]] = {}
    for resource in problem.resources:
        shared.setdefault(resource.thing, set()).add(resource.location)
    for plan in problem.plans:
        if plan.patient is not None:
            shared.setdefault(plan.person, set()).update(plan.locations)
    for places in shared.values():
        met = [group for group in together if group & places]
        together = [group for group in together if group not in met] + [set().union(*met)]
    return [group for group in together if group]


def _only_at(plan: Plan, places: set[str]) -> Plan:
    """A plan that goes to some locations only."""
    return replace(plan, locations=tuple(place for place in plan.locations if place in places))

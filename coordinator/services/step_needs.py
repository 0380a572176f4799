"""What the steps of a plan need: the therapy's phases, what this patient needs besides, and turnover."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.models import Capability, Location, Patient, PlanStep, Resource
from coordinator.scheduling.problem import Need, Phase

Phases = Mapping[str, tuple[Phase, ...]]
"""The phases of each step, by the step's key."""


def interpreter(language: str) -> str:
    """The capability of those who interpret from and into a language."""
    return f"interpreter-{language}"


def phases_of(session: Session, patient: Patient, steps: Iterable[PlanStep]) -> Phases:
    """What each step needs; a patient who needs it gets step-free rooms and one interpreter throughout."""
    rooms = frozenset(session.scalars(select(Capability.key).where(Capability.kind == "room")))
    return {step.key: tuple(_phases(step, patient, rooms)) for step in steps}


def _phases(step: PlanStep, patient: Patient, rooms: frozenset[str]) -> Iterator[Phase]:
    for phase in step.therapy.phases if step.therapy else ():
        here = phase.get("patient", True)
        needs = [
            _need(need, rooms if here and patient.needs_step_free else frozenset()) for need in phase["needs"]
        ]
        if here and patient.interpreter_language:
            needs.append(Need(capabilities=(interpreter(patient.interpreter_language),), label="interpreter"))
        yield Phase(minutes=phase["minutes"], needs=tuple(needs), patient=here)


def _need(need: Mapping[str, Any], step_free: frozenset[str]) -> Need:
    capabilities = tuple(need["all"])
    if step_free.intersection(capabilities):
        capabilities += ("step-free",)
    return Need(
        capabilities=capabilities,
        label=need.get("as"),
        before=need.get("before", 0),
        after=need.get("after", 0),
    )


def capabilities(phases: Phases) -> set[str]:
    """Every capability that some need asks for."""
    return {
        key for each in phases.values() for phase in each for need in phase.needs for key in need.capabilities
    }


def with_turnover(session: Session, phases: Phases, locations: Collection[Location]) -> Phases:
    """The same, with set-up and cleaning as long as the slowest resource that could serve needs it.

    A need is met by any of a pool, so the longest turnover of the pool counts: never too little.
    """
    here = Resource.location_id.is_(None) | Resource.location_id.in_([each.id for each in locations])
    query = select(Resource).where(
        Resource.active, here, (Resource.setup_minutes > 0) | (Resource.cleaning_minutes > 0)
    )
    slow = [
        (frozenset(able.key for able in each.capabilities), each.setup_minutes, each.cleaning_minutes)
        for each in session.scalars(query.options(selectinload(Resource.capabilities)))
    ]

    def turned(need: Need) -> Need:
        fitting = [(before, after) for able, before, after in slow if able.issuperset(need.capabilities)]
        before = max([need.before, *(before for before, _ in fitting)])
        return replace(need, before=before, after=max([need.after, *(after for _, after in fitting)]))

    return {
        key: tuple(replace(phase, needs=tuple(map(turned, phase.needs))) for phase in each)
        for key, each in phases.items()
    }

"""Whom a step of a plan can be wished with: those of the team who can do what one of its roles asks."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.models import Capability, PlanStep, Practitioner


def able(
    session: Session, steps: Sequence[PlanStep], capabilities: Mapping[str, Capability]
) -> dict[str, tuple[Practitioner, ...]]:
    """By a step's key, those who could serve it, by name; no entry where it asks for nobody."""
    query = select(Practitioner).where(Practitioner.active).options(selectinload(Practitioner.capabilities))
    team = [
        (each, {capability.key for capability in each.capabilities})
        for each in session.scalars(query.order_by(Practitioner.name, Practitioner.id))
    ]
    found = {step.key: _serving(list(_roles(step, capabilities)), team) for step in steps if step.to_book}
    return {key: people for key, people in found.items() if people}


def _roles(step: PlanStep, capabilities: Mapping[str, Capability]) -> Iterator[set[str]]:
    """What is asked of the people of a step, one set for each of them."""
    for phase in step.therapy.phases if step.therapy else ():
        for need in phase["needs"]:
            if any(key in capabilities and capabilities[key].kind == "role" for key in need["all"]):
                yield set(need["all"])


def _serving(
    roles: Sequence[set[str]], team: Sequence[tuple[Practitioner, Collection[str]]]
) -> tuple[Practitioner, ...]:
    return tuple(each for each, can in team if any(role.issubset(can) for role in roles))

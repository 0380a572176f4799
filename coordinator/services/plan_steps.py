"""The steps of a plan as a page lists them: a series is one line, with people, minutes and gaps."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import Capability, PlanLink, PlanNote, PlanStep, TreatmentPlan
from coordinator.models.columns import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseLine:
    """One phase: how long, who is there, in what kind of room."""

    minutes: int
    people: tuple[Words, ...]
    places: tuple[Words, ...]
    patient: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How far a line follows another: calendar days from date to date, or minutes from end to start."""

    before: Words
    min_days: int | None
    max_days: int | None
    min_minutes: int | None
    max_minutes: int | None
    gate: Words | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """A step, or all steps of a series."""

    steps: tuple[PlanStep, ...]
    phases: tuple[PhaseLine, ...]
    after: tuple[Gap, ...]
    within: Gap | None
    """The gap between two steps of the series."""
    notes: tuple[PlanNote, ...]

    @property
    def step(self) -> PlanStep:
        """The first of them."""
        return self.steps[0]

    @property
    def discipline(self) -> str:
        """Of the therapy; none for a task."""
        return self.step.therapy.discipline if self.step.therapy else ""

    @property
    def minutes(self) -> int:
        """How long one of them lasts."""
        return sum(phase.minutes for phase in self.phases)


def capability_names(session: Session) -> dict[str, Capability]:
    """All capabilities by key."""
    return {each.key: each for each in session.scalars(select(Capability))}


def lines(plan: TreatmentPlan, capabilities: Mapping[str, Capability]) -> list[StepLine]:
    """All lines of a plan in order, those that are not booked too."""
    groups = groupby(plan.steps, key=lambda step: (step.pathway_step or step.key, step.to_book))
    together = [list(steps) for _, steps in groups]
    titles = {step.key: step.title for step in plan.steps}
    return [_line(steps, plan, titles, capabilities) for steps in together]


def _line(
    steps: Sequence[PlanStep],
    plan: TreatmentPlan,
    titles: Mapping[str, Words],
    capabilities: Mapping[str, Capability],
) -> StepLine:
    keys = {step.key for step in steps}
    own = {*keys, *(step.pathway_step for step in steps)}
    therapy = steps[0].therapy
    after = [
        gap(link, titles)
        for link in plan.links
        if link.after_key == steps[0].key and link.before_key not in keys
    ]
    within = (gap(link, titles) for link in plan.links if {link.before_key, link.after_key} <= keys)
    return StepLine(
        steps=tuple(steps),
        phases=tuple(_phase(each, capabilities) for each in therapy.phases) if therapy else (),
        after=tuple(after),
        within=next(within, None),
        notes=tuple(note for note in plan.notes if note.step_key in own),
    )


def gap(link: PlanLink, titles: Mapping[str, Words]) -> Gap:
    """How far one step of a link follows the other."""
    return Gap(
        before=titles.get(link.before_key, {}),
        min_days=link.min_days,
        max_days=link.max_days,
        min_minutes=link.min_minutes,
        max_minutes=link.max_minutes,
        gate=link.gate,
    )


def _phase(phase: Mapping[str, Any], capabilities: Mapping[str, Capability]) -> PhaseLine:
    wanted = [capabilities[key] for need in phase["needs"] for key in need["all"] if key in capabilities]
    return PhaseLine(
        minutes=phase["minutes"],
        people=_named(wanted, "role"),
        places=_named(wanted, "room", "place"),
        patient=phase.get("patient", True),
    )


def _named(capabilities: Iterable[Capability], *kinds: str) -> tuple[Words, ...]:
    found = {each.key: each.name for each in capabilities if each.kind in kinds}
    return tuple(found.values())

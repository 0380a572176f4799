"""Which steps a plan can do without, and how what is around them keeps its order."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from coordinator.files.drafts import DraftWaiver, LeftOut
from coordinator.files.pathways import PathwayFile, Step
from coordinator.files.patients import Study
from coordinator.files.values import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A link between two steps of a pathway, before series are unrolled; bounds as in DraftLink."""

    before: str
    after: str
    anchor: str = "end"
    min_days: int | None = None
    max_days: int | None = None
    min_minutes: int | None = None
    max_minutes: int | None = None
    gate: Text | None = None


def waiver(step: Step, studies: Iterable[Study], on: date) -> DraftWaiver | None:
    """The study on file that makes a step unnecessary on a day: the latest that is recent and reviewed."""
    wanted = step.waived_if
    if wanted is None:
        return None
    found = [study for study in recent(step, studies, on) if study.reviewed or wanted.needs is None]
    if not found:
        return None
    latest = max(found, key=lambda study: study.done_on)
    good_until = latest.done_on + timedelta(days=wanted.within_days)
    return DraftWaiver(step=step.key, study=latest.study, done_on=latest.done_on, good_until=good_until)


def recent(step: Step, studies: Iterable[Study], on: date) -> list[Study]:
    """The studies on file that are of the kind and age that would do for a step, reviewed or not."""
    wanted = step.waived_if
    if wanted is None:
        return []
    oldest = on - timedelta(days=wanted.within_days)
    return [study for study in studies if study.study == wanted.study and oldest <= study.done_on <= on]


def left_out(
    pathway: PathwayFile, *, waived: Collection[str], conditions: Collection[str], leave_out: Collection[str]
) -> Iterator[LeftOut]:
    """The steps that a plan does without, each with the reason that comes first."""
    for step in pathway.steps:
        if step.key in leave_out:
            yield LeftOut(step=step.key, why="choice")
        elif step.only_if is not None and step.only_if not in conditions:
            yield LeftOut(step=step.key, why="condition")
        elif step.key in waived:
            yield LeftOut(step=step.key, why="waived")


def edges(pathway: PathwayFile, conditions: Collection[str]) -> list[Edge]:
    """All links between the pathway's steps, those from days before another step among them."""
    links = [edge for step in pathway.steps for edge in _after(step)]
    for step in pathway.steps:
        if step.back_scheduled:
            days = hold_days(step, conditions)
            edge = Edge(before=step.key, after=step.back_scheduled.step, min_days=days, max_days=days)
            links.append(edge)
    return links


def hold_days(step: Step, conditions: Collection[str]) -> int | None:
    """How many days before the other step a back-scheduled one lies: the most that a condition asks for."""
    days_before = step.back_scheduled.days_before if step.back_scheduled else {}
    return max((days for condition, days in days_before.items() if condition in conditions), default=None)


def _after(step: Step) -> Iterator[Edge]:
    for after in step.after:
        same_day = (0, 0) if after.same_day else (None, None)
        yield Edge(
            before=after.step,
            after=step.key,
            anchor=after.anchor,
            min_days=after.days.least if after.days else same_day[0],
            max_days=0 if after.same_day else after.days.most if after.days else None,
            min_minutes=after.minutes.least if after.minutes else None,
            max_minutes=after.minutes.most if after.minutes else None,
            gate=after.gate,
        )


def bridged(links: Iterable[Edge], removed: Collection[str]) -> list[Edge]:
    """The links without the removed steps: what came before one still precedes what came after it.

    The gate of a lost link goes over to the link that takes its place.
    """
    kept = list(links)
    for step in removed:
        into = [edge for edge in kept if edge.after == step]
        out_of = [edge for edge in kept if edge.before == step]
        kept = [edge for edge in kept if step not in (edge.before, edge.after)]
        for first in into:
            for second in out_of:
                kept = _with_bridge(kept, first, second)
    return kept


def _with_bridge(kept: list[Edge], first: Edge, second: Edge) -> list[Edge]:
    gate = second.gate or first.gate
    for number, edge in enumerate(kept):
        if (edge.before, edge.after, edge.anchor) == (first.before, second.after, first.anchor):
            return [*kept[:number], replace(edge, gate=edge.gate or gate), *kept[number + 1 :]]
    return [*kept, Edge(before=first.before, after=second.after, anchor=first.anchor, gate=gate)]

"""Whether a pathway hangs together: steps that exist, no circles, bundles and series that can be kept."""

from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from coordinator.files.naming import all_unknown, repeated, therapy_capabilities, unknown, unknown_sources
from coordinator.files.pathways import Bundle, PathwayFile, Rule, Step
from coordinator.files.therapies import InlineTherapy
from coordinator.files.values import Fault

MOST_OCCURRENCES = 1000
"""How many appointments and tasks a pathway may come to."""


def faults(pathway: PathwayFile) -> Iterator[Fault]:
    """All that does not hang together within the file."""
    yield from repeated((step.key for step in pathway.steps), "steps")
    yield from repeated((bundle.key for bundle in pathway.bundles), "bundles")
    yield from repeated((therapy.key for therapy in pathway.own_therapies()), "therapies")
    yield from _occurrence_keys(pathway)
    for number, step in enumerate(pathway.steps):
        yield from _step(step, number, pathway)
    yield from _circle(pathway)
    for number, bundle in enumerate(pathway.bundles):
        yield from _bundle(bundle, number, pathway)
    for number, rule in enumerate(pathway.rules):
        yield from _rule(rule, number, pathway)
    yield from unknown_sources(pathway.model_dump(mode="json", by_alias=True), pathway.sources)


def unknown_to_clinic(
    pathway: PathwayFile, *, therapies: Collection[str], capabilities: Collection[str]
) -> Iterator[Fault]:
    """The therapies and capabilities that a pathway asks for and the clinic, given by keys, lacks."""
    own = {therapy.key for therapy in pathway.therapies}
    for number, therapy in enumerate(pathway.therapies):
        for key, place in therapy_capabilities(therapy, ("therapies", number)):
            yield from unknown("capability", key, capabilities, place)
    for number, step in enumerate(pathway.steps):
        yield from _step_in_clinic(step, number, {*own, *therapies}, capabilities)


def _step_in_clinic(
    step: Step, number: int, therapies: Collection[str], capabilities: Collection[str]
) -> Iterator[Fault]:
    place = ("steps", number)
    yield from all_unknown("capability", step.by, capabilities, (*place, "by"))
    if isinstance(step.therapy, str):
        yield from unknown("therapy", step.therapy, therapies, (*place, "therapy"))
    elif isinstance(step.therapy, InlineTherapy):
        for key, inner in therapy_capabilities(step.therapy, (*place, "therapy")):
            yield from unknown("capability", key, capabilities, inner)
    for at, same in enumerate(step.same_people_as):
        yield from unknown("capability", same.of, capabilities, (*place, "same_people_as", at, "of"))
    for name in ("same_practitioner", "same_room"):
        if step.series and (same_of := getattr(step.series, name)):
            yield from unknown("capability", same_of.of, capabilities, (*place, "series", name, "of"))


def _occurrence_keys(pathway: PathwayFile) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    total = sum(step.series.count if step.series else 1 for step in pathway.steps)
    if total > MOST_OCCURRENCES:
        yield Fault(("steps",), f"come to {total} appointments; a plan has at most {MOST_OCCURRENCES}")
    for number, step in enumerate(pathway.steps):
        for key in step.occurrences():
            if seen.get(key, step.key) != step.key:
                yield Fault(
                    ("steps", number, "key"), f"'{key}' would stand for '{seen[key]}' and '{step.key}'"
                )
            seen[key] = step.key


def _step(step: Step, number: int, pathway: PathwayFile) -> Iterator[Fault]:
    place = ("steps", number)
    known = [other.key for other in pathway.steps]
    for at, after in enumerate(step.after):
        yield from unknown("step", after.step, known, (*place, "after", at, "step"))
    for at, same in enumerate(step.same_people_as):
        yield from unknown("step", same.step, known, (*place, "same_people_as", at, "step"))
    if step.back_scheduled:
        yield from unknown("step", step.back_scheduled.step, known, (*place, "back_scheduled", "step"))
    if step.instead_of:
        yield from unknown("step", step.instead_of, known, (*place, "instead_of"))
    yield from _series(step, number)


def _series(step: Step, number: int) -> Iterator[Fault]:
    series, place = step.series, ("steps", number, "series")
    if series is None:
        return
    if series.consecutive and (series.days.least > 1 or series.days.most == 0):
        yield Fault(
            (*place, "consecutive"), "consecutive days are 1 day apart, and 'days' does not allow that"
        )
    crowded = series.count > (series.per_week or series.count)
    if crowded and series.days.most is not None and series.days.most * (series.per_week or 1) < 7:
        text = (
            f"{series.per_week} a week and at most {series.days.most} days between them cannot both be kept"
        )
        yield Fault((*place, "per_week"), text)
    if series.within_days and series.days.least * (series.count - 1) >= series.within_days:
        least = series.days.least * (series.count - 1)
        text = f"{series.count} times take at least {least} days, more than fit into {series.within_days}"
        yield Fault((*place, "within_days"), text)


def _circle(pathway: PathwayFile) -> Iterator[Fault]:
    before = {step.key: [after.step for after in step.after] for step in pathway.steps}
    for step in pathway.steps:
        if step.back_scheduled:
            before.setdefault(step.back_scheduled.step, []).append(step.key)
    for bundle in pathway.bundles:
        for one, other in pairwise(bundle.order if bundle.mode == "required" else ()):
            before.setdefault(other, []).append(one)
    try:
        TopologicalSorter(before).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        numbers = {step.key: number for number, step in enumerate(pathway.steps)}
        first = next((key for _, key in pairwise(circle) if key in numbers), circle[0])
        text = f"steps follow each other in a circle: {' → '.join(circle)}"
        yield Fault(("steps", numbers.get(first, 0), "after"), text)


def _bundle(bundle: Bundle, number: int, pathway: PathwayFile) -> Iterator[Fault]:
    place = ("bundles", number)
    known = [step.key for step in pathway.steps]
    yield from all_unknown("step", bundle.steps, known, (*place, "steps"))
    for at, key in enumerate(bundle.order):
        if key not in bundle.steps:
            yield Fault((*place, "order", at), f"'{key}' is none of the bundle's steps")
    counts = {len(step.occurrences()) for step in pathway.steps if step.key in bundle.steps}
    if bundle.mode == "required" and len(counts) > 1:
        yield Fault((*place, "steps"), "a required bundle needs series of the same count")


def _rule(rule: Rule, number: int, pathway: PathwayFile) -> Iterator[Fault]:
    place = ("rules", number)
    known = [step.key for step in pathway.steps]
    yield from all_unknown("step", rule.steps, known, (*place, "steps"))
    yield from all_unknown("step", rule.before, known, (*place, "before"))
    if rule.of:
        yield from unknown("step", rule.of, known, (*place, "of"))
    if rule.bundle:
        yield from unknown("bundle", rule.bundle, [one.key for one in pathway.bundles], (*place, "bundle"))

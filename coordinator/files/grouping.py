"""Which steps of a plan belong together: on one day, on different days, with one practitioner or room."""

from collections.abc import Iterator, Mapping, Sequence

from coordinator.files.drafts import DraftGroup, GroupKind
from coordinator.files.pathways import PathwayFile, Rule, Same, Step
from coordinator.files.unrolling import bundled


def groups(pathway: PathwayFile, steps: Sequence[Step]) -> Iterator[DraftGroup]:
    """What belongs together: days of bundles, days kept apart, one practitioner or room for several steps."""
    keys = {step.key: step.occurrences() for step in steps}
    for bundle in pathway.bundles:
        if bundle.mode == "required":
            for day in bundled(bundle, keys):
                yield DraftGroup(kind="same_day", steps=tuple(day.values()))
    for rule in pathway.rules:
        yield from _apart(rule, keys)
    for step in steps:
        for same in (step.series.same_practitioner, step.series.same_room) if step.series else ():
            if same:
                yield DraftGroup(kind=_strength(same), capability=same.of, steps=keys[step.key])
    yield from _same_people(steps, keys)


def _strength(same: Same) -> GroupKind:
    return "series_same" if same.strength == "required" else "series_wished"


def _apart(rule: Rule, keys: Mapping[str, Sequence[str]]) -> Iterator[DraftGroup]:
    if rule.kind == "not-same-day":
        ones = [key for step in rule.steps for key in keys.get(step, ())]
        others = [key for step in rule.others for key in keys.get(step, ())]
        for one in ones:
            for other in others:
                yield DraftGroup(kind="not_same_day", steps=(one, other))


def _same_people(steps: Sequence[Step], keys: Mapping[str, Sequence[str]]) -> Iterator[DraftGroup]:
    """One group for all steps that are tied to each other for a capability, directly or through others."""
    together: dict[str, list[set[str]]] = {}
    for step in steps:
        for same in step.same_people_as:
            sets = together.setdefault(same.of, [])
            joined = [one for one in sets if one & {step.key, same.step}]
            together[same.of] = [
                *(one for one in sets if one not in joined),
                {step.key, same.step}.union(*joined),
            ]
    for capability, sets in together.items():
        for tied in sets:
            members = tuple(key for step in keys if step in tied for key in keys[step])
            if len(members) > 1:
                yield DraftGroup(kind="series_same", capability=capability, steps=members)


def max_day_minutes(pathway: PathwayFile, steps: Sequence[Step]) -> int | None:
    """The longest a day of the plan may last for the patient, from arrival to leaving."""
    present = {step.key for step in steps}
    bundles = {
        bundle.key: bundle
        for bundle in pathway.bundles
        if bundle.mode == "required" and len(present.intersection(bundle.steps)) > 1
    }
    limits = [bundle.max_day_minutes for bundle in bundles.values()]
    limits += [
        rule.minutes for rule in pathway.rules if rule.kind == "max-day-span" and rule.bundle in bundles
    ]
    return min((limit for limit in limits if limit is not None), default=None)

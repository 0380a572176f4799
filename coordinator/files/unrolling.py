"""Steps and links of a plan from those of a pathway: series spelt out, bundles and rules as links."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise

from coordinator.errors import Refusal
from coordinator.files.drafts import DraftLink, DraftStep
from coordinator.files.leaving_out import Edge
from coordinator.files.pathways import Bundle, PathwayFile, Rule, Series, Step
from coordinator.files.values import Text


def draft_steps(pathway: PathwayFile, steps: Iterable[Step]) -> Iterator[DraftStep]:
    """Every step, each of a series by itself."""
    for step in steps:
        keys = step.occurrences()
        for position, key in enumerate(keys, 1):
            yield DraftStep(
                key=key,
                step=step.key,
                title=pathway.title_of(step),
                therapy_key=pathway.therapy_key(step),
                position=position,
                of=len(keys),
                optional=step.optional,
                task=step.task,
                by=step.by,
                remote=step.remote,
                weekdays_only=bool(step.series and step.series.weekdays_only),
                valid_for_days=step.valid_for_days,
                hard_max=step.hard_max,
                blood_thinner_check=step.blood_thinner_check,
                region=step.region,
                side=step.side,
                joint=step.joint,
                preparations=step.preparations,
                note=step.note,
            )


def links(pathway: PathwayFile, steps: Sequence[Step], edges: Iterable[Edge]) -> tuple[DraftLink, ...]:
    """All links between the plan's steps, one for a pair.

    Raises Refusal where two links between the same steps leave no time.
    """
    keys = {step.key: step.occurrences() for step in steps}
    found = [_between(edge, keys) for edge in edges]
    for step in steps:
        if step.series:
            found.extend(_series(step.series, keys[step.key]))
    for bundle in pathway.bundles:
        found.extend(_bundle(bundle, keys))
    for rule in pathway.rules:
        found.extend(_rule(rule, keys))
    found.extend(_gaps(pathway, steps, found))
    return _one_for_a_pair(found)


def _between(edge: Edge, keys: Mapping[str, Sequence[str]]) -> DraftLink:
    return DraftLink(
        before=keys[edge.before][0 if edge.anchor == "first" else -1],
        after=keys[edge.after][0],
        min_days=edge.min_days,
        max_days=edge.max_days,
        min_minutes=edge.min_minutes,
        max_minutes=edge.max_minutes,
        gate=edge.gate,
    )


def _series(series: Series, keys: Sequence[str]) -> Iterator[DraftLink]:
    """From each to the next; ``n`` a week as a week from each to the n-th after it; all within so many days.

    Days are counted with both ends: twelve visits in 90 days have at most 89 days from the first to the last.
    """
    least, most = (1, 1) if series.consecutive else (series.days.least, series.days.most)
    for one, other in pairwise(keys):
        yield DraftLink(before=one, after=other, min_days=least, max_days=most)
    if series.per_week:
        for one, other in zip(keys, keys[series.per_week :], strict=False):
            yield DraftLink(before=one, after=other, min_days=7)
    if series.within_days:
        yield DraftLink(before=keys[0], after=keys[-1], max_days=series.within_days - 1)


def bundled(bundle: Bundle, keys: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """For each day of a bundle, the keys of its steps that are in the plan; none for a single step."""
    present = [step for step in bundle.steps if step in keys]
    if len(present) < 2:
        return []
    days = zip(*(keys[step] for step in present), strict=False)
    return [dict(zip(present, day, strict=True)) for day in days]


def _bundle(bundle: Bundle, keys: Mapping[str, Sequence[str]]) -> Iterator[DraftLink]:
    if bundle.mode != "required":
        return
    for day in bundled(bundle, keys):
        for one, other in pairwise([day[step] for step in bundle.order if step in day]):
            most = bundle.max_idle_minutes
            yield DraftLink(before=one, after=other, min_minutes=0, max_minutes=most)


def _rule(rule: Rule, keys: Mapping[str, Sequence[str]]) -> Iterator[DraftLink]:
    if rule.of is None or rule.of not in keys:
        return
    for after in (step for step in rule.before if step in keys):
        if rule.kind == "validity":
            yield DraftLink(before=keys[rule.of][-1], after=keys[after][-1], max_days=rule.days)
        elif rule.kind == "min-trial" and rule.hours:
            yield DraftLink(before=keys[rule.of][-1], after=keys[after][0], min_minutes=rule.hours * 60)


def _gaps(pathway: PathwayFile, steps: Sequence[Step], known: Sequence[DraftLink]) -> Iterator[DraftLink]:
    """The least days between treatments of a kind, where the plan already says which comes first."""
    for rule in pathway.rules:
        if rule.kind != "min-gap":
            continue
        alike: dict[tuple[str | None, ...], list[str]] = {}
        for step in steps:
            if step.key in rule.steps:
                alike.setdefault(_where(step, rule), []).extend(step.occurrences())
        for keys in alike.values():
            for one, other in neighbours(keys, known):
                yield DraftLink(before=one, after=other, min_days=rule.days)


def _where(step: Step, rule: Rule) -> tuple[str | None, ...]:
    return (
        step.region if rule.same_region or rule.per == "region" else None,
        step.side if rule.same_side else None,
        step.joint if rule.per == "joint" else None,
    )


def neighbours(keys: Sequence[str], known: Iterable[DraftLink]) -> Iterator[tuple[str, str]]:
    """The pairs of keys of which the first comes before the other by the links, with none between."""
    after: dict[str, set[str]] = {}
    for link in known:
        after.setdefault(link.before, set()).add(link.after)
    later = {key: _reached(key, after) & set(keys) for key in keys}
    for one in keys:
        covered: set[str] = set()
        nearest_first = sorted(
            (key for key in keys if key in later[one]), key=lambda key: len(later[key]), reverse=True
        )
        for other in nearest_first:
            if other not in covered:
                yield one, other
            covered |= later[other]


def _reached(start: str, after: Mapping[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = after.get(waiting.pop(), set()) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _one_for_a_pair(found: Iterable[DraftLink]) -> tuple[DraftLink, ...]:
    pairs: dict[tuple[str, str], DraftLink] = {}
    for link in found:
        pair = (link.before, link.after)
        pairs[pair] = _both(pairs[pair], link) if pair in pairs else link
    return tuple(pairs.values())


def _both(one: DraftLink, other: DraftLink) -> DraftLink:
    both = replace(
        one,
        min_days=_most(one.min_days, other.min_days),
        max_days=_least(one.max_days, other.max_days),
        min_minutes=_most(one.min_minutes, other.min_minutes),
        max_minutes=_least(one.max_minutes, other.max_minutes),
        gate=_gates(one.gate, other.gate),
    )
    for least, most in ((both.min_days, both.max_days), (both.min_minutes, both.max_minutes)):
        if least is not None and most is not None and least > most:
            text = "From {before} to {after} two rules leave no time: at least {least}, at most {most}."
            raise Refusal(text, before=one.before, after=one.after, least=least, most=most)
    return both


def _most(one: int | None, other: int | None) -> int | None:
    return max((bound for bound in (one, other) if bound is not None), default=None)


def _least(one: int | None, other: int | None) -> int | None:
    return min((bound for bound in (one, other) if bound is not None), default=None)


def _gates(one: Text | None, other: Text | None) -> Text | None:
    if one is None or other is None or one == other:
        return one or other
    return Text(en=f"{one.en}; {other.en}", es=f"{one.es}; {other.es}")

"""What a plan asks of people because no link enforces it, in words for a coordinator."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from coordinator.files.drafts import DraftNote
from coordinator.files.leaving_out import Edge, hold_days, recent
from coordinator.files.note_words import WORDS
from coordinator.files.pathways import Bundle, PathwayFile, Rule, Step
from coordinator.files.patients import Study
from coordinator.files.values import Text

ENFORCED_KINDS = {"max-day-span", "min-trial", "validity"}
"""Rules that are links or limits of the plan."""


def notes(
    pathway: PathwayFile,
    steps: Sequence[Step],
    edges: Iterable[Edge],
    *,
    conditions: Collection[str],
    studies: Iterable[Study],
    on: date,
) -> Iterator[DraftNote]:
    """Every rule, gate and wish of the plan that somebody has to see to, the pathway's status first."""
    titles = {step.key: _title(pathway, step) for step in pathway.steps}
    present = {step.key for step in steps}
    yield DraftNote(kind="status", text=pathway.status)
    for edge in edges:
        if edge.gate:
            yield _note("gate", edge.after, titles, gate=edge.gate, earlier=titles[edge.before])
    for step in steps:
        yield from _of_step(pathway, step, titles, present)
        yield from _of_day_before(step, titles, conditions)
        yield from _not_reviewed(step, titles, studies, on)
    for bundle in pathway.bundles:
        yield from _of_bundle(bundle, titles, present)
    for rule in pathway.rules:
        yield from _of_rule(rule, steps, titles)


def _title(pathway: PathwayFile, step: Step) -> Text:
    words = _spaced(step.key)
    return pathway.title_of(step) or Text(en=words, es=words)


def _note(kind: str, step: str | None, titles: Mapping[str, Text], **facts: object) -> DraftNote:
    """A note from the words of its kind; facts that are texts are put in each language."""
    words = WORDS[kind]
    if step is not None:
        facts = {"title": titles[step]} | facts
    english = words.en.format(**{name: _said(fact, "en") for name, fact in facts.items()})
    spanish = words.es.format(**{name: _said(fact, "es") for name, fact in facts.items()})
    plain = {name: fact for name, fact in facts.items() if fact != "" and not isinstance(fact, Text)}
    return DraftNote(
        kind=kind, step=step, text=Text(en=_sentence(english), es=_sentence(spanish)), facts=plain
    )


def _spaced(keys: str) -> str:
    return keys.replace("-", " ")


def _sentence(words: str) -> str:
    return (words[:1].upper() + words[1:]).rstrip()


def _said(fact: object, language: str) -> object:
    return fact.in_language(language) if isinstance(fact, Text) else fact


def _all_titles(keys: Iterable[str], titles: Mapping[str, Text]) -> Text | str:
    found = [titles[key] for key in keys]
    if not found:
        return ""
    return Text(en="; ".join(title.en for title in found), es="; ".join(title.es for title in found))


def _of_step(
    pathway: PathwayFile, step: Step, titles: Mapping[str, Text], present: Collection[str]
) -> Iterator[DraftNote]:
    if step.note:
        yield DraftNote(kind="remark", step=step.key, text=step.note)
    if step.optional:
        yield _note("optional", step.key, titles)
    if step.valid_for_days is not None:
        yield _note("valid-for", step.key, titles, days=step.valid_for_days)
    if step.blood_thinner_check:
        yield _note("blood-thinner-check", step.key, titles)
    if step.hard_max:
        yield _note("hard-max", step.key, titles)
    if step.instead_of in present:
        yield _note("instead-of", step.key, titles, other=titles[str(step.instead_of)])
    if step.series and step.series.same_time:
        yield _note("same-time", step.key, titles, strength=step.series.same_time)
    yield from _background(pathway, step, titles)


def _background(pathway: PathwayFile, step: Step, titles: Mapping[str, Text]) -> Iterator[DraftNote]:
    own = {therapy.key: therapy for therapy in pathway.own_therapies()}
    therapy = own.get(pathway.therapy_key(step) or "")
    for background in therapy.background if therapy else ():
        facts = {"role": background.role, "at_most": background.at_most}
        yield _note("background", step.key, titles, role_name=_spaced(background.role), **facts)


def _of_day_before(
    step: Step, titles: Mapping[str, Text], conditions: Collection[str]
) -> Iterator[DraftNote]:
    if step.back_scheduled is None or step.back_scheduled.step not in titles:
        return
    other = titles[step.back_scheduled.step]
    known = sorted(condition for condition in step.back_scheduled.days_before if condition in conditions)
    days = hold_days(step, conditions)
    if days is None:
        choices = ", ".join(
            f"{_spaced(name)} {days}" for name, days in step.back_scheduled.days_before.items()
        )
        yield _note("days-before-unknown", step.key, titles, other=other, choices=choices)
    elif len(known) > 1:
        yield _note(
            "days-before-longest", step.key, titles, other=other, days=days, conditions=", ".join(known)
        )


def _not_reviewed(
    step: Step, titles: Mapping[str, Text], studies: Iterable[Study], on: date
) -> Iterator[DraftNote]:
    found = recent(step, studies, on)
    if step.waived_if and found:
        latest = max(study.done_on for study in found)
        facts = {"done_on": latest.isoformat(), "needs": step.waived_if.needs or step.waived_if.study}
        yield _note("not-reviewed", step.key, titles, **facts)


def _of_bundle(bundle: Bundle, titles: Mapping[str, Text], present: Collection[str]) -> Iterator[DraftNote]:
    steps = [step for step in bundle.steps if step in present]
    if len(steps) < 2:
        return
    facts = {"bundle": bundle.key, "steps": _all_titles(bundle.order or steps, titles)}
    if bundle.mode == "wished":
        kind = "wished-order" if bundle.order else "wished-bundle"
        yield _note(kind, None, titles, weight=bundle.weight or "medium", **facts)
    if bundle.max_idle_minutes is not None and (bundle.mode == "wished" or not bundle.order):
        yield _note("bundle-idle", None, titles, minutes=bundle.max_idle_minutes, **facts)


def _of_rule(rule: Rule, steps: Sequence[Step], titles: Mapping[str, Text]) -> Iterator[DraftNote]:
    named = {*rule.steps, *((rule.of,) if rule.of else ())}
    here = [step for step in steps if step.key in named]
    if rule.enforced_by or rule.kind in ENFORCED_KINDS or (named and not here):
        return
    facts = {
        name: value
        for name in ("days", "hours", "minutes", "at_least", "at_most", "window_days", "percent", "per")
        if (value := getattr(rule, name)) is not None
    }
    counted = [step for step in here if step.key in rule.steps]
    yield _note(
        rule.kind,
        here[0].key if len(here) == 1 else None,
        {step.key: titles[step.key] for step in here},
        steps=_all_titles((step.key for step in counted), titles),
        others=rule.others_name or _spaced(", ".join(rule.others)),
        before=_all_titles((step for step in rule.before if step in titles), titles),
        of=titles[rule.of] if rule.of else "",
        where=_where(rule),
        level=rule.level or "",
        remark=rule.note or "",
        planned=sum(len(step.occurrences()) for step in counted),
        **facts,
    )


def _where(rule: Rule) -> Text | str:
    if rule.same_side:
        return Text(en=" on the same side of the same region", es=" en el mismo lado de la misma región")
    place = rule.per or ("region" if rule.same_region else None)
    if place is None:
        return ""
    spanish = {"region": "región", "joint": "articulación", "body-region": "región del cuerpo"}
    english = place.replace("-", " ")
    return Text(en=f" in the same {english}", es=f" en la misma {spanish.get(place, english)}")

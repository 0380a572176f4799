"""What a pathway comes to for one patient, written into the rows of a plan."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import Refusal
from coordinator.files.drafts import DraftLink, DraftStep, PlanDraft
from coordinator.files.expand import expand
from coordinator.files.pathways import PathwayFile
from coordinator.files.patients import Study as StudyOnFile
from coordinator.models import (
    GroupKind,
    Pathway,
    Patient,
    PlanGroup,
    PlanLink,
    PlanNote,
    PlanStep,
    Study,
    Therapy,
    TreatmentPlan,
)


def empty(session: Session, plan: TreatmentPlan) -> None:
    """Take all rows out of a draft, before it is written anew."""
    plan.steps, plan.links, plan.groups, plan.notes = [], [], [], []
    session.flush()


def fill(
    session: Session, plan: TreatmentPlan, patient: Patient, pathway: Pathway, leave_out: Collection[str]
) -> None:
    """Write the pathway, as it comes to for this patient, into the plan."""
    document = PathwayFile.model_validate(pathway.document)
    studies = [
        StudyOnFile(study=each.study, done_on=each.done_on, reviewed=each.reviewed)
        for each in patient.studies
    ]
    draft = expand(
        document, conditions=patient.conditions, studies=studies, on=plan.earliest, leave_out=leave_out
    )
    plan.max_day_minutes = draft.max_day_minutes
    therapies = {therapy.key: therapy for therapy in session.scalars(select(Therapy))}
    rows = [_step(each, therapies) for each in draft.steps]
    rows += _not_booked(document, draft, therapies, patient.studies)
    order = {step.key: number for number, step in enumerate(document.steps)}
    rows.sort(key=lambda row: (order[row.pathway_step or row.key], row.number or 0))
    for position, row in enumerate(rows, start=1):
        row.position = position
    plan.steps = rows
    plan.links = [_link(each) for each in draft.links]
    plan.groups = [
        PlanGroup(kind=GroupKind(each.kind), capability=each.capability, step_keys=list(each.steps))
        for each in draft.groups
    ]
    plan.notes = [
        PlanNote(kind=each.kind, step_key=each.step, text=each.text.model_dump(), facts=_plain(each.facts))
        for each in draft.notes
    ]


def _step(draft: DraftStep, therapies: Mapping[str, Therapy]) -> PlanStep:
    therapy = _therapy(therapies, draft.therapy_key)
    title = draft.title.model_dump() if draft.title else (therapy.name if therapy else {"en": draft.key})
    return PlanStep(
        key=draft.key,
        pathway_step=draft.step,
        title=title,
        therapy_id=therapy.id if therapy else None,
        number=draft.position if draft.of > 1 else None,
        of=draft.of if draft.of > 1 else None,
        optional=draft.optional,
        task=draft.task,
        remote=draft.remote if draft.remote is not None else bool(therapy and therapy.remote),
        weekdays_only=draft.weekdays_only,
        preparations=None
        if draft.preparations is None
        else [p.model_dump(mode="json") for p in draft.preparations],
        facts=_facts(draft),
    )


def _therapy(therapies: Mapping[str, Therapy], key: str | None) -> Therapy | None:
    if key is None:
        return None
    if key not in therapies:
        raise Refusal("The pathway needs the therapy {key}, which the clinic does not have.", key=key)
    return therapies[key]


def _facts(draft: DraftStep) -> dict[str, Any]:
    facts = {
        "by": list(draft.by),
        "region": draft.region,
        "side": draft.side,
        "joint": draft.joint,
        "valid_for_days": draft.valid_for_days,
        "hard_max": draft.hard_max,
        "blood_thinner_check": draft.blood_thinner_check,
        "note": draft.note.model_dump() if draft.note else None,
    }
    return {name: fact for name, fact in facts.items() if fact}


def _not_booked(
    document: PathwayFile, draft: PlanDraft, therapies: Mapping[str, Therapy], studies: Sequence[Study]
) -> list[PlanStep]:
    """Steps that the plan does without, each with its reason: shown, never dropped."""
    waivers = {waiver.step: waiver for waiver in draft.waivers}
    rows = []
    for gone in draft.left_out:
        step = document.step(gone.step)
        therapy = _therapy(therapies, document.therapy_key(step))
        title = step.title.model_dump() if step.title else (therapy.name if therapy else {"en": step.key})
        row = PlanStep(
            key=step.key, pathway_step=step.key, title=title, optional=step.optional, task=step.task
        )
        row.therapy_id = therapy.id if therapy else None
        if waiver := waivers.get(gone.step):
            found = (each for each in studies if (each.study, each.done_on) == (waiver.study, waiver.done_on))
            row.waived_by_id, row.waived_until = next(found).id, waiver.good_until
        else:
            row.left_out = gone.why
        if step.only_if:
            row.facts = {"only_if": step.only_if}
        rows.append(row)
    return rows


def _link(draft: DraftLink) -> PlanLink:
    return PlanLink(
        before_key=draft.before,
        after_key=draft.after,
        min_days=draft.min_days,
        max_days=draft.max_days,
        min_minutes=draft.min_minutes,
        max_minutes=draft.max_minutes,
        gate=draft.gate.model_dump() if draft.gate else None,
    )


def _plain(facts: Mapping[str, object]) -> dict[str, Any]:
    """Facts as JSON can hold them: dates and tuples as text and lists."""
    return {
        name: list(fact)
        if isinstance(fact, tuple)
        else fact
        if isinstance(fact, str | int | list | dict)
        else str(fact)
        for name, fact in facts.items()
        if fact is not None
    }

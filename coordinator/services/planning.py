"""Drafting a treatment plan from a pathway or by hand, changing the draft, approving it."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from coordinator import times
from coordinator.database import begin_writing
from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import (
    Location,
    Pathway,
    Patient,
    PlanLink,
    PlanState,
    PlanStep,
    Practitioner,
    Therapy,
    TreatmentPlan,
)
from coordinator.services import drafting, trail
from coordinator.services.trail import Actor

APPROVERS = frozenset({"pain-physician", "interventional-physician", "implanting-physician"})
"""Capabilities of those who may approve a plan: its physicians."""
MOST_YEARS = 5
"""So far ahead a plan may begin: a later date is a slip of the pen."""


def load(session: Session, plan_id: int, *, lock: bool = False) -> TreatmentPlan:
    """A plan with its steps, links, groups, notes and patient; ``lock``: nobody else changes it meanwhile.

    Raises NotFound.
    """
    query = (
        select(TreatmentPlan)
        .where(TreatmentPlan.id == plan_id)
        .options(
            selectinload(TreatmentPlan.steps).selectinload(PlanStep.therapy),
            selectinload(TreatmentPlan.steps).joinedload(PlanStep.waived_by),
            selectinload(TreatmentPlan.steps).joinedload(PlanStep.preferred),
            selectinload(TreatmentPlan.links),
            selectinload(TreatmentPlan.groups),
            selectinload(TreatmentPlan.notes),
            joinedload(TreatmentPlan.patient),
            joinedload(TreatmentPlan.pathway),
            joinedload(TreatmentPlan.approved_by),
        )
        .execution_options(populate_existing=True)
    )
    if lock:
        query = query.with_for_update(of=TreatmentPlan)
    plan = session.scalars(query).one_or_none()
    if plan is None:
        raise NotFound("There is no such plan.")
    return plan


def lock(session: Session, plan: TreatmentPlan) -> bool:
    """Have nobody else change a plan that was loaded before; whether it is still as it was loaded.

    What has changed of the plan's own row is read again; its version tells whether steps and links are what they were.
    """
    before = plan.version
    session.refresh(plan, ["state", "version"], with_for_update={"of": TreatmentPlan})
    return plan.version == before


def draft_from_pathway(
    session: Session,
    *,
    patient_id: int,
    pathway_id: int,
    earliest: date | None,
    locations: Sequence[str] | None = None,
    leave_out: Collection[str] = (),
    by: Actor,
    now: datetime,
) -> TreatmentPlan:
    """A new draft: the pathway's steps for this patient, less what studies on file or conditions make unnecessary.

    Raises NotFound for a patient or pathway that is not there, Refusal for a location that is not, or a date
    more than ``MOST_YEARS`` ahead.
    """
    begin_writing(session)
    patient = _patient(session, patient_id)
    pathway = session.get(Pathway, pathway_id)
    if pathway is None or not pathway.active:
        raise NotFound("There is no such pathway.")
    plan = _new_plan(session, patient, earliest, locations, now)
    plan.pathway_id, plan.title = pathway.id, pathway.title
    drafting.fill(session, plan, patient, pathway, leave_out)
    session.add(plan)
    session.flush()
    trail.record(session, by, "draft", "plan", plan.id, now, pathway=pathway.key)
    session.commit()
    return load(session, plan.id)


def draft_by_hand(
    session: Session,
    *,
    patient_id: int,
    title: str,
    therapy_keys: Sequence[str],
    earliest: date | None,
    locations: Sequence[str] | None = None,
    by: Actor,
    now: datetime,
) -> TreatmentPlan:
    """A new draft made of therapies, each after the one before it.

    Raises Refusal where none or an unknown is named, or a date more than ``MOST_YEARS`` ahead.
    """
    begin_writing(session)
    known = {therapy.key: therapy for therapy in session.scalars(select(Therapy))}
    if not therapy_keys or not title.strip():
        raise Refusal("A plan needs a title and at least one therapy.")
    if unknown := [key for key in therapy_keys if key not in known]:
        raise Refusal("There is no therapy called {key}.", key=unknown[0])
    plan = _new_plan(session, _patient(session, patient_id), earliest, locations, now)
    plan.title = {"en": title.strip()[:200]}
    chosen = [known[key] for key in therapy_keys]
    for position, therapy in enumerate(chosen, start=1):
        step = PlanStep(key=f"{position}-{therapy.key}"[:100], title=therapy.name, position=position)
        step.therapy_id, step.remote = therapy.id, therapy.remote
        plan.steps.append(step)
    for one, other in zip(plan.steps, plan.steps[1:], strict=False):
        plan.links.append(PlanLink(before_key=one.key, after_key=other.key))
    session.add(plan)
    session.flush()
    trail.record(session, by, "draft", "plan", plan.id, now)
    session.commit()
    return load(session, plan.id)


def leave_out_step(
    session: Session, plan_id: int, step_key: str, *, out: bool, version: int, by: Actor, now: datetime
) -> TreatmentPlan:
    """Leave a pathway's step (all of a series) out of a draft, or take it in again; order and wishes of others stay.

    Raises Refusal for a plan by hand or one that is booked, Conflict where the plan has changed since it was read.
    """
    plan = _draft(session, plan_id, version)
    if plan.pathway is None:
        raise Refusal(
            "Steps can be left out of plans that follow a pathway. Draft this plan again without the step."
        )
    step = next((step for step in plan.steps if step.key == step_key), None)
    if step is None or step.pathway_step is None:
        raise NotFound("There is no such step.")
    chosen = {each.pathway_step or each.key for each in plan.steps if each.left_out == "choice"}
    chosen = chosen | {step.pathway_step} if out else chosen - {step.pathway_step}
    wishes = {each.key: each.preferred_id for each in plan.steps}
    drafting.empty(session, plan)
    patient = _patient(session, plan.patient_id)
    drafting.fill(session, plan, patient, plan.pathway, chosen)
    for each in plan.steps:
        each.preferred_id = wishes.get(each.key)
    _back_to_draft(plan)
    trail.record(session, by, "leave-out" if out else "take-in", "plan", plan.id, now, step=step_key)
    session.commit()
    return load(session, plan.id)


def prefer(
    session: Session,
    plan_id: int,
    step_key: str,
    *,
    practitioner_id: int | None,
    version: int,
    by: Actor,
    now: datetime,
) -> TreatmentPlan:
    """Wish for a practitioner for one step (all of a series), or take the wish back.

    The approval stays: a wish changes no step. Raises NotFound, Refusal, Conflict.
    """
    plan = _draft(session, plan_id, version)
    step = next((step for step in plan.steps if step.key == step_key), None)
    if step is None or (practitioner_id and session.get(Practitioner, practitioner_id) is None):
        raise NotFound("There is no such step or practitioner.")
    for each in plan.steps:
        if each is step or (step.pathway_step and each.pathway_step == step.pathway_step):
            each.preferred_id = practitioner_id
    trail.record(session, by, "prefer", "plan", plan.id, now, step=step_key, practitioner=practitioner_id)
    session.commit()
    return load(session, plan.id)


def approve(
    session: Session, plan_id: int, *, practitioner_id: int, version: int, by: Actor, now: datetime
) -> TreatmentPlan:
    """Note that a physician approves the plan as it is. Raises Refusal for somebody who is no physician."""
    plan = _draft(session, plan_id, version)
    query = select(Practitioner).where(Practitioner.id == practitioner_id)
    physician = session.scalars(query.options(selectinload(Practitioner.capabilities))).one_or_none()
    if physician is None:
        raise NotFound("There is no such practitioner.")
    if not physician.active or not APPROVERS & {capability.key for capability in physician.capabilities}:
        raise Refusal("Only a physician can approve a plan; {name} is none.", name=physician.name)
    plan.state = PlanState.APPROVED
    plan.approved_by_id, plan.approved_at = physician.id, now
    trail.record(session, by, "approve", "plan", plan.id, now, practitioner=physician.id)
    session.commit()
    return load(session, plan.id)


def _patient(session: Session, patient_id: int) -> Patient:
    query = select(Patient).where(Patient.id == patient_id).options(selectinload(Patient.studies))
    patient = session.scalars(query).one_or_none()
    if patient is None:
        raise NotFound("There is no such patient.")
    return patient


def _new_plan(
    session: Session, patient: Patient, earliest: date | None, locations: Sequence[str] | None, now: datetime
) -> TreatmentPlan:
    known = session.execute(select(Location.key, Location.timezone).order_by(Location.position)).all()
    wanted = list(locations or patient.preferred_locations)
    if unknown := [key for key in wanted if key not in {row.key for row in known}]:
        raise Refusal("There is no location called {key}.", key=unknown[0])
    if not known:
        raise Refusal("No clinic has been set up yet. Import a clinic file first.")
    if not locations:
        wanted += [row.key for row in known if row.key not in wanted]
    today = times.local_date(now, times.zone(known[0].timezone))
    first = max(earliest or today, today)
    if first.year > today.year + MOST_YEARS:
        raise Refusal("{day} is more than {years} years ahead.", day=first.isoformat(), years=MOST_YEARS)
    return TreatmentPlan(patient_id=patient.id, locations=wanted, earliest=first, created_at=now)


def _draft(session: Session, plan_id: int, version: int) -> TreatmentPlan:
    """The plan, ready to be changed: as the page showed it, and not booked yet."""
    begin_writing(session)
    plan = load(session, plan_id, lock=True)
    if plan.version != version:
        raise Conflict("This plan has changed since you opened it. Look at it again.")
    if plan.state not in {PlanState.DRAFT, PlanState.APPROVED}:
        raise Refusal("This plan is booked or cancelled: its steps stay as they are.")
    plan.version += 1
    return plan


def _back_to_draft(plan: TreatmentPlan) -> None:
    """What was approved has changed: it has to be approved again."""
    plan.state, plan.approved_by_id, plan.approved_at = PlanState.DRAFT, None, None

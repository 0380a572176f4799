"""Moving one appointment: the times that keep the whole plan whole, and the move itself."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from coordinator.database import begin_writing, retrying
from coordinator.errors import Conflict, Refusal
from coordinator.models import Appointment, AppointmentState, Reply, TreatmentPlan
from coordinator.notices import outbox
from coordinator.scheduling.answer import Answer
from coordinator.services import answers, appointing, availability, claiming, finding, planning, trail
from coordinator.services.claims import Owners
from coordinator.services.loose_step import Choice, LooseStep
from coordinator.services.trail import Actor


def times_for(session: Session, appointment_id: int, *, seconds: float, now: datetime) -> list[Choice]:
    """Times for one appointment that fit its plan as it stands: the best mornings and afternoons.

    Raises NotFound, and Refusal where the appointment has begun or is cancelled.
    """
    appointment = appointing.one(session, appointment_id)
    moving = LooseStep.of(session, appointment, now)
    session.rollback()
    found = {choice.starts_at: choice for choice in moving.choices(seconds)}
    return [found[at] for at in sorted(found) if at != appointment.starts_at]


def move(
    session: Session,
    appointment_id: int,
    *,
    starts_at: datetime,
    version: int | None = None,
    delay_seconds: int,
    seconds: float = 10.0,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Move one appointment, with new people and rooms where need be, and tell whoever was told of it.

    ``version``: as the page showed it; None (a command): as it is now. Raises NotFound, Conflict where somebody else
    was quicker, Refusal (with the reasons) where the plan or the calendar does not allow that time.
    """
    appointment = appointing.one(session, appointment_id)
    moving = LooseStep.of(session, appointment, now)
    session.rollback()
    begin = moving.minute(starts_at)
    answer = moving.solve([(begin, begin + max(moving.length, 1))], seconds)
    if answer.plans[0].proposal is None:
        raise Refusal("That time does not fit: {reasons}", reasons=_reasons(answer))
    shown = moving.version if version is None else version
    _write(session, appointment_id, shown, moving, answer, delay_seconds=delay_seconds, by=by, now=now)
    return appointing.one(session, appointment_id)


@retrying
def _write(
    session: Session,
    appointment_id: int,
    shown: int,
    moving: LooseStep,
    answer: Answer,
    *,
    delay_seconds: int,
    by: Actor,
    now: datetime,
) -> None:
    """Write the move down and tell of it, if nothing has changed since it was thought out."""
    begin_writing(session)
    plan = planning.load(session, moving.plan_id, lock=True)
    appointment = _as_shown(session, appointment_id, shown)
    _rewrite(session, plan, appointment, moving, answer, now)
    answers.settle_open(session, appointment.id, now)
    clinic = availability.the_clinic(session)
    outbox.announce_change(session, appointment, clinic=clinic, delay_seconds=delay_seconds, now=now)
    begins = appointment.starts_at.isoformat()
    trail.record(session, by, "move", "appointment", appointment.id, now, to=begins)
    session.commit()


def _as_shown(session: Session, appointment_id: int, version: int) -> Appointment:
    appointment = appointing.one(session, appointment_id, lock=True)
    if appointment.version != version or appointment.state == AppointmentState.CANCELLED:
        raise Conflict("This appointment has changed since you opened it. Look at it again.")
    return appointment


def _rewrite(
    session: Session,
    plan: TreatmentPlan,
    appointment: Appointment,
    moving: LooseStep,
    answer: Answer,
    now: datetime,
) -> None:
    """Give the appointment its new times, people and rooms: the old ones are let go, the new ones claimed."""
    if plan.version != moving.plan_version:
        raise Conflict("This plan has changed since you opened it. Look at it again.")
    search = finding.keep(session, plan.id, plan.version, moving.problem, answer, now)
    proposal = search.proposals[0]
    proposal.booked_at = now
    step, placed = moving.problem.plans[0].step(moving.key), finding.placements(proposal)[moving.key]
    ids = appointing.resource_ids(session, [placed])
    appointment.attendances.clear()
    session.flush()
    appointing.place(appointment, moving.problem, step, placed, ids)
    taken = appointing.stretches(moving.problem, step, placed, ids, plan.patient_id)
    claiming.claim(
        session,
        [replace(stretch, appointment_id=appointment.id) for stretch in taken],
        instead_of=Owners(appointments=[appointment.id]),
    )
    appointment.sequence += 1
    appointment.version += 1
    appointment.revised_at = now
    appointment.reply, appointment.replied_at = Reply.OPEN, None
    plan.version += 1


def _reasons(answer: Answer) -> str:
    texts = dict.fromkeys(reason.text for reason in answer.plans[0].why)
    return "; ".join(texts) or "nothing was found in time"

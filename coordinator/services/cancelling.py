"""Cancelling one appointment or a whole plan: whoever was told is told, and what was taken is soon free again.

It is kept until the cancellation can no longer be undone.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from coordinator.database import begin_writing, retrying
from coordinator.errors import Conflict, Refusal
from coordinator.models import Appointment, AppointmentState, DeedKind, PlanState, TreatmentPlan
from coordinator.notices import outbox
from coordinator.services import answers, appointing, availability, deeds, holding, planning, trail
from coordinator.services.trail import Actor


@retrying
def cancel(
    session: Session,
    appointment_id: int,
    *,
    version: int | None = None,
    key: str | None = None,
    why: str = "",
    delay_seconds: int,
    by: Actor,
    now: datetime,
) -> Appointment:
    """Cancel one appointment: its people and rooms are free again once that cannot be undone; whoever knows is told.

    ``version``: as the page showed it; None (a command): as it is now. Raises NotFound, Conflict, and Refusal where
    it has been cancelled before or is over. ``key`` names the request: sent again, it does nothing.
    """
    begin_writing(session)
    appointment = appointing.one(session, appointment_id)
    plan = planning.load(session, appointment.plan_id, lock=True)
    if trail.answered_before(session, key, "cancel", "appointment", appointment_id):
        return appointing.one(session, appointment_id)
    appointment = appointing.one(session, appointment_id, lock=True)
    if version is not None and appointment.version != version:
        raise Conflict("This appointment has changed since you opened it. Look at it again.")
    if appointment.state == AppointmentState.CANCELLED:
        raise Refusal("This appointment is cancelled already.")
    if appointment.starts_at <= now:
        raise Refusal("This appointment has begun; it can no longer be cancelled.")
    before = deeds.remember(session, [plan.id], [appointment])
    hold = deeds.let_go(session, plan, [appointment])
    _withdraw(session, [appointment], delay_seconds, now)
    plan.version += 1
    deeds.note(session, DeedKind.CANCELLATION, [plan.id], before, hold=hold)
    line = trail.record(session, by, "cancel", "appointment", appointment.id, now, why=bool(why))
    line.request_key = key or None
    session.commit()
    return appointing.one(session, appointment_id)


@retrying
def cancel_plan(
    session: Session,
    plan_id: int,
    *,
    version: int | None = None,
    key: str | None = None,
    delay_seconds: int,
    by: Actor,
    now: datetime,
) -> TreatmentPlan:
    """Cancel a plan and all of its appointments that have not begun. Raises NotFound, Conflict, Refusal.

    ``key`` names the request: sent again, it does nothing.
    """
    begin_writing(session)
    plan = planning.load(session, plan_id, lock=True)
    if trail.answered_before(session, key, "cancel", "plan", plan_id):
        return plan
    if version is not None and plan.version != version:
        raise Conflict("This plan has changed since you opened it. Look at it again.")
    if plan.state == PlanState.CANCELLED:
        raise Refusal("This plan is cancelled already.")
    coming = [
        each
        for each in appointing.loaded(session, plan.id, lock=True)
        if each.state == AppointmentState.BOOKED and each.starts_at > now
    ]
    before = deeds.remember(session, [plan.id], coming, plan=plan)
    hold = deeds.let_go(session, plan, coming, holding.end_own(session, plan, now))
    _withdraw(session, coming, delay_seconds, now)
    plan.state = PlanState.CANCELLED
    plan.version += 1
    deeds.note(session, DeedKind.CANCELLATION, [plan.id], before, hold=hold)
    line = trail.record(session, by, "cancel", "plan", plan.id, now, appointments=len(coming))
    line.request_key = key or None
    session.commit()
    return planning.load(session, plan_id)


def _withdraw(
    session: Session, appointments: Sequence[Appointment], delay_seconds: int, now: datetime
) -> None:
    """Cancel appointments; telling of it is queued."""
    clinic = availability.the_clinic(session)
    for appointment in appointments:
        appointment.state = AppointmentState.CANCELLED
        appointment.sequence += 1
        appointment.version += 1
        appointment.revised_at = now
        answers.settle_open(session, appointment.id, now)
        outbox.announce_cancellation(
            session, appointment, clinic=clinic, delay_seconds=delay_seconds, now=now
        )
    outbox.announce_ended_plans(session, appointments, delay_seconds=delay_seconds, now=now)

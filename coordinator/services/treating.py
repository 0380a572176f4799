"""Whom a practitioner may see: the patients they treat, and as a physician the plans that wait for them."""

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from coordinator.errors import NotFound
from coordinator.models import (
    Appointment,
    Attendance,
    PlanState,
    Practitioner,
    TreatmentPlan,
    resource_capability,
)
from coordinator.services.planning import APPROVERS


def physicians(session: Session) -> list[Practitioner]:
    """Those who may approve plans, by name."""
    able = select(resource_capability.c.resource_id).where(
        resource_capability.c.capability_key.in_(APPROVERS)
    )
    query = select(Practitioner).where(Practitioner.id.in_(able), Practitioner.active)
    return list(session.scalars(query.order_by(Practitioner.name)))


def is_physician(session: Session, practitioner_id: int | None) -> bool:
    """Whether somebody may approve plans."""
    query = select(resource_capability.c.resource_id).where(
        resource_capability.c.resource_id == practitioner_id,
        resource_capability.c.capability_key.in_(APPROVERS),
    )
    return session.scalars(query).first() is not None


def seen_by(session: Session, practitioner_id: int) -> ColumnElement[bool]:
    """The condition under which a practitioner sees a plan."""
    own = exists().where(
        Appointment.patient_id == TreatmentPlan.patient_id,
        Attendance.appointment_id == Appointment.id,
        Attendance.resource_id == practitioner_id,
    )
    approved = TreatmentPlan.approved_by_id == practitioner_id
    if is_physician(session, practitioner_id):
        return or_(own, approved, TreatmentPlan.state == PlanState.DRAFT)
    return or_(own, approved)


def check(session: Session, plan_id: int, practitioner_id: int | None) -> None:
    """Refuse a plan that this practitioner does not see; None: somebody who sees all. Raises NotFound."""
    query = select(TreatmentPlan.id).where(TreatmentPlan.id == plan_id)
    if practitioner_id is not None:
        query = query.where(seen_by(session, practitioner_id))
    if session.scalars(query).first() is None:
        raise NotFound("There is no such plan.")

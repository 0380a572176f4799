"""Integrity: whether all that is kept fits together; a sentence for each thing that does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from coordinator.database import clock
from coordinator.models import (
    Appointment,
    AppointmentState,
    Attendance,
    Block,
    Claim,
    Hold,
    Notice,
    NoticeKind,
    NoticeState,
    PlanState,
    PlanStep,
    TreatmentPlan,
)
from coordinator.services import damage
from coordinator.services.damage import MOST

BOOKED = Appointment.state == AppointmentState.BOOKED


@dataclass(frozen=True, slots=True)
class _Question:
    """Each row that it selects is a finding; ``says`` is filled with the row's columns."""

    says: str
    rows: Select[*tuple[Any, ...]]


def findings(session: Session) -> list[str]:
    """What does not fit together, one line each, with numbers and what to do; nothing personal. Empty: all is well.

    The database has to be at the newest migration. Where it is damaged, only that is said.
    """
    if damaged := damage.found(session.connection()):
        return damaged
    asked = (_overlaps(), *_orphans(), *_untaken(), *_without_reason(), *_half_booked(clock(session)))
    return [line for question in asked for line in _answers(session, question)]


def _answers(session: Session, question: _Question) -> Iterator[str]:
    rows = session.execute(question.rows.limit(MOST + 1)).mappings().all()
    for row in rows[:MOST]:
        yield question.says.format(**row)
    if len(rows) > MOST:
        yield f"There are more than {MOST} of this sort; the others are not named."


def _overlaps() -> _Question:
    """Claims that begin before all earlier ones of their resource have ended, each with those it meets.

    The furthest end so far comes along with the order by resource and time, so time grows with the claims as sorting
    them does; only who begins too early is then held against others.
    """
    furthest = func.max(Claim.ends_at).over(
        partition_by=Claim.resource_id, order_by=(Claim.starts_at, Claim.id), rows=(None, -1)
    )
    ordered = select(Claim, furthest.label("furthest")).where(Claim.active).subquery()
    late, early = aliased(Claim, ordered), aliased(Claim)
    before = or_(
        early.starts_at < late.starts_at, and_(early.starts_at == late.starts_at, early.id < late.id)
    )
    rows = (
        select(
            late.resource_id,
            early.id.label("one"),
            _owner(early).label("its"),
            late.id.label("other"),
            _owner(late).label("their"),
        )
        .join(early, and_(early.resource_id == late.resource_id, early.active, before))
        .where(ordered.c.furthest > late.starts_at, early.ends_at > late.starts_at)
        .order_by(early.id, late.id)
    )
    return _Question(
        "Claims {one} ({its}) and {other} ({their}) take resource {resource_id} at once: move or cancel one of them.",
        rows,
    )


def _owner(claim: type[Claim]) -> ColumnElement[str]:
    """What a claim is for: ``appointment 12``."""
    owners = {
        "appointment": claim.appointment_id,
        "hold": claim.hold_id,
        "block": claim.block_id,
    }
    return case(
        *((key.is_not(None), literal(f"{name} ") + cast(key, String)) for name, key in owners.items())
    )


def _orphans() -> Iterator[_Question]:
    """Claims that keep something for nobody."""
    owned = or_(
        exists().where(Appointment.id == Claim.appointment_id, BOOKED),
        exists().where(Hold.id == Claim.hold_id, Hold.released_at.is_(None)),
        exists().where(Block.id == Claim.block_id),
    )
    rows = select(Claim.id, Claim.resource_id, _owner(Claim).label("owner"))
    yield _Question(
        "Claim {id} keeps resource {resource_id} for {owner}, which is cancelled, released or gone:"
        " UPDATE claim SET active = false WHERE id = {id}.",
        rows.where(Claim.active, ~owned).order_by(Claim.id),
    )


def _untaken() -> Iterator[_Question]:
    """What booked appointments need and have not taken."""
    says = (
        "Appointment {id} is booked, but resource {resource_id} is not kept for it: move it, or cancel it and book"
        " its plan anew."
    )
    taken = exists().where(Claim.appointment_id == Appointment.id, Claim.active)
    attended = taken.where(
        Claim.resource_id == Attendance.resource_id,
        Claim.starts_at <= Attendance.starts_at,
        Claim.ends_at >= Attendance.ends_at,
    )
    resources = select(Appointment.id, Attendance.resource_id).distinct()
    yield _Question(
        says,
        resources.join(Attendance, Attendance.appointment_id == Appointment.id)
        .where(BOOKED, ~attended)
        .order_by(Appointment.id, Attendance.resource_id),
    )
    there = taken.where(
        Claim.resource_id == Appointment.patient_id,
        Claim.starts_at <= Appointment.patient_starts_at,
        Claim.ends_at > Appointment.patient_starts_at,
    )
    patients = select(Appointment.id, Appointment.patient_id.label("resource_id"))
    yield _Question(
        says,
        patients.where(BOOKED, Appointment.patient_starts_at.is_not(None), ~there).order_by(Appointment.id),
    )


def _without_reason() -> Iterator[_Question]:
    """Notices that wait to tell of what is no longer so."""
    drop = " UPDATE notice SET state = 'dropped' WHERE id = {id}."
    waiting = select(Notice.id, Notice.appointment_id, Notice.plan_id).where(
        Notice.state == NoticeState.WAITING, Notice.kind != NoticeKind.CANCELLATION
    )
    so = exists().where(
        Appointment.id == Notice.appointment_id, BOOKED, Appointment.sequence == Notice.sequence
    )
    yield _Question(
        "Notice {id} waits to tell of appointment {appointment_id}, which was cancelled or moved since:"
        + drop,
        waiting.where(Notice.appointment_id.is_not(None), ~so).order_by(Notice.id),
    )
    booked = exists().where(Appointment.plan_id == Notice.plan_id, BOOKED)
    yield _Question(
        "Notice {id} waits to tell of plan {plan_id}, of which nothing is booked:" + drop,
        waiting.where(Notice.appointment_id.is_(None), ~booked).order_by(Notice.id),
    )


def _half_booked(now: datetime) -> Iterator[_Question]:
    """Plans that are booked in part. What had begun when a plan was cancelled stays as it was."""
    plan = select(TreatmentPlan.id)
    to_book = (PlanStep.waived_by_id.is_(None), PlanStep.left_out.is_(None))
    appointed = exists().where(Appointment.step_id == PlanStep.id)
    yield _Question(
        "Plan {id} is booked, but its step {step} has no appointment: `cancel --plan {id}`, and book it anew.",
        plan.add_columns(PlanStep.id.label("step"))
        .join(PlanStep, PlanStep.plan_id == TreatmentPlan.id)
        .where(TreatmentPlan.state == PlanState.BOOKED, *to_book, ~appointed)
        .order_by(TreatmentPlan.id, PlanStep.id),
    )
    open_states = TreatmentPlan.state.in_([PlanState.DRAFT, PlanState.APPROVED])
    undone = and_(TreatmentPlan.state == PlanState.CANCELLED, Appointment.starts_at > now)
    yield _Question(
        "Plan {id} is not booked, but its appointment {appointment} is: `cancel {appointment}`.",
        plan.add_columns(Appointment.id.label("appointment"))
        .join(Appointment, Appointment.plan_id == TreatmentPlan.id)
        .where(BOOKED, or_(open_states, undone))
        .order_by(TreatmentPlan.id, Appointment.id),
    )

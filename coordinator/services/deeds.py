"""What can be undone: what was before a deed is remembered beside it, and freed time is kept for a while."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from coordinator.database import clock
from coordinator.models import (
    Answer,
    Appointment,
    Claim,
    Deed,
    DeedKind,
    Hold,
    Notice,
    NoticeState,
    Proposal,
    Search,
    TreatmentPlan,
)
from coordinator.models.columns import Facts
from coordinator.services import claiming
from coordinator.services.claims import NOBODY, Owners, Stretch

UNDO_TIME = timedelta(minutes=10)
"""So long after a deed it can be undone."""


def remember(
    session: Session,
    plan_ids: Sequence[int],
    appointments: Iterable[Appointment] = (),
    *,
    plan: TreatmentPlan | None = None,
) -> Facts:
    """What is before a deed, taken down in its transaction before anything is changed; ``plan`` if that will change.

    Appointments are loaded with their attendances.
    """
    known = list(appointments)
    ids = [each.id for each in known]
    claims = _claims_of(session, ids)
    notices = select(Notice.id, Notice.kind, Notice.state).where(Notice.plan_id.in_(plan_ids))
    written = session.execute(notices).all()
    answers = select(Answer.id).where(Answer.appointment_id.in_(ids), Answer.settled_at.is_(None))
    return {
        "plans": {str(plan.id): _of_plan(plan)} if plan else {},
        "appointments": {str(each.id): _of_appointment(each, claims[each.id]) for each in known},
        "waiting": {str(each.id): each.kind.value for each in written if each.state is NoticeState.WAITING},
        "last_notice": max((each.id for each in written), default=0),
        "answers": list(session.scalars(answers)) if ids else [],
        "proposals": [],
    }


def _claims_of(session: Session, ids: Sequence[int]) -> Mapping[int, list[list[object]]]:
    """What some appointments have taken."""
    claims: dict[int, list[list[object]]] = {each: [] for each in ids}
    if ids:
        query = select(Claim.appointment_id, Claim.resource_id, Claim.starts_at, Claim.ends_at)
        for owner, resource_id, starts_at, ends_at in session.execute(
            query.where(Claim.appointment_id.in_(ids), Claim.active)
        ):
            claims[owner or 0].append([resource_id, starts_at.isoformat(), ends_at.isoformat()])
    return claims


def _of_plan(plan: TreatmentPlan) -> Facts:
    return {
        "state": plan.state.value,
        "version": plan.version,
        "location_id": plan.location_id,
        "cost": plan.cost,
        "booked_at": _text(plan.booked_at),
    }


def _of_appointment(appointment: Appointment, claims: list[list[object]]) -> Facts:
    return {
        "times": [
            _text(each)
            for each in (
                appointment.starts_at,
                appointment.ends_at,
                appointment.patient_starts_at,
                appointment.patient_ends_at,
            )
        ],
        "reply": appointment.reply.value,
        "replied_at": _text(appointment.replied_at),
        "attendances": [
            [
                each.resource_id,
                each.used_as,
                each.phase,
                each.need,
                _text(each.starts_at),
                _text(each.ends_at),
            ]
            for each in appointment.attendances
        ],
        "claims": claims,
    }


def _text(instant: datetime | None) -> str | None:
    return instant.isoformat() if instant else None


def note(
    session: Session,
    kind: DeedKind,
    plan_ids: Sequence[int],
    before: Facts,
    *,
    made: Iterable[Appointment] = (),
    proposals: Iterable[int] = (),
    hold: Hold | None = None,
) -> Deed:
    """Add a deed to its transaction. ``made``: appointments that were not there; ``proposals``: booked by it."""
    at = clock(session)
    appointments = before["appointments"] | {str(each.id): None for each in made}
    deed = Deed(kind=kind, plan_id=plan_ids[0], done_at=at, until=at + UNDO_TIME)
    deed.other_plan_id = plan_ids[1] if len(plan_ids) > 1 else None
    deed.hold_id = hold.id if hold else None
    deed.before = before | {"appointments": appointments, "proposals": list(proposals)}
    session.add(deed)
    return deed


def undoable(session: Session, plan_id: int) -> Deed | None:
    """The newest deed of a plan that can still be undone."""
    query = select(Deed).where(_of(plan_id), Deed.undone_at.is_(None), Deed.until > clock(session))
    return session.scalars(query.order_by(Deed.id.desc()).limit(1)).first()


def kept_by(session: Session, deed: Deed | None) -> Hold | None:
    """What still keeps the time that a deed freed."""
    if deed is None or deed.hold_id is None:
        return None
    hold = session.get_one(Hold, deed.hold_id)
    return hold if hold.released_at is None else None


def moved_last(session: Session, plan_id: int) -> frozenset[int]:
    """The appointments of a plan's newest move that stands."""
    query = select(Deed).where(_of(plan_id), Deed.undone_at.is_(None), Deed.kind == DeedKind.MOVE)
    newest = session.scalars(query.order_by(Deed.id.desc()).limit(1)).first()
    return frozenset(newest.appointment_ids) if newest else frozenset()


def after(session: Session, deed: Deed) -> bool:
    """Whether a later deed that stands has changed what this one has changed."""
    query = select(Deed).where(Deed.id > deed.id, Deed.undone_at.is_(None))
    later = session.scalars(query.where(or_(*(_of(each) for each in deed.plan_ids))))
    return any(each.before["plans"] or each.appointment_ids & deed.appointment_ids for each in later)


def _of(plan_id: int) -> ColumnElement[bool]:
    return or_(Deed.plan_id == plan_id, Deed.other_plan_id == plan_id)


def let_go(
    session: Session, plan: TreatmentPlan, appointments: Sequence[Appointment], also: Owners = NOBODY
) -> Hold | None:
    """Let go of what appointments have taken, and keep it for the plan alone until that can no longer be undone.

    ``also``: what else is let go. Nothing is kept of a plan that was not booked from a proposal.
    """
    gone = also + Owners(appointments=[each.id for each in appointments])
    booked = (
        select(Proposal.id).join(Search).where(Search.plan_id == plan.id, Proposal.booked_at.is_not(None))
    )
    proposal_id = session.scalar(booked.order_by(Proposal.booked_at.desc(), Proposal.id.desc()).limit(1))
    if proposal_id is None or not appointments:
        claiming.release(session, gone)
        return None
    hold = Hold(plan_id=plan.id, proposal_id=proposal_id, expires_at=clock(session) + UNDO_TIME)
    session.add(hold)
    session.flush()
    steps = {each.id: each.step.key for each in appointments}
    query = select(Claim).where(Claim.appointment_id.in_(steps), Claim.active)
    kept = [
        Stretch(
            resource_id=each.resource_id,
            starts_at=each.starts_at,
            ends_at=each.ends_at,
            hold_id=hold.id,
            of=steps[each.appointment_id or 0],
        )
        for each in session.scalars(query)
    ]
    claiming.claim(session, kept, instead_of=gone)
    return hold


def kept_for(session: Session, patient_id: int) -> Sequence[int]:
    """The holds that keep freed time of a patient's plans: they stand in nobody's way but others'."""
    query = (
        select(Hold.id)
        .join(Deed, Deed.hold_id == Hold.id)
        .join(TreatmentPlan, TreatmentPlan.id == Hold.plan_id)
        .where(TreatmentPlan.patient_id == patient_id, Hold.released_at.is_(None))
    )
    return session.scalars(query).all()


def give_way(session: Session, patient_id: int, wanted: Sequence[Stretch]) -> Owners:
    """End the holds that keep freed time of a patient's plans where the patient's own wishes touch them.

    What they have taken is the caller's to let go.
    """
    if not (kept := kept_for(session, patient_id)):
        return NOBODY
    query = select(Claim).where(Claim.hold_id.in_(kept), Claim.active)
    touched = {
        each.hold_id
        for each in session.scalars(query)
        if any(
            one.resource_id == each.resource_id
            and one.starts_at < each.ends_at
            and each.starts_at < one.ends_at
            for one in wanted
        )
    }
    for each in session.scalars(select(Hold).where(Hold.id.in_(touched))):
        each.released_at = clock(session)
    return Owners(holds=[each for each in kept if each in touched])

"""Holding a proposal for some minutes, so that nobody else takes it while the patient makes up their mind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.database import begin_writing, clock, retrying
from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import Deed, Hold, PlanState, Proposal, Search, TreatmentPlan
from coordinator.services import appointing, availability, checking, claiming, deeds, planning, trail
from coordinator.services.checking import Checked
from coordinator.services.claims import Owners, Stretch
from coordinator.services.trail import Actor


@retrying
def hold(
    session: Session, proposal_id: int, *, version: int, key: str | None = None, by: Actor, now: datetime
) -> Hold:
    """Keep a proposal for as long as the clinic's policy says; an earlier hold of the plan gives way.

    ``key`` names this request, as in ``booking.book``: the same key again holds nothing anew. Raises NotFound, Refusal
    for a plan that is booked or cancelled, Conflict where the time is gone or the calendar has changed.
    """
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NotFound("There is no such proposal.")
    search = session.get_one(Search, proposal.search_id)
    plan = planning.load(session, search.plan_id)
    if (held := _held_before(session, key, plan.id)) is not None:
        return held
    _may_be_held(plan, search, version)
    checked = checking.check(session, plan, search, proposal, now)
    begin_writing(session, keep=True)
    if not planning.lock(session, plan) and (held := _held_before(session, key, plan.id)) is not None:
        return held
    _may_be_held(plan, search, version)
    gone = end_own(session, plan, now)
    minutes = availability.the_clinic(session).hold_minutes
    kept = Hold(plan_id=plan.id, proposal_id=proposal.id, account_id=by.account_id)
    kept.expires_at = clock(session) + timedelta(minutes=minutes)
    session.add(kept)
    session.flush()
    wanted = list(_stretches(session, plan, checked, kept))
    gone += deeds.give_way(session, plan.patient_id, wanted)
    claiming.claim(session, wanted, instead_of=gone)
    line = trail.record(session, by, "hold", "plan", plan.id, now, proposal=proposal.id)
    line.request_key = key or None
    session.commit()
    return kept


def _held_before(session: Session, key: str | None, plan_id: int) -> Hold | None:
    """What a request of this key has held, if anything."""
    if not trail.answered_before(session, key, "hold", "plan", plan_id):
        return None
    return session.scalars(select(Hold).where(Hold.plan_id == plan_id).order_by(Hold.id.desc())).first()


def _may_be_held(plan: TreatmentPlan, search: Search, version: int) -> None:
    if plan.state not in {PlanState.DRAFT, PlanState.APPROVED}:
        raise Refusal("This plan is booked or cancelled: there is nothing to hold.")
    if plan.version != version or search.plan_version != plan.version:
        raise Conflict("This plan has changed since the search. Search again.")


@retrying
def let_go(session: Session, plan_id: int, *, by: Actor, now: datetime) -> None:
    """Give back what is held for a plan."""
    begin_writing(session)
    plan = planning.load(session, plan_id, lock=True)
    claiming.release(session, end_own(session, plan, now))
    trail.record(session, by, "let-go", "plan", plan.id, now)
    session.commit()


def end_own(session: Session, plan: TreatmentPlan, now: datetime) -> Owners:
    """End a plan's own holds, which never stand in its way; what they have taken is the caller's to let go.

    Time that was cancelled stays kept for its undo.
    """
    own = select(Hold).where(Hold.plan_id == plan.id, Hold.released_at.is_(None))
    undo = select(Deed.hold_id).where(Deed.plan_id == plan.id, Deed.hold_id.is_not(None))
    holds = session.scalars(own.where(Hold.id.not_in(undo))).all()
    for each in holds:
        each.released_at = now
    return Owners(holds=[each.id for each in holds])


@retrying
def release_expired(session: Session) -> int:
    """Let go of all holds that are over by the database's clock, and say how many; the worker does so on each tick."""
    over = select(Hold).where(Hold.released_at.is_(None), Hold.expires_at <= (now := clock(session)))
    if session.scalars(over.limit(1)).first() is None:
        return 0
    begin_writing(session)
    holds = session.scalars(over.order_by(Hold.id).with_for_update(skip_locked=True)).all()
    claiming.claim(session, (), instead_of=Owners(holds=[each.id for each in holds]))
    for each in holds:
        each.released_at = now
    session.commit()
    return len(holds)


def current(session: Session, plan_id: int) -> Hold | None:
    """The hold of a plan that has not run out, by the database's clock."""
    query = select(Hold).where(
        Hold.plan_id == plan_id, Hold.released_at.is_(None), Hold.expires_at > clock(session)
    )
    return session.scalars(query.order_by(Hold.id.desc())).first()


def _stretches(session: Session, plan: TreatmentPlan, checked: Checked, kept: Hold) -> Iterator[Stretch]:
    ids = appointing.resource_ids(session, checked.steps.values())
    for step in checked.problem.plans[0].steps:
        for stretch in appointing.stretches(
            checked.problem, step, checked.steps[step.key], ids, plan.patient_id
        ):
            yield replace(stretch, hold_id=kept.id)

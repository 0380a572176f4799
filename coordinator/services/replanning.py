"""New times for the rest of a plan after a move that broke it: found as a proposal, booked whole or not at all."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from coordinator.database import begin_writing
from coordinator.errors import Conflict, NotFound, Refusal
from coordinator.models import Appointment, AppointmentState, PlanState, Proposal, Search, TreatmentPlan
from coordinator.scheduling import engine
from coordinator.scheduling.problem import Problem
from coordinator.services import appointing, finding, rearranging, trail
from coordinator.services.as_booked import AsBooked
from coordinator.services.availability import SOONEST
from coordinator.services.finding import ProposedStep
from coordinator.services.rearranging import Change, Entry
from coordinator.services.stretches import common
from coordinator.services.trail import Actor

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What was found for a booked plan as it is now; without steps nothing was, for these reasons."""

    proposal: Proposal | None
    steps: tuple[tuple[ProposedStep, datetime], ...]
    """Each that has not begun, with the time that it has now."""
    reasons: tuple[str, ...]


def find(
    session: Session,
    plan_id: int,
    *,
    staying: Collection[int] = (),
    seconds: float,
    by: Actor,
    now: datetime,
) -> None:
    """Look for the best times of all that has not begun, kept where possible; ``staying`` keep theirs in any case.

    Nothing is moved. Raises NotFound, and Refusal where nothing is left to move.
    """
    booked = AsBooked.read(
        session, plan_id, lambda each: each.starts_at > now and each.id not in staying, now=now
    )
    session.rollback()
    if not booked.loose:
        raise Refusal("Every appointment of this plan has begun; nothing is left to move.")
    asked = _from_now_on(booked, now)
    answer = engine.solve(asked, seconds=seconds)
    begin_writing(session)
    search = finding.keep(session, plan_id, booked.version, asked, answer, now)
    session.flush()
    trail.record(session, by, "search", "plan", plan_id, now, status=search.status)
    session.commit()


def _from_now_on(booked: AsBooked, now: datetime) -> Problem:
    """The plan's problem with nothing sooner than anybody could come."""
    soonest = max(0, (now + SOONEST - booked.problem.start) // MINUTE)
    coming = [(soonest, booked.problem.minutes)]
    steps = tuple(
        replace(each, windows=tuple(common(each.windows or coming, coming)))
        if each.key in booked.loose
        else each
        for each in booked.plan.steps
    )
    return replace(booked.problem, plans=(replace(booked.plan, steps=steps),))


def found(session: Session, plan: TreatmentPlan, appointments: Collection[Appointment]) -> Rest | None:
    """What was found last for a booked plan, if that is still as it was then."""
    search = finding.latest(session, plan.id) if plan.state is PlanState.BOOKED else None
    if search is None or search.plan_version != plan.version:
        return None
    if not search.proposals:
        reasons = dict.fromkeys(str(each["text"]) for each in search.reasons)
        return Rest(proposal=None, steps=(), reasons=tuple(reasons))
    proposal = search.proposals[0]
    pinned = finding.problem_of(search).plans[0].pinned
    now_at = {each.step.key: each.starts_at for each in appointments if each.state is AppointmentState.BOOKED}
    steps = (each for each in finding.itinerary(session, proposal) if each.key not in pinned)
    return Rest(proposal=proposal, steps=tuple((each, now_at[each.key]) for each in steps), reasons=())


def book(
    session: Session,
    proposal_id: int,
    *,
    version: int,
    key: str | None = None,
    delay_seconds: int,
    by: Actor,
    now: datetime,
) -> list[Appointment]:
    """Book the new times that were found, all or none. ``version`` is the plan's as the page showed it.

    ``key`` names the request: sent again, it books nothing. Raises NotFound, Conflict where the plan or the calendar
    has moved on, Refusal.
    """
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NotFound("There is no such proposal.")
    search = session.get_one(Search, proposal.search_id)
    plan_id = search.plan_id

    def change() -> Change:
        weighed = _change(session, search, proposal, version, now)
        weighed.check(knowingly=False)
        return weighed

    entry = Entry("replan", "plan", plan_id, {"proposal": proposal_id})
    if (wanted := entry.unless_done(session, key, change)) is not None:
        rearranging.carry_out(
            session, [wanted], entry=entry, key=key, delay_seconds=delay_seconds, by=by, now=now
        )
    return appointing.of_plan(session, plan_id)


def _change(session: Session, search: Search, proposal: Proposal, version: int, now: datetime) -> Change:
    pinned = finding.problem_of(search).plans[0].pinned
    placed = {step: each for step, each in finding.placements(proposal).items() if step not in pinned}
    plan_id, begins_at, shown = search.plan_id, search.begins_at, search.plan_version
    booked = AsBooked.read(session, plan_id, lambda each: each.step.key in placed, now=now)
    if not booked.version == version == shown or booked.loose != set(placed):
        raise Conflict("This plan has changed since the search. Search again.")
    starts = {step: begins_at + each.start * MINUTE for step, each in placed.items()}
    if min(starts.values()) < now:
        raise Conflict("That time is over, or too soon for anybody to come.")
    there = {step: replace(each, start=booked.minute(starts[step])) for step, each in placed.items()}
    changed = {step: each for step, each in there.items() if each != booked.plan.booked[step]}
    session.rollback()
    if not changed:
        raise Refusal("All stays where it is; there is nothing to book.")
    return Change(booked=booked, placed=changed)

"""Undoing a booking, a move or a cancellation for some minutes after it: all is as before, or nothing happens."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from coordinator.database import begin_writing, clock, retrying
from coordinator.errors import Conflict, NotFound
from coordinator.models import (
    Answer,
    Appointment,
    AppointmentState,
    Attendance,
    AuditLine,
    Deed,
    Hold,
    NoticeKind,
    PlanState,
    Proposal,
    Reply,
    Search,
    TreatmentPlan,
)
from coordinator.models.columns import Facts
from coordinator.notices import taking_back
from coordinator.services import appointing, availability, claiming, deeds, planning, trail
from coordinator.services.claims import Owners, Stretch
from coordinator.services.trail import Actor


@retrying
def undo(
    session: Session,
    plan_id: int,
    deed_id: int | None = None,
    *,
    version: int | None = None,
    key: str | None = None,
    delay_seconds: int,
    by: Actor,
    now: datetime,
) -> Deed:
    """Undo a deed of a plan, or its newest one: appointments have the times, people and rooms that they had before.

    Whoever has not heard of the deed hears nothing; whoever has is told. ``version``: the plan's as the page showed
    it; None (a command): as it is now. ``key`` names the request: sent again, it does nothing. Raises NotFound, and
    Conflict where the page is old, time is up, something later builds on the deed, or the old time is taken.
    """
    begin_writing(session)
    deed = _deed(session, plan_id, deed_id)
    plans = {each: planning.load(session, each, lock=True) for each in (deed.plan_ids if deed else [plan_id])}
    if (before := _undone_before(session, key, plan_id)) is not None:
        return before
    deed = _there(deed)
    session.refresh(deed)
    _may_be_undone(session, deed, plans[plan_id], version)
    appointments = _restored(session, deed, now)
    for plan in plans.values():
        _restore_plan(session, plan, deed)
    session.execute(update(Answer).where(Answer.id.in_(deed.before["answers"])).values(settled_at=None))
    waiting = {int(number): NoticeKind(kind) for number, kind in deed.before["waiting"].items()}
    taking_back.take_back(
        session,
        appointments,
        taking_back.Before(waiting=waiting, last=deed.before["last_notice"]),
        clinic=availability.the_clinic(session),
        delay_seconds=delay_seconds,
        now=now,
    )
    deed.undone_at = clock(session)
    line = trail.record(session, by, "undo", "plan", plan_id, now, what=deed.kind.value, of=deed.id)
    line.request_key = key or None
    session.commit()
    return deed


@retrying
def give_away(session: Session, plan_id: int, deed_id: int, *, by: Actor, now: datetime) -> None:
    """Let others have the time that a cancellation freed; it can still be undone while nobody has taken it.

    Raises NotFound.
    """
    begin_writing(session)
    deed = _there(_deed(session, plan_id, deed_id))
    planning.load(session, deed.plan_id, lock=True)
    hold = session.get(Hold, deed.hold_id, with_for_update=True) if deed.hold_id else None
    if hold is not None and hold.released_at is None:
        claiming.claim(session, (), instead_of=Owners(holds=[hold.id]))
        hold.released_at = clock(session)
        trail.record(session, by, "give-away", "plan", plan_id, now, of=deed.id)
    session.commit()


def _deed(session: Session, plan_id: int, deed_id: int | None) -> Deed | None:
    found = session.get(Deed, deed_id) if deed_id is not None else deeds.undoable(session, plan_id)
    return found if found is not None and plan_id in found.plan_ids else None


def _there(deed: Deed | None) -> Deed:
    if deed is None:
        raise NotFound("There is nothing to undo here.")
    return deed


def _undone_before(session: Session, key: str | None, plan_id: int) -> Deed | None:
    """What a request of this key has undone, if anything."""
    if not trail.answered_before(session, key, "undo", "plan", plan_id):
        return None
    line = session.scalars(select(AuditLine).where(AuditLine.request_key == key)).one()
    return session.get_one(Deed, line.facts["of"])


def _may_be_undone(session: Session, deed: Deed, plan: TreatmentPlan, version: int | None) -> None:
    if deed.undone_at is not None:
        raise Conflict("This has been undone already.")
    if version is not None and plan.version != version:
        raise Conflict("This plan has changed since you opened it. Look at it again.")
    if deed.until <= clock(session):
        raise Conflict(
            "This can no longer be undone: more than {minutes} minutes are over.", minutes=_minutes()
        )
    if deeds.after(session, deed):
        raise Conflict("Something was changed after it. Undo that first.")


def _minutes() -> int:
    return int(deeds.UNDO_TIME.total_seconds() // 60)


def _restored(session: Session, deed: Deed, now: datetime) -> list[Appointment]:
    """Bring the deed's appointments back, with what they had taken, all or none."""
    before: Mapping[str, Facts | None] = deed.before["appointments"]
    rows = [
        each
        for plan_id in deed.plan_ids
        for each in appointing.loaded(session, plan_id, lock=True)
        if each.id in deed.appointment_ids
    ]
    wanted: list[Stretch] = []
    for row in rows:
        facts = before[str(row.id)]
        if row.state is AppointmentState.BOOKED and row.starts_at <= now:
            raise Conflict("An appointment of this has begun meanwhile; it can no longer be undone.")
        if facts is None:
            row.state = AppointmentState.CANCELLED
        else:
            _bring_back(session, row, facts, now)
            wanted += _taken_before(row, facts)
        row.sequence += 1
        row.version += 1
        row.revised_at = now
    owners = Owners(appointments=[each.id for each in rows], holds=_end_hold(session, deed))
    for patient_id in {each.patient_id for each in rows}:
        owners += deeds.give_way(session, patient_id, wanted)
    claiming.claim(session, wanted, instead_of=owners)
    return rows


def _bring_back(session: Session, row: Appointment, facts: Facts, now: datetime) -> None:
    """Times, people, rooms and the answer that the appointment had."""
    times = [datetime.fromisoformat(each) if each else None for each in facts["times"]]
    if times[0] is None or times[1] is None or times[0] <= now:
        raise Conflict("The old time has begun meanwhile; this can no longer be undone.")
    row.state = AppointmentState.BOOKED
    row.starts_at, row.ends_at, row.patient_starts_at, row.patient_ends_at = times[0], times[1], *times[2:]
    replied_at = datetime.fromisoformat(facts["replied_at"]) if facts["replied_at"] else None
    if row.replied_at in {None, replied_at}:
        row.reply, row.replied_at = Reply(facts["reply"]), replied_at
    else:  # said of the time that is gone again
        row.reply, row.replied_at = Reply.OPEN, None
    row.attendances.clear()
    session.flush()
    row.attendances = [
        Attendance(
            resource_id=resource_id,
            used_as=used_as,
            phase=phase,
            need=need,
            starts_at=datetime.fromisoformat(starts_at),
            ends_at=datetime.fromisoformat(ends_at),
        )
        for resource_id, used_as, phase, need, starts_at, ends_at in facts["attendances"]
    ]


def _taken_before(row: Appointment, facts: Facts) -> Iterator[Stretch]:
    for resource_id, starts_at, ends_at in facts["claims"]:
        yield Stretch(
            resource_id=resource_id,
            starts_at=datetime.fromisoformat(starts_at),
            ends_at=datetime.fromisoformat(ends_at),
            appointment_id=row.id,
            of=row.step.key,
        )


def _end_hold(session: Session, deed: Deed) -> Sequence[int]:
    """What was kept for this: it goes back to the appointments."""
    hold = session.get(Hold, deed.hold_id) if deed.hold_id else None
    if hold is None:
        return ()
    hold.released_at = hold.released_at or clock(session)
    return (hold.id,)


def _restore_plan(session: Session, plan: TreatmentPlan, deed: Deed) -> None:
    """The plan's own state; what was found for it can be booked again, what the deed booked is so no more."""
    plan.version += 1
    if (facts := deed.before["plans"].get(str(plan.id))) is not None:
        plan.state, plan.cost, plan.location_id = (
            PlanState(facts["state"]),
            facts["cost"],
            facts["location_id"],
        )
        plan.booked_at = datetime.fromisoformat(facts["booked_at"]) if facts["booked_at"] else None
        found = update(Search).where(Search.plan_id == plan.id, Search.plan_version == facts["version"])
        session.execute(found.values(plan_version=plan.version))
    for proposal in session.scalars(select(Proposal).where(Proposal.id.in_(deed.before["proposals"]))):
        proposal.booked_at = None

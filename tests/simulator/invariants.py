"""What holds after every step: the rows say what the model says, and nobody's calendar says anything else."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import (
    Appointment,
    AppointmentState,
    Attendance,
    AuditLine,
    Channel,
    Claim,
    Hold,
    Notice,
    NoticeState,
    Resource,
    TreatmentPlan,
)
from coordinator.notices.outbox import CALENDAR_KINDS
from tests.simulator import clinic
from tests.simulator.model import Model
from tests.simulator.recipients import Recipients

Row = tuple[Any, ...]


def instant(minute: int) -> datetime:
    """A minute of the model."""
    return clinic.START + timedelta(minutes=minute)


def same(what: str, rows: Collection[Row], ought: Collection[Row]) -> None:
    """Say what is too much and what is missing, where anything is."""
    found, wanted = set(rows), set(ought)
    assert len(found) == len(rows), f"{what}: twice in the database"
    assert found == wanted, f"{what}: not foreseen {sorted(found - wanted)}, missing {sorted(wanted - found)}"


def joined(rows: Iterable[tuple[str, str, datetime, datetime]]) -> list[Row]:
    """Spans that follow each other at once are one: the program writes a claim for each phase, the model does not."""
    made: list[Row] = []
    for why, name, begins_at, ends_at in sorted(rows):
        if made and made[-1][:2] == (why, name) and made[-1][3] == begins_at:
            begins_at = made.pop()[2]
        made.append((why, name, begins_at, ends_at))
    return made


def nothing_is_taken_twice(session: Session) -> None:
    """By brute force over all rows, whatever they are for: the guard is not asked."""
    query = select(Claim.resource_id, Claim.starts_at, Claim.ends_at, Claim.id).where(Claim.active)
    rows = sorted(session.execute(query).all(), key=tuple)
    for earlier, later in pairwise(rows):
        apart = earlier.resource_id != later.resource_id or earlier.ends_at <= later.starts_at
        assert apart, f"two claims overlap: {earlier} and {later}"


def claims_are_as_foreseen(session: Session, model: Model) -> None:
    """Each booked appointment and each hold has exactly its claims; nothing else has any."""
    query = (
        select(Appointment.id, Hold.plan_id, Resource.key, Claim.starts_at, Claim.ends_at)
        .select_from(Claim)
        .join(Resource, Claim.resource_id == Resource.id)
        .outerjoin(Appointment, Claim.appointment_id == Appointment.id)
        .outerjoin(Hold, Claim.hold_id == Hold.id)
        .where(Claim.active)
        .where(Claim.hold_id.is_(None) | (Hold.expires_at > instant(model.now)))
    )
    rows = joined(
        (f"appointment {appointment}" if appointment else f"hold of {plan}", name, begins_at, ends_at)
        for appointment, plan, name, begins_at, ends_at in session.execute(query).all()
    )
    ought = joined(
        (f"{why} {'' if why == 'appointment' else 'of '}{number}", name, instant(begin), instant(end))
        for why, number, (name, begin, end) in model.claims()
    )
    same("claims", rows, ought)


def plans_are_whole(session: Session, model: Model) -> None:
    """A plan's state is as foreseen; booked, it has an appointment for each step, and before that none that stands."""
    query = select(TreatmentPlan.id, TreatmentPlan.state, TreatmentPlan.version)
    rows = [(number, str(state), version) for number, state, version in session.execute(query).all()]
    same("plans", rows, [(each.id, each.state, each.version) for each in model.plans.values()])
    for plan in model.plans.values():
        each_step = sorted(each.step for each in model.of_plan(plan.id))
        assert each_step in ([], list(range(len(plan.therapies))))
        assert not plan.open or not any(each.booked for each in model.of_plan(plan.id))


def appointments_are_as_foreseen(session: Session, model: Model) -> None:
    """Times, revision and version of each appointment, cancelled ones too."""
    columns = (Appointment.id, Appointment.uid, Appointment.plan_id, Appointment.state, Appointment.starts_at)
    query = select(*columns, Appointment.ends_at, Appointment.sequence, Appointment.version)
    ought = [
        (
            each.id,
            each.uid,
            each.plan,
            AppointmentState.BOOKED if each.booked else AppointmentState.CANCELLED,
            instant(each.placed.begin),
            instant(each.placed.end),
            each.sequence,
            each.version,
        )
        for each in model.appointments.values()
    ]
    same("appointments", [tuple(row) for row in session.execute(query).all()], ought)


def attendances_are_as_foreseen(session: Session, model: Model) -> None:
    """Who is written down for an appointment is who was taken for it."""
    query = select(Attendance.appointment_id, Resource.key).join(Resource).distinct()
    ought = {(each.id, name) for each in model.appointments.values() for name in each.placed.filled.values()}
    same("attendances", [tuple(row) for row in session.execute(query).all()], ought)


def every_deed_has_its_line(session: Session, seen: list[int], model: Model) -> None:
    """The audit lines tell of each deed once, in order. ``seen``: what was read before, with the last id."""
    query = select(AuditLine.id, AuditLine.deed, AuditLine.subject, AuditLine.subject_id)
    new = session.execute(query.where(AuditLine.id > (seen[-1] if seen else 0)).order_by(AuditLine.id)).all()
    told = [tuple(row[1:]) for row in new]
    assert told == model.lines[len(seen) :], f"audit: {told}, not {model.lines[len(seen) :]}"
    seen += [row[0] for row in new]


def calendars_show_what_is_booked(session: Session, model: Model, recipients: Recipients) -> None:
    """Whoever is not waiting for a mail sees each coming appointment where it is, and no other."""
    assert not recipients.wrong, recipients.wrong
    query = select(Notice.address, Appointment.uid).join(Appointment, Notice.appointment_id == Appointment.id)
    waiting = {
        tuple(row)
        for row in session.execute(
            query.where(Notice.state == NoticeState.WAITING, Notice.kind.in_(CALENDAR_KINDS))
        ).all()
    }
    for each in model.appointments.values():
        visit = each.placed.visit
        if visit is None or visit[0] <= model.now:
            continue
        ought = (instant(visit[0]), instant(visit[1])) if each.booked else None
        for address in clinic.PATIENTS[each.placed.patient]:
            entry = recipients.calendars.get((address, each.uid))
            if (address, each.uid) in waiting or (entry and entry.lost > entry.sequence):
                continue
            shown = entry.shown if entry else None
            assert shown == ought, f"{address} sees {shown}, not {ought}, for appointment {each.id}"


def nothing_is_left_over(session: Session, model: Model) -> None:
    """Once workers and mail server have been well for long enough: no mail that is due, no claim of an old hold."""
    now = instant(model.now)
    due = (Notice.state == NoticeState.WAITING, Notice.channel == Channel.MAIL, Notice.due_at <= now)
    late = session.scalars(select(Notice.id).where(*due)).all()
    assert not late, f"still waiting: {late}"
    over = select(Claim.id).join(Hold, Claim.hold_id == Hold.id).where(Claim.active, Hold.expires_at <= now)
    assert not session.scalars(over).all(), "holds that are over still have claims"

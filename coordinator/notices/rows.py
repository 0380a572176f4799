"""How a notice becomes a row: its stable name, and adding only what is not there yet.

Of a plan there are many: they are plain rows, written in one statement, and objects only when they are read again.
"""

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from coordinator.models import Appointment, Notice, NoticeKind, NoticeState
from coordinator.notices.recipients import Recipient

NOTICES = Notice.metadata.tables[Notice.__tablename__]
Row = dict[str, Any]
"""The columns of one notice."""


def about_visit(
    appointment: Appointment,
    recipient: Recipient,
    kind: NoticeKind,
    *,
    due_at: datetime,
    now: datetime,
    lead_hours: int = 0,
) -> Row:
    """A notice about one appointment in its present revision."""
    notice = _waiting(appointment.plan_id, recipient, kind, due_at, now)
    notice |= {
        "appointment_id": appointment.id,
        "sequence": appointment.sequence,
        "lead_hours": lead_hours,
    }
    return _named(notice, appointment.uid)


def about_plan(
    plan_id: int, recipient: Recipient, kind: NoticeKind, *, nth: int, due_at: datetime, now: datetime
) -> Row:
    """The ``nth`` notice (from 0) to a person about a whole plan."""
    notice = _waiting(plan_id, recipient, kind, due_at, now) | {"sequence": nth}
    return _named(notice, f"plan-{plan_id}")


def add(session: Session, notices: Iterable[Row]) -> None:
    """Write what is not there yet, whoever wrote it first."""
    wanted = {notice["unique_key"]: notice for notice in notices}
    there = select(Notice.unique_key).where(Notice.unique_key.in_(wanted))
    for key in session.scalars(there).all():
        del wanted[key]
    if wanted:
        session.execute(insert(NOTICES), list(wanted.values()))


def _waiting(plan_id: int, recipient: Recipient, kind: NoticeKind, due_at: datetime, now: datetime) -> Row:
    return {
        "kind": kind,
        "channel": recipient.channel,
        "state": NoticeState.WAITING,
        "plan_id": plan_id,
        "appointment_id": None,
        "recipient": recipient.role,
        "address": recipient.address,
        "name": recipient.name,
        "language": recipient.language,
        "sequence": 0,
        "lead_hours": 0,
        "due_at": due_at,
        "created_at": now,
        "attempts": 0,
    }


def _named(notice: Row, about: str) -> Row:
    """Whom, of what, how, which revision: the same message has the same name, in the mail as well."""
    whom = f"{notice['recipient']}-{sha256(notice['address'].encode()).hexdigest()[:8]}"
    what = f"{notice['kind']}.{notice['channel']}.{notice['lead_hours']}.{notice['sequence']}"
    name = f"{about}.{whom}.{what}"
    return notice | {"unique_key": name, "message_id": name}

"""Who did or looked at what: the helper that every service writes its audit line with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from coordinator.models import AuditLine


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, a patient's link, a command or the worker."""

    kind: str
    account_id: int | None = None


COMMAND = Actor("command")
WORKER = Actor("worker")
PATIENT = Actor("patient-link")


def account(account_id: int) -> Actor:
    """Somebody who is signed in."""
    return Actor("account", account_id)


def record(
    session: Session,
    by: Actor,
    deed: str,
    subject: str,
    subject_id: int | None,
    now: datetime,
    **facts: object,
) -> None:
    """Add an audit line to the transaction. Facts are ids and times, never names or therapies."""
    line = AuditLine(
        at=now,
        account_id=by.account_id,
        actor=by.kind,
        deed=deed,
        subject=subject,
        subject_id=subject_id,
        facts=facts,
    )
    session.add(line)

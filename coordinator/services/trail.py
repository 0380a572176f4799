"""Who did or looked at what: the helper that every service writes its audit line with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import Refusal
from coordinator.models import AuditLine

LONGEST_KEY = 100


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
) -> AuditLine:
    """Add an audit line to the transaction. Facts are ids and times, never names or therapies.

    Its ``request_key`` may be set, for ``answered_before``.
    """
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
    return line


def answered_before(session: Session, key: str | None, deed: str, subject: str, subject_id: int) -> bool:
    """Whether a request of this key has done its deed already: then nothing is done again.

    Raises Refusal for a key that is none, or that did something else.
    """
    if not key:
        return False
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Refusal("The key of a request has at most {most} printable characters.", most=LONGEST_KEY)
    line = session.scalars(select(AuditLine).where(AuditLine.request_key == key)).one_or_none()
    if line is None:
        return False
    if (line.deed, line.subject, line.subject_id) != (deed, subject, subject_id):
        raise Refusal("This request has done something else already. Open the page again.")
    return True

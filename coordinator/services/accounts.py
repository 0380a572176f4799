"""Accounts of those who sign in: made at the command line, or with the demo."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from coordinator.database import begin_writing
from coordinator.errors import Refusal
from coordinator.files.values import unprintable
from coordinator.models import Account, Practitioner, Role
from coordinator.services import signing_in, trail

SHORTEST_PASSWORD = 10


def create(
    session: Session,
    *,
    email: str,
    name: str,
    role: Role,
    password: str,
    practitioner: str | None = None,
    by: trail.Actor,
    now: datetime,
) -> Account:
    """A new account; a practitioner's belongs to the practitioner with that key.

    Raises Refusal: an address that has an account already, a password that is too short, no such practitioner.
    """
    _check(email, name, password)
    secret = signing_in.hashed(password)  # takes long: not while the database waits
    begin_writing(session)
    if session.scalar(select(Account.id).where(func.lower(Account.email) == email.lower())) is not None:
        raise Refusal("There is an account for {email} already.", email=email)
    row = account(email, name, role, secret, practitioner_id=_practitioner(session, role, practitioner))
    session.add(row)
    session.flush()
    trail.record(session, by, "create", "account", row.id, now)
    session.commit()
    return row


def account(
    email: str, name: str, role: Role, password_hash: str, *, practitioner_id: int | None = None
) -> Account:
    """An account that is not written yet."""
    return Account(
        email=email,
        name=name,
        role=role,
        password_hash=password_hash,
        practitioner_id=practitioner_id,
        stamp=signing_in.new_stamp(),
    )


def _check(email: str, name: str, password: str) -> None:
    if "@" not in email or any(sign.isspace() for sign in email) or len(email) > 200:
        raise Refusal("{email} is not an e-mail address.", email=email)
    if not name.strip() or len(name) > 200 or unprintable(name, lines=False):
        raise Refusal("The name has to be one line of at most 200 characters.")
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal("The password needs at least {count} characters.", count=SHORTEST_PASSWORD)


def _practitioner(session: Session, role: Role, key: str | None) -> int | None:
    if role != Role.PRACTITIONER:
        return None
    found = session.scalar(select(Practitioner.id).where(Practitioner.key == key))
    if found is None:
        raise Refusal("There is no practitioner {key} to make an account for.", key=key or "")
    return found

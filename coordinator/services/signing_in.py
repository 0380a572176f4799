"""Signing in and out."""

import secrets
from datetime import datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from coordinator.database import begin_writing
from coordinator.models import Account
from coordinator.services import trail

_hasher = PasswordHasher()


def hashed(password: str) -> str:
    """What is kept of a password: an Argon2id hash with its own salt."""
    return _hasher.hash(password)


def new_stamp() -> str:
    """A new stamp for an account: every sign-in with the old one is over."""
    return secrets.token_urlsafe(18)


@cache
def _nobody() -> str:
    return hashed(secrets.token_urlsafe(18))


def sign_in(session: Session, email: str, password: str, *, now: datetime) -> Account | None:
    """The account with this address and password, if there is one and it is active.

    An unknown address takes as long as a wrong password: neither tells whether the account exists.
    """
    account_id, kept = _kept(session, email)
    session.rollback()  # a hash takes long; no transaction waits for it
    right = _fits(kept, password)
    if account_id is None:
        return None
    begin_writing(session)
    row = session.get_one(Account, account_id, populate_existing=True)
    welcome = right and row.active
    if welcome:
        row.last_seen_at = now
    deed = "sign-in" if welcome else "sign-in-failed"
    trail.record(session, trail.account(row.id), deed, "account", row.id, now)
    session.commit()
    return row if welcome else None


def sign_out(session: Session, account_id: int, *, now: datetime) -> None:
    """End every sign-in of an account, on all its devices."""
    begin_writing(session)
    session.get_one(Account, account_id).stamp = new_stamp()
    trail.record(session, trail.account(account_id), "sign-out", "account", account_id, now)
    session.commit()


def account_of(session: Session, account_id: int, stamp: str) -> Account | None:
    """The active account that a sign-in belongs to, unless it was ended since."""
    account = session.get(Account, account_id)
    if account is None or not account.active or not secrets.compare_digest(account.stamp, stamp):
        return None
    return account


def speak(session: Session, account_id: int, language: str) -> None:
    """Keep the language that an account reads in."""
    begin_writing(session)
    session.get_one(Account, account_id).language = language
    session.commit()


def _kept(session: Session, email: str) -> tuple[int | None, str]:
    """The number of the account with an address, and what is kept of its password; for nobody, of another."""
    query = select(Account.id, Account.password_hash).where(
        func.lower(Account.email) == email.strip().lower()
    )
    found = session.execute(query).one_or_none() if email.isprintable() else None
    return (found.id, found.password_hash) if found else (None, _nobody())


def _fits(kept: str, password: str) -> bool:
    try:
        return _hasher.verify(kept, password)
    except (VerificationError, InvalidHashError):
        return False

"""Tries that are limited (sign-ins, links, birth dates), counted by all nodes together."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from coordinator.database import begin_writing, clock, retrying
from coordinator.models import Knock


def counted(session: Session, key: str, seconds: int) -> tuple[datetime, int]:
    """How many tries under ``key`` count now, and since when; each counts for ``seconds``."""
    now = clock(session)
    query = select(func.min(Knock.expires_at), func.count()).where(
        Knock.key_hash == _hash(key), Knock.expires_at > now
    )
    first_ends_at, number = session.execute(query).one()
    return (first_ends_at - timedelta(seconds=seconds) if number else now), number


@retrying
def knock(session: Session, key: str, most: int, seconds: int) -> bool:
    """Count one more try under ``key``, unless ``most`` count already. Forgets what counts no more.

    Those who knock at the very same moment may be let in together: the limit is against guessing, one more is none.
    """
    begin_writing(session)
    _, number = counted(session, key, seconds)
    if welcome := number < most:
        now = clock(session)
        session.execute(delete(Knock).where(Knock.expires_at <= now))
        session.add(Knock(key_hash=_hash(key), expires_at=now + timedelta(seconds=seconds)))
    session.commit()
    return welcome


def forget(session: Session, key: str) -> None:
    """Let ``key`` begin anew."""
    begin_writing(session)
    session.execute(delete(Knock).where(Knock.key_hash == _hash(key)))
    session.commit()


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()

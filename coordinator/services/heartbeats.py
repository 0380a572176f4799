"""Signs of life of workers: rows, so that every node knows whether any of them lives."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from coordinator.database import begin_writing, clock, retrying
from coordinator.models import Heartbeat

TOO_LONG = timedelta(seconds=90)
"""After this long without a sign of life, a worker counts as gone."""
FORGOTTEN = timedelta(days=1)


@retrying
def beat(session: Session, worker: str) -> None:
    """The worker of this name is here, now."""
    begin_writing(session)
    now = clock(session)
    session.merge(Heartbeat(worker=worker, beat_at=now))
    session.execute(delete(Heartbeat).where(Heartbeat.beat_at < now - FORGOTTEN))
    session.commit()


@retrying
def stop(session: Session, worker: str) -> None:
    """The worker of this name has ended by itself."""
    begin_writing(session)
    session.execute(delete(Heartbeat).where(Heartbeat.worker == worker))
    session.commit()


def silence(session: Session) -> timedelta | None:
    """How long ago any worker was last seen; None: there is none."""
    newest: datetime | None = session.scalar(select(func.max(Heartbeat.beat_at)))
    return None if newest is None else max(clock(session) - newest, timedelta())

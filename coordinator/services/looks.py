"""Who looked at what: the one line that a reading service writes, in a transaction of its own, before it reads."""

from datetime import datetime

from sqlalchemy.orm import Session

from coordinator.database import begin_writing
from coordinator.services import trail
from coordinator.services.trail import Actor


def note(
    session: Session, by: Actor, subject: str, subject_id: int | None, now: datetime, **facts: object
) -> None:
    """Write down that somebody looks at a subject."""
    begin_writing(session)
    trail.record(session, by, "look", subject, subject_id, now, **facts)
    session.commit()

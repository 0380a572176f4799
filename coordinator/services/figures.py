"""Figures for those who run the program: counted in the database, the same on every node, of nobody in particular."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from coordinator.database import clock
from coordinator.models import Channel, Hold, Notice, NoticeState
from coordinator.services import heartbeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What stands open now; ages are as old as the oldest."""

    notices: Mapping[tuple[str, str], int]
    """(state, channel) -> how many, of those that wait or were given up."""
    overdue: timedelta
    """For how long a mail could have left already."""
    holds: int
    silence: timedelta | None
    """How long ago any worker was last seen; None: there is none."""


def figures(session: Session) -> Figures:
    """Count."""
    now = clock(session)
    oldest: datetime | None = session.scalar(
        select(func.min(Notice.due_at)).where(
            Notice.state == NoticeState.WAITING, Notice.channel == Channel.MAIL, Notice.due_at <= now
        )
    )
    kept = select(func.count()).where(Hold.released_at.is_(None), Hold.expires_at > now)
    return Figures(
        notices=_notices(session),
        overdue=now - oldest if oldest else timedelta(),
        holds=session.scalar(kept) or 0,
        silence=heartbeats.silence(session),
    )


def _notices(session: Session) -> dict[tuple[str, str], int]:
    open_states = (NoticeState.WAITING, NoticeState.DEAD)
    query = select(Notice.state, Notice.channel, func.count()).where(Notice.state.in_(open_states))
    found = {
        (state.value, channel.value): number
        for state, channel, number in session.execute(query.group_by(Notice.state, Notice.channel))
    }
    return {(state.value, channel.value): 0 for state in open_states for channel in Channel} | found

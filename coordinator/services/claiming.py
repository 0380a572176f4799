"""The one door through which resources are taken: claims are written here and nowhere else."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from coordinator.database import clock
from coordinator.errors import Conflict
from coordinator.models import Claim, Hold, Resource
from coordinator.services.taken import touching

CLAIMS = Claim.metadata.tables[Claim.__tablename__]
GUARDS = ("claim_no_overlap", "exclusion constraint")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Stretch:
    """One resource taken from one instant to another, turnover included; ``of`` says for which step."""

    resource_id: int
    starts_at: datetime
    ends_at: datetime
    appointment_id: int | None = None
    hold_id: int | None = None
    block_id: int | None = None
    of: str = ""


def claim(session: Session, stretches: Iterable[Stretch]) -> None:
    """Take all of them, or raise Conflict and leave the transaction to be rolled back.

    Sorted by resource and time, and after taking turns, so that two who want the same do not wait for each other.
    Expired holds give way first.
    """
    wanted = sorted(
        set(stretches), key=lambda stretch: (stretch.resource_id, stretch.starts_at, stretch.ends_at)
    )
    if not wanted:
        return
    session.flush()
    _take_turns(session, wanted)
    release_expired(session)
    rows = [
        {
            "resource_id": each.resource_id,
            "starts_at": each.starts_at,
            "ends_at": each.ends_at,
            "appointment_id": each.appointment_id,
            "hold_id": each.hold_id,
            "block_id": each.block_id,
            "active": True,
        }
        for each in wanted
    ]
    try:
        session.execute(insert(CLAIMS), rows)
    except IntegrityError as error:
        if not any(guard in str(error.orig) for guard in GUARDS):
            raise
        session.rollback()
        raise _conflict(session, wanted) from error


def _take_turns(session: Session, wanted: Sequence[Stretch]) -> None:
    """Wait for all who claim the same resource on the same day, until they commit.

    PostgreSQL's constraint looks after it has written: two who write the same at once would wait for each
    other until one is broken off. SQLite has one writer at a time.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    turns = sorted({(each.resource_id, day) for each in wanted for day in _days(each)})
    waiting = text(
        "SELECT pg_advisory_xact_lock(resource_id, day)"
        " FROM unnest(CAST(:ids AS int[]), CAST(:days AS int[])) AS turn (resource_id, day)"
    )
    session.execute(waiting, {"ids": [turn[0] for turn in turns], "days": [turn[1] for turn in turns]})


def _days(stretch: Stretch) -> Iterator[int]:
    """The numbers of the UTC days that a stretch touches."""
    last = stretch.ends_at - timedelta(seconds=1)
    yield from range(stretch.starts_at.toordinal(), last.toordinal() + 1)


def release(session: Session, *, appointment_ids: Sequence[int] = (), hold_ids: Sequence[int] = ()) -> None:
    """Let go of what appointments or holds have taken."""
    for column, ids in ((Claim.appointment_id, appointment_ids), (Claim.hold_id, hold_ids)):
        if ids:
            session.execute(update(Claim).where(column.in_(ids), Claim.active).values(active=False))


def release_expired(session: Session) -> None:
    """Let go of all holds whose time is over by the database's clock, but those that somebody else is letting go."""
    now = clock(session)
    over = select(Hold.id).where(Hold.released_at.is_(None), Hold.expires_at <= now)
    if gone := list(session.scalars(over.with_for_update(skip_locked=True))):
        release(session, hold_ids=gone)
        session.execute(update(Hold).where(Hold.id.in_(gone)).values(released_at=now))


def _conflict(session: Session, wanted: Sequence[Stretch]) -> Conflict:
    """Which step lost which resource: looked up after the database has refused."""
    for each in wanted:
        here = touching(session, [each.resource_id], each.starts_at, each.ends_at)
        query = select(Resource.name).join(Claim, Claim.resource_id == Resource.id).where(here)
        if (name := session.scalars(query).first()) is not None:
            return Conflict(
                "{resource} was booked meanwhile by somebody else, at a time this plan needs. Nothing was booked.",
                resource=name,
                begin=f"{each.starts_at:%Y-%m-%d %H:%M}",
                end=f"{each.ends_at:%H:%M}",
                step=each.of or "this plan",
            )
    return Conflict("Two steps of this plan want the same resource at once. Nothing was booked.")

"""The one door through which resources are taken: claims are written here and nowhere else."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from typing import NoReturn

from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from coordinator.database import clock, is_refused_by
from coordinator.models import Claim, Hold
from coordinator.services import losing
from coordinator.services.claims import NOBODY, Owners, Stretch

CLAIMS = Claim.metadata.tables[Claim.__tablename__]
GUARD = "claim_no_overlap"
COLUMNS = ("resource_id", "starts_at", "ends_at", "appointment_id", "hold_id", "block_id")
AT_ONCE = text(
    f"INSERT INTO claim ({', '.join(COLUMNS)}, active)"
    " SELECT *, true FROM unnest(CAST(:resource_id AS int[]), CAST(:starts_at AS timestamptz[]),"
    " CAST(:ends_at AS timestamptz[]), CAST(:appointment_id AS int[]), CAST(:hold_id AS int[]),"
    " CAST(:block_id AS int[]))"
)
"""All rows in one statement and in their order, which is several times as fast as one statement each."""


def claim(session: Session, stretches: Iterable[Stretch], *, instead_of: Owners = NOBODY) -> None:
    """Take all of them, or raise Conflict and leave the transaction to be rolled back.

    What ``instead_of`` had taken is let go in the same breath, so that nothing is in its own way; so is what holds
    that are over still have in these stretches. First turns are taken for all that is touched, in one order for
    everybody: two who want the same then wait before they write, not while they do.
    """
    wanted = sorted(set(stretches), key=lambda each: (each.resource_id, each.starts_at, each.ends_at))
    session.flush()
    _take_turns(session, [*wanted, *_taken_by(session, instead_of)])
    release(session, instead_of)
    if not wanted:
        return
    _release_expired_within(session, wanted)
    try:
        _insert(session, wanted)
    except IntegrityError as error:
        if not is_refused_by(GUARD, error):
            raise
        _lose(session, wanted, instead_of, error)


def release(session: Session, owners: Owners) -> None:
    """Let go of what some appointments or holds have taken."""
    if owners:
        session.execute(
            update(Claim)
            .where(owners.condition())
            .values(active=False)
            .execution_options(synchronize_session=False)
        )


def _taken_by(session: Session, owners: Owners) -> Iterator[Stretch]:
    """What some owners have taken."""
    if owners:
        columns = Claim.resource_id, Claim.starts_at, Claim.ends_at
        for resource_id, starts_at, ends_at in session.execute(select(*columns).where(owners.condition())):
            yield Stretch(resource_id=resource_id, starts_at=starts_at, ends_at=ends_at)


def _take_turns(session: Session, touched: Sequence[Stretch]) -> None:
    """Wait for all who touch the same resource on the same day, until they commit.

    PostgreSQL's constraint looks after it has written: two who write the same at once would wait for each
    other until one is broken off. SQLite has one writer at a time.
    """
    if session.get_bind().dialect.name != "postgresql" or not touched:
        return
    turns = sorted({(each.resource_id, day) for each in touched for day in _days(each)})
    waiting = text(
        "SELECT pg_advisory_xact_lock(resource_id, day)"
        " FROM unnest(CAST(:ids AS int[]), CAST(:days AS int[])) AS turn (resource_id, day)"
    )
    session.execute(waiting, {"ids": [turn[0] for turn in turns], "days": [turn[1] for turn in turns]})


def _days(stretch: Stretch) -> Iterator[int]:
    """The numbers of the UTC days that a stretch touches."""
    last = stretch.ends_at - timedelta(seconds=1)
    yield from range(stretch.starts_at.toordinal(), last.toordinal() + 1)


def _release_expired_within(session: Session, wanted: Sequence[Stretch]) -> None:
    """Let go of what holds that are over, by the database's clock, still have in some stretches.

    Only there, where the turns are ours: the rest is let go by whoever wants it, or by ``holding.release_expired``.
    """
    over = select(Hold.id).where(Hold.released_at.is_(None), Hold.expires_at <= clock(session))
    if not (holds := session.scalars(over).all()):
        return
    query = select(Claim.id, Claim.resource_id, Claim.starts_at, Claim.ends_at)
    query = query.where(Claim.hold_id.in_(holds), Claim.active)
    in_the_way = [
        number
        for number, resource_id, starts_at, ends_at in session.execute(query)
        if any(
            each.resource_id == resource_id and each.starts_at < ends_at and starts_at < each.ends_at
            for each in wanted
        )
    ]
    session.execute(
        update(Claim)
        .where(Claim.id.in_(in_the_way))
        .values(active=False)
        .execution_options(synchronize_session=False)
    )


def _insert(session: Session, wanted: Sequence[Stretch]) -> None:
    rows = [{name: getattr(each, name) for name in COLUMNS} for each in wanted]
    if session.get_bind().dialect.name == "postgresql":
        session.execute(AT_ONCE, {name: [row[name] for row in rows] for name in COLUMNS})
    else:
        session.execute(insert(CLAIMS), [row | {"active": True} for row in rows])


def _lose(session: Session, wanted: Sequence[Stretch], instead_of: Owners, error: IntegrityError) -> NoReturn:
    """Undo everything, and say what was lost: which step, whom or what, and when."""
    session.rollback()
    raise losing.conflict(session, wanted, instead_of) from error

"""Claims: one of many who want the same at once gets it, and nobody is thrown out for waiting."""

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.errors import Conflict
from coordinator.models import Block, Claim, Room
from coordinator.services import claiming
from coordinator.services.claiming import Stretch
from tests.services.a_pain_clinic import NOW

ROOMS, HOURS, CROWD = 4, 5, 8


@pytest.fixture
def blocks(db: Session) -> list[int]:
    """A block for each of a crowd, and rooms for them to want."""
    database.begin_writing(db)
    db.add_all([Room(id=number, key=f"room-{number}", name="Room") for number in range(1, ROOMS + 1)])
    made = [Block(title="Busy", starts_at=NOW, ends_at=NOW + timedelta(days=1)) for _ in range(CROWD)]
    db.add_all(made)
    db.commit()
    return [block.id for block in made]


def wishes(block_id: int) -> list[Stretch]:
    """The same hours of the same rooms, in an order of one's own."""
    every = [
        Stretch(
            resource_id=room,
            starts_at=NOW + timedelta(hours=hour),
            ends_at=NOW + timedelta(hours=hour + 1),
            block_id=block_id,
        )
        for room in range(1, ROOMS + 1)
        for hour in range(HOURS)
    ]
    random.Random(block_id).shuffle(every)
    return every


def test_of_a_crowd_one_gets_all_and_each_other_a_conflict(
    db: Session, engine: Engine, blocks: list[int]
) -> None:
    sessions, outcomes = database.make_sessions(engine), []
    ready = threading.Barrier(CROWD)

    def want(block_id: int) -> None:
        with sessions() as session:
            ready.wait()
            try:
                database.begin_writing(session)
                claiming.claim(session, wishes(block_id))
                session.commit()
                outcomes.append("got it")
            except Exception as error:
                outcomes.append(type(error).__name__)

    crowd = [threading.Thread(target=want, args=[block_id]) for block_id in blocks]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert sorted(outcomes) == [Conflict.__name__] * (CROWD - 1) + ["got it"]
    assert db.scalar(select(func.count()).where(Claim.active)) == ROOMS * HOURS


def test_who_takes_turns_over_several_days_takes_each_of_them(db: Session, blocks: list[int]) -> None:
    database.begin_writing(db)
    long = Stretch(resource_id=1, starts_at=NOW, ends_at=NOW + timedelta(days=3), block_id=blocks[0])
    claiming.claim(db, [long])
    db.commit()
    inside = Stretch(
        resource_id=1,
        starts_at=NOW + timedelta(days=1),
        ends_at=NOW + timedelta(days=1, hours=1),
        block_id=blocks[1],
        of="rest",
    )
    database.begin_writing(db)
    with pytest.raises(Conflict, match="rest"):
        claiming.claim(db, [inside])

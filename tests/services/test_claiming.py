"""Claims: one of many who want the same at once gets it, and nobody is thrown out for waiting."""

import random
import threading
from datetime import timedelta

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.errors import Conflict
from coordinator.models import Block, Claim, Room
from coordinator.services import claiming, holding, taken
from coordinator.services.claims import Stretch
from coordinator.services.trail import COMMAND
from tests.services.a_pain_clinic import NOW, a_draft, found, set_up

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
    with pytest.raises(Conflict) as lost:
        claiming.claim(db, [inside])
    assert lost.value.facts["step"] == "rest"


def test_holds_that_are_over_give_way_and_others_do_not(db: Session) -> None:
    set_up(db)
    first = holding.hold(db, found(db, a_draft(db)).proposals[0].id, version=1, by=COMMAND, now=NOW)
    db.info["now"] = NOW + timedelta(hours=1)
    second = holding.hold(db, found(db, a_draft(db, "tom")).proposals[0].id, version=1, by=COMMAND, now=NOW)
    assert holding.release_expired(db) == 1
    db.refresh(first)
    assert (first.released_at, second.released_at) == (NOW + timedelta(hours=1), None)
    held = select(Claim.hold_id).where(Claim.active, Claim.hold_id.is_not(None)).distinct()
    assert db.scalars(held).all() == [second.id]


def test_the_history_of_a_resource_is_not_read(db: Session, engine: Engine, blocks: list[int]) -> None:
    """As SQLite plans it: every claim is sought by both ends of a stretch, or by its number."""
    if engine.dialect.name != "sqlite":
        pytest.skip("its plans depend on how much there is")
    ids, week = list(range(1, ROOMS + 1)), (NOW, NOW + timedelta(days=7))
    condition = taken.touching(db, ids, *week)
    query = select(Claim.id).where(condition).compile(engine, compile_kwargs={"literal_binds": True})
    plan = [row.detail for row in db.execute(text(f"EXPLAIN QUERY PLAN {query}"))]
    about_claims = [line for line in plan if "claim" in line]
    assert about_claims
    for line in about_claims:
        assert "starts_at>? AND starts_at<?" in line or "rowid=?" in line, plan


def test_a_claim_that_reaches_into_a_stretch_touches_it(db: Session, blocks: list[int]) -> None:
    database.begin_writing(db)
    hours = [(-5, -4), (-3, 1), (2, 3), (9, 12), (12, 13)]
    claiming.claim(
        db,
        [
            Stretch(
                resource_id=1,
                starts_at=NOW + timedelta(hours=begin),
                ends_at=NOW + timedelta(hours=end),
                block_id=blocks[0],
            )
            for begin, end in hours
        ],
    )
    db.commit()
    condition = taken.touching(db, [1, 2], NOW, NOW + timedelta(hours=10))
    found_hours = [
        (each.starts_at - NOW) // timedelta(hours=1) for each in db.scalars(select(Claim).where(condition))
    ]
    assert sorted(found_hours) == [-3, 2, 9]

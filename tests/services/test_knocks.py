"""Tries that are limited: all nodes count together, each try counts for its time, and nobody's name is kept."""

from datetime import timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.models import Knock
from coordinator.services import knocks
from tests.services.a_pain_clinic import NOW

NAME = "name:ann@clinic.example"


def knock(db: Session, key: str = NAME, at: int = 0) -> bool:
    db.info["now"] = NOW + timedelta(seconds=at)
    return knocks.knock(db, key, 3, 60)


def test_so_many_are_let_in_and_no_more(db: Session) -> None:
    assert [knock(db) for _ in range(5)] == [True, True, True, False, False]
    assert knock(db, "name:ben@clinic.example")


def test_another_node_counts_on(db: Session, engine: Engine) -> None:
    with database.make_sessions(engine)() as elsewhere:
        assert [knock(each) for each in (db, elsewhere, db, elsewhere)] == [True, True, True, False]


def test_each_try_counts_for_its_time(db: Session) -> None:
    for at in (0, 30, 40):
        assert knock(db, at=at)
    assert not knock(db, at=59)
    assert knock(db, at=60)
    assert not knock(db, at=61)


def test_what_is_full_says_since_when(db: Session) -> None:
    db.info["now"] = NOW
    assert knocks.counted(db, NAME, 60) == (NOW, 0)
    for at in (10, 20):
        knock(db, at=at)
    assert knocks.counted(db, NAME, 60) == (NOW + timedelta(seconds=10), 2)


def test_no_name_is_kept_and_nothing_longer_than_it_counts(db: Session) -> None:
    knock(db)
    assert NAME not in str([vars(each) for each in db.scalars(select(Knock))])
    knock(db, "another", at=60)
    assert len(db.scalars(select(Knock)).all()) == 1

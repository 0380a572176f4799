"""Behind PgBouncer in transaction mode: nothing is left in a session, and nothing is missed in the next."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.models import Role
from coordinator.services import (
    accounts,
    backups,
    cancelling,
    heartbeats,
    holding,
    knocks,
    moving,
    readiness,
    signing_in,
)
from coordinator.services.delivery import Delivery
from coordinator.services.trail import COMMAND
from tests import pooling
from tests.notices.builders import LETTERHEAD, sessions_at
from tests.services import a_pain_clinic as clinic

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])


class Kept:
    """Takes every mail."""

    def __init__(self) -> None:
        self.mails: list[object] = []

    def send(self, message: object) -> None:
        self.mails.append(message)

    def hang_up(self) -> None:
        pass


def test_a_whole_day_leaves_nothing_in_any_session(engine: Engine, db: Session, tmp_path: Path) -> None:
    left, post = pooling.watch(engine), Kept()
    clinic.set_up(db)
    visit = next(each for each in clinic.booked(db) if each.step.key == "physio-2")
    search = clinic.found(db, clinic.approved(db, clinic.a_draft(db, "tom")))
    holding.hold(db, search.proposals[0].id, version=search.plan_version, by=COMMAND, now=clinic.NOW)
    holding.let_go(db, search.plan_id, by=COMMAND, now=clinic.NOW)
    later = moving.times_for(db, visit.id, seconds=10, now=clinic.NOW)[-1].starts_at
    moving.move(db, visit.id, starts_at=later, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    cancelling.cancel(db, visit.id, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    new = {
        "email": "ann@clinic.example",
        "name": "Ann",
        "role": Role.COORDINATOR,
        "password": "a long password",
    }
    accounts.create(db, **new, by=COMMAND, now=clinic.NOW)
    assert signing_in.sign_in(db, new["email"], new["password"], now=clinic.NOW)
    assert knocks.knock(db, "a door", 1, 60)
    heartbeats.beat(db, "a worker")
    Delivery(sessions_at(engine, clinic.NOW), post, LETTERHEAD).work_off()
    assert post.mails
    assert readiness.missing(database.make_sessions(engine)) == []
    backups.take(engine, tmp_path / "backup.db", secret=None, told=lambda *_: None)
    db.close()
    assert left == []


def test_what_is_left_would_be_seen(engine: Engine) -> None:
    """With psycopg's usual settings a statement is prepared after some times; that PgBouncer does not forgive."""
    usual = create_engine(engine.url)
    left = pooling.watch(usual)
    with usual.connect() as connection:
        for _ in range(10):
            connection.execute(text("SELECT 4711"))
        connection.execute(text("SELECT pg_advisory_lock(4712)"))
        connection.execute(text("SET statement_timeout = 4713"))
        connection.commit()
    assert {line.partition(" ")[0] for line in left} == {"statement", "lock", "setting"}
    usual.dispose()


def test_settings_and_locks_of_a_transaction_end_with_it(engine: Engine, db: Session) -> None:
    left = pooling.watch(engine)
    database.begin_writing(db)
    db.execute(text("SELECT pg_advisory_xact_lock(4711)"))
    db.commit()
    assert left == []

"""The guard that the database keeps by itself, the type for instants, and the transaction that writes."""

import threading
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, event, insert, make_url, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.models import Block, Claim, Room
from tests.conftest import SqliteFiles

DAWN = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def room(db: Session) -> tuple[int, int]:
    """A room, and a block to claim it for."""
    database.begin_writing(db)
    place, block = (
        Room(key="room", name="Room"),
        Block(title="Busy", starts_at=DAWN, ends_at=DAWN + timedelta(days=1)),
    )
    db.add_all([place, block])
    db.commit()
    return place.id, block.id


def claim(db: Session, room: tuple[int, int], begin: int, end: int, **fields: object) -> None:
    row = {
        "resource_id": room[0],
        "block_id": room[1],
        "starts_at": DAWN + timedelta(minutes=begin),
        "ends_at": DAWN + timedelta(minutes=end),
        "active": True,
    }
    db.execute(insert(Claim), [row | fields])


@pytest.mark.parametrize(("begin", "end"), [(60, 120), (61, 119), (0, 61), (119, 180), (0, 180)])
def test_an_overlap_by_a_minute_or_more_is_refused(
    db: Session, room: tuple[int, int], begin: int, end: int
) -> None:
    claim(db, room, 60, 120)
    with pytest.raises(DBAPIError, match="claim_no_overlap"):
        claim(db, room, begin, end)


@pytest.mark.parametrize(("begin", "end"), [(0, 60), (120, 121)])
def test_touching_is_no_overlap(db: Session, room: tuple[int, int], begin: int, end: int) -> None:
    claim(db, room, 60, 120)
    claim(db, room, begin, end)


@pytest.mark.parametrize(("begin", "end"), [(60, 60), (60, 59)])
def test_empty_and_backward_claims_are_refused(
    db: Session, room: tuple[int, int], begin: int, end: int
) -> None:
    with pytest.raises(DBAPIError):
        claim(db, room, begin, end)


def test_a_claim_needs_one_reason(db: Session, room: tuple[int, int]) -> None:
    with pytest.raises(DBAPIError):
        claim(db, room, 0, 60, block_id=None)


def test_what_was_let_go_can_be_taken_but_not_taken_back(db: Session, room: tuple[int, int]) -> None:
    claim(db, room, 60, 120)
    db.execute(update(Claim).values(active=False))
    claim(db, room, 60, 120)
    with pytest.raises(DBAPIError, match="claim_no_overlap"):
        db.execute(update(Claim).values(active=True))


def test_a_claim_cannot_be_moved_onto_another(db: Session, room: tuple[int, int]) -> None:
    claim(db, room, 60, 120)
    claim(db, room, 120, 180)
    later = select(Claim.id).order_by(Claim.starts_at.desc()).limit(1).scalar_subquery()
    with pytest.raises(DBAPIError, match="claim_no_overlap"):
        db.execute(update(Claim).where(Claim.id == later).values(starts_at=DAWN + timedelta(minutes=119)))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), min_size=1, max_size=25))
def test_the_guard_agrees_with_brute_force(sqlite_files: SqliteFiles, spans: list[tuple[int, int]]) -> None:
    kept: list[tuple[int, int]] = []
    engine = database.make_engine(sqlite_files.migrated())
    with database.make_sessions(engine)() as db:
        room, block = (
            Room(key="room", name="Room"),
            Block(title="Busy", starts_at=DAWN, ends_at=DAWN + timedelta(days=1)),
        )
        db.add_all([room, block])
        db.commit()
        ids = room.id, block.id
        for begin, length in spans:
            free = all(begin + length <= other or end <= begin for other, end in kept)
            try:
                claim(db, ids, begin, begin + length)
            except DBAPIError:
                assert not free
                db.rollback()
            else:
                assert free
                db.commit()
                kept.append((begin, begin + length))
    engine.dispose()


def test_instants_come_back_in_utc_and_to_the_second(db: Session, room: tuple[int, int]) -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    given = datetime(2026, 11, 23, 10, 0, 0, 999_999, tzinfo=zone)
    db.execute(delete(Block))
    db.add(Block(title="Busy", starts_at=given, ends_at=given + timedelta(hours=1)))
    db.flush()
    db.expire_all()
    assert db.scalars(select(Block)).one().starts_at == datetime(2026, 11, 23, 4, 30, tzinfo=UTC)


def test_naive_times_never_reach_the_database(db: Session) -> None:
    db.add(Block(title="Busy", starts_at=datetime(2026, 1, 1), ends_at=DAWN))
    with pytest.raises(StatementError, match="zone"):
        db.flush()


def test_the_databases_clock_is_near_and_can_be_set(db: Session) -> None:
    assert database.clock(db).tzinfo is UTC
    db.info["now"] = DAWN
    assert database.clock(db) == DAWN


def test_a_new_file_is_for_its_owner_only(sqlite_files: SqliteFiles) -> None:
    path = Path(str(make_url(url := sqlite_files.empty()).database))
    path.touch(mode=0o644)
    database.upgrade(url)
    assert path.stat().st_mode & 0o777 == 0o600


def test_an_error_tells_no_values(db: Session) -> None:
    with pytest.raises(DBAPIError) as error:
        db.execute(text("INSERT INTO nowhere VALUES (:name)"), {"name": "Rosa Vega"})
    assert "Rosa" not in str(error.value)


def test_a_file_that_can_be_written_again_is_written_without_a_restart(sqlite_files: SqliteFiles) -> None:
    engine = database.make_engine(sqlite_files.migrated())
    sessions = database.make_sessions(engine)
    with sessions() as session:
        session.execute(text("PRAGMA query_only = ON"))
    for outcome in (pytest.raises(OperationalError, match="readonly"), nullcontext()):
        with sessions() as session, outcome:
            database.begin_writing(session)
            session.add(Block(title="Busy", starts_at=DAWN, ends_at=DAWN + timedelta(hours=1)))
            session.commit()
    engine.dispose()


def test_migrations_and_rows_say_the_same(engine: Engine) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from coordinator.database import Base

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    assert not differences


def test_of_two_who_wait_for_each_other_both_get_through(db: Session, engine: Engine) -> None:
    database.begin_writing(db)
    db.add_all([Room(id=1, key="one", name="0"), Room(id=2, key="other", name="0")])
    db.commit()
    sessions, both_hold_one, broken = database.make_sessions(engine), threading.Barrier(2), []

    @database.retrying
    def count_up(session: Session, *rooms: int) -> None:
        database.begin_writing(session)
        for room in rooms:
            found = session.get_one(Room, room, with_for_update=True, populate_existing=True)
            found.name = str(int(found.name) + 1)
            session.flush()
            if room == rooms[0] and not broken and engine.dialect.name == "postgresql":
                both_hold_one.wait()
                broken.append(room)
        session.commit()

    def work(*rooms: int) -> None:
        with sessions() as session:
            count_up(session, *rooms)

    threads = [threading.Thread(target=work, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.rollback()
    assert [db.get_one(Room, room).name for room in (1, 2)] == ["2", "2"]


def test_an_error_that_is_no_deadlock_is_not_tried_again(db: Session) -> None:
    tries = []

    @database.retrying
    def claim_nothing(session: Session) -> None:
        tries.append(1)
        database.begin_writing(session)
        session.execute(text("INSERT INTO claim (id) VALUES (1)"))

    with pytest.raises(DBAPIError):
        claim_nothing(db)
    assert len(tries) == 1


def connected_with(url: str) -> dict[str, object]:
    """What psycopg is told by an engine for this address; nothing is connected to."""
    told: dict[str, object] = {}
    engine = database.make_engine(url)

    @event.listens_for(engine, "do_connect")
    def listen(_dialect: object, _record: object, _arguments: object, named: dict[str, object]) -> None:
        told.update(named)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        engine.connect()
    return told


def test_of_several_hosts_the_one_that_can_be_written_to_is_asked_for() -> None:
    for written in ("u:p@one:5432,other:5433/db", "u:p@/db?host=one:5432&host=other:5433"):
        told = connected_with(f"postgresql://{written}")
        assert (told["host"], told["port"]) == ("one,other", "5432,5433")
        assert (told["dbname"], told["user"], told["password"]) == ("db", "u", "p")
        assert told["target_session_attrs"] == "read-write"


def test_the_address_has_the_last_word() -> None:
    told = connected_with("postgresql://u@one,other/db?connect_timeout=9&target_session_attrs=any")
    assert (told["connect_timeout"], told["target_session_attrs"]) == ("9", "any")
    assert told["prepare_threshold"] is None


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_after_the_server_dropped_all_connections_the_next_request_succeeds(
    db: Session, engine: Engine
) -> None:
    database.clock(db)
    db.rollback()
    gone = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid()")  # fmt: skip
    other = database.make_engine(engine.url.render_as_string(hide_password=False))
    with other.connect() as connection:
        assert connection.execute(gone).scalars().all() == [True]
    other.dispose()
    assert database.clock(db).tzinfo is UTC

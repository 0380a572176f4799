"""The turnstile: one writer at a time, among threads and processes, and nobody is kept out for ever."""

import multiprocessing
import sqlite3
import threading
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

from coordinator import database, turnstile
from coordinator.turnstile import Turnstile


def keep(path: Path, inside: Event, leave: Event) -> None:
    """Another process that stays inside until it is told to leave."""
    Turnstile(path).enter()
    inside.set()
    leave.wait(10)


def test_another_process_is_waited_for_and_its_death_lets_us_in(tmp_path: Path) -> None:
    processes, path = multiprocessing.get_context("spawn"), tmp_path / "turn"
    inside, leave = processes.Event(), processes.Event()
    other = processes.Process(target=keep, args=(path, inside, leave))
    other.start()
    assert inside.wait(30)
    entered = threading.Event()
    ours = threading.Thread(target=lambda: Turnstile(path).enter() and entered.set())
    ours.start()
    assert not entered.wait(0.2)
    other.kill()
    assert entered.wait(10)
    ours.join()
    other.join()


def test_a_thread_that_waits_too_long_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turnstile, "WAIT_SECONDS", 0.05)
    gate = Turnstile(tmp_path / "turn")
    assert gate.enter()
    assert not gate.enter()
    gate.leave()
    assert gate.enter()
    gate.leave()


def test_where_no_file_can_be_made_threads_still_take_turns(tmp_path: Path) -> None:
    gate = Turnstile(tmp_path / "nowhere" / "turn")
    assert gate.enter()
    gate.leave()


@pytest.mark.parametrize("end", ["commit", "rollback", "close", "error"])
def test_every_end_of_a_writing_transaction_lets_the_next_one_in(tmp_path: Path, end: str) -> None:
    engine = database.make_engine(f"sqlite:///{tmp_path / 'some.db'}")
    sessions = database.make_sessions(engine)
    with sessions() as session:
        session.execute(text("CREATE TABLE thing (id INTEGER PRIMARY KEY)"))
        session.commit()
    with sessions() as session:
        database.begin_writing(session)
        session.execute(text("INSERT INTO thing VALUES (1)"))
        if end == "error":
            with pytest.raises(IntegrityError):
                session.execute(text("INSERT INTO thing VALUES (1)"))
            session.rollback()
        else:
            getattr(session, end)()
        with sessions() as other:
            database.begin_writing(other)
            other.commit()
    engine.dispose()


def test_who_reads_does_not_queue(tmp_path: Path) -> None:
    engine = database.make_engine(f"sqlite:///{tmp_path / 'some.db'}")
    entered: list[object] = []
    event.listen(engine, "begin", entered.append)
    sessions = database.make_sessions(engine)
    with sessions() as writer, sessions() as reader:
        database.begin_writing(writer)
        assert reader.execute(text("SELECT 1")).scalar() == 1
    assert len(entered) == 2
    engine.dispose()


def test_the_database_is_locked_by_nobody_who_still_waits_for_a_turn(tmp_path: Path) -> None:
    path = tmp_path / "some.db"
    engine = database.make_engine(f"sqlite:///{path}")
    sessions, begun = database.make_sessions(engine), threading.Event()
    gate = Turnstile(Path(f"{path}-turn"))
    assert gate.enter()

    def write() -> None:
        with sessions() as session:
            database.begin_writing(session)
            begun.set()

    waiting = threading.Thread(target=write, daemon=True)
    waiting.start()
    assert not begun.wait(0.2)
    with closing(sqlite3.connect(path, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")
    gate.leave()
    waiting.join(10)
    assert begun.is_set()
    engine.dispose()

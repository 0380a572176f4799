"""The program under test: its services on a real database, a clock that stands still, and a machine that dies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, sessionmaker

from coordinator import database
from coordinator.errors import Refusal
from tests.simulator import clinic

Told = TypeVar("Told")


class Died(BaseException):
    """The machine went dark; no ``except Exception`` may take it for a fault that can be handled."""


class Outcome(Enum):
    """How a deed ended, for those who asked for it and for the database."""

    DONE = "done"
    REFUSED = "refused"
    LOST = "the machine died before anything was kept"
    UNHEARD = "the machine died when all was kept, and nobody heard of it"

    @property
    def kept(self) -> bool:
        return self in {Outcome.DONE, Outcome.UNHEARD}


@dataclass
class Fate:
    """When the machine dies: at a statement (counted from 1), or on either side of a commit."""

    at_statement: int | None = None
    before_commit: bool = False
    after_commit: bool = False
    committed: bool = False

    def statement(self, *_: Any) -> None:
        if self.at_statement is not None:
            self.at_statement -= 1
            if not self.at_statement:
                raise Died

    def commit(self, really: Callable[[], None]) -> None:
        if self.before_commit:
            raise Died
        really()
        self.committed = True
        if self.after_commit:
            raise Died


class MortalSession(Session):
    """A session on the machine that may die."""

    def commit(self) -> None:
        fate: Fate = self.info["fate"]
        fate.commit(super().commit)


class Program:
    """One database, and a process that is started anew whenever it has died."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine: Engine = database.make_engine(url)
        self.fate = Fate()
        self.now = clinic.START
        self.refusal = ""
        with self.looking() as session:
            clinic.set_up(session)

    def pass_time(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @contextmanager
    def looking(self) -> Iterator[Session]:
        """A session to look at rows with, or to set the scene; it never dies."""
        with sessionmaker(self.engine, expire_on_commit=False, info={"now": self.now})() as session:
            yield session

    def perform(self, deed: Callable[[sessionmaker[Session]], object]) -> Outcome:
        """Do something as a door does, with the fate that awaits it."""
        fate, self.fate = self.fate, Fate()
        info = {"now": self.now, "fate": fate}
        sessions: sessionmaker[Any] = sessionmaker(
            self.engine, class_=MortalSession, expire_on_commit=False, info=info
        )
        event.listen(self.engine, "before_cursor_execute", fate.statement)
        try:
            deed(sessions)
        except Refusal as refusal:
            self.refusal = str(refusal)
            return Outcome.REFUSED
        except Died:
            self.restart()
            return Outcome.UNHEARD if fate.committed else Outcome.LOST
        finally:
            fate.at_statement = None
        return Outcome.DONE

    def restart(self) -> None:
        """A new process: no connection is left of the old one (only what is compiled already, to save time)."""
        self.engine.dispose()
        database.check_guard(self.engine)

    def stop(self) -> None:
        self.engine.dispose()

"""A stage for races: a database with a clinic in it, nodes that serve it, coordinators who are signed in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.reliability import clinics, crowds, databases, nodes
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.crowds import Crowd
from benchmarks.reliability.databases import Database
from benchmarks.reliability.nodes import Node
from benchmarks.reliability.plans import Desk
from benchmarks.reliability.visitors import Visitor
from coordinator import database, times


@dataclass
class Stage:
    """All that a race needs."""

    database: Database
    engine: Engine
    sessions: sessionmaker[Session]
    desk: Desk
    nodes: Sequence[Node]
    emails: Sequence[str]

    def visitor(self, node: int = 0, who: int = 0) -> Visitor:
        """One coordinator in this process, signed in."""
        visitor = Visitor(self.nodes[node % len(self.nodes)].port)
        visitor.sign_in(self.emails[who], clinics.PASSWORD)
        return visitor

    @contextmanager
    def crowd(self) -> Iterator[Crowd]:
        """All coordinators, each in a process of their own."""
        ports = [node.port for node in self.nodes]
        with crowds.gathered(ports, self.emails, clinics.PASSWORD) as crowd:
            yield crowd


@contextmanager
def prepared(
    choice: str,
    *,
    lanes: int,
    patients: int,
    courses: Sequence[Course],
    coordinators: int,
    node_count: int = 2,
) -> Iterator[Stage]:
    """The stage on the database that is asked for."""
    with databases.opened(choice) as home:
        engine = database.make_engine(home.url)
        sessions = database.make_sessions(engine)
        now = times.now()
        with sessions() as session:
            clinic = clinics.make(session, lanes=lanes, patients=patients, courses=courses, now=now)
            emails = clinics.coordinators(session, coordinators, now=now)
            with nodes.serving(home, node_count) as running:
                yield Stage(home, engine, sessions, Desk(session, clinic, now), running, emails)
        engine.dispose()

"""Processes that book through the services, without pages: what the core does by itself."""

import time
from collections.abc import Sequence
from multiprocessing.connection import Connection

from sqlalchemy.orm import Session, sessionmaker

from benchmarks.reliability.crowds import PROCESSES
from benchmarks.reliability.plans import Offer
from coordinator import database, times
from coordinator.services import booking
from coordinator.services.trail import COMMAND

DELAY_SECONDS = 3600


def book_all(url: str, shares: Sequence[Sequence[Offer]]) -> tuple[float, list[float]]:
    """Book each share in a process of its own, all at once: how long it took, and how long each plan took."""
    members = []
    for share in shares:
        ours, theirs = PROCESSES.Pipe()
        process = PROCESSES.Process(target=_book, args=(theirs, url, share), daemon=True)
        process.start()
        members.append((process, ours))
    for _, line in members:
        line.recv()  # ready
    begun = time.perf_counter()
    for _, line in members:
        line.send("now")
    seconds = [each for _, line in members for each in line.recv()]
    took = time.perf_counter() - begun
    for process, _ in members:
        process.join()
    return took, seconds


def _book(line: Connection, url: str, share: Sequence[Offer]) -> None:
    """Book plan after plan; the first, which loads what is loaded at first use, is not counted."""
    engine = database.make_engine(url)
    sessions = database.make_sessions(engine)
    first, *rest = share
    _book_one(sessions, first)
    line.send("ready")
    line.recv()
    line.send([_book_one(sessions, each) for each in rest])
    engine.dispose()


def _book_one(sessions: sessionmaker[Session], offer: Offer) -> float:
    begun = time.perf_counter()
    with sessions() as session:
        booking.book(
            session,
            offer.proposal_id,
            version=offer.version,
            key=f"{offer.proposal_id}-A",
            delay_seconds=DELAY_SECONDS,
            by=COMMAND,
            now=times.now(),
        )
    return time.perf_counter() - begun

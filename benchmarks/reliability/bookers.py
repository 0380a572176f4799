"""Processes that book through the services, without pages: what the core does by itself."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection

from sqlalchemy.orm import Session, sessionmaker

from benchmarks.reliability.crowds import PROCESSES
from benchmarks.reliability.plans import Offer
from coordinator import database, times
from coordinator.services import booking
from coordinator.services.trail import COMMAND

DELAY_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class Booked:
    """How long all took together, how long each plan took, and what all of them computed, in seconds."""

    took: float
    each: Sequence[float]
    computed: float


def book_all(url: str, shares: Sequence[Sequence[Offer]]) -> Booked:
    """Book each share in a process of its own, all at once."""
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
    got = [line.recv() for _, line in members]
    took = time.perf_counter() - begun
    for process, _ in members:
        process.join()
    return Booked(
        took, [each for seconds, _ in got for each in seconds], sum(computed for _, computed in got)
    )


def _book(line: Connection, url: str, share: Sequence[Offer]) -> None:
    """Book plan after plan; the first, which loads what is loaded at first use, is not counted."""
    engine = database.make_engine(url)
    sessions = database.make_sessions(engine)
    first, *rest = share
    book_one(sessions, first)
    line.send("ready")
    line.recv()
    before = time.process_time()
    seconds = [book_one(sessions, each) for each in rest]
    line.send((seconds, time.process_time() - before))
    engine.dispose()


def book_one(sessions: sessionmaker[Session], offer: Offer) -> float:
    """Book one plan as a coordinator would; how many seconds it took."""
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

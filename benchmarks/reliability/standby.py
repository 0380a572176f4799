"""The primary is killed while processes book; the standby is promoted: nothing that was acknowledged may be missing."""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from benchmarks.reliability import databases, replicas, stage, truths
from benchmarks.reliability.bookers import book_one
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.crowds import PROCESSES
from benchmarks.reliability.databases import PostgresServer
from benchmarks.reliability.plans import Offer
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, at_least, exactly, no_more_than, told
from coordinator import database

COURSE, LANES = Course(20), 25
BEHIND_SECONDS = 0.5
"""For so long before the kill nothing gets through to the standby: whoever does not wait for it loses that."""
AGAIN_SECONDS = 0.05
"""After so long a client tries again, with the same key."""
WRITABLE_WITHIN_SECONDS = 30.0
"""A time to live of 20 s, after which Patroni promotes, and ten more; here we promote at once."""


@dataclass(slots=True)
class Seen:
    """What the clients saw: when each plan was acknowledged, and how often they were refused a connection."""

    acknowledged: dict[int, float] = field(default_factory=dict)
    clients_after: set[int] = field(default_factory=set)
    interruptions: int = 0


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Prepare two servers, kill one, promote the other."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability standby", description=__doc__)
    parser.add_argument("--plans", type=int, default=300, help="(%(default)s)")
    parser.add_argument("--clients", type=int, default=4, help="processes that book (%(default)s)")
    parser.add_argument("--asynchronous", action="store_true", help="with a standby that nobody waits for")
    asked = parser.parse_args(arguments)
    with replicas.primary() as primary:
        port = databases.free_port()
        primary.create("coordinator")
        both = f"host=127.0.0.1:{primary.port}&host=127.0.0.1:{port}"
        with stage.prepared(
            f"postgresql+psycopg://postgres@/coordinator?{both}",
            lanes=LANES,
            patients=asked.plans + 1,
            courses=[COURSE],
            coordinators=1,
            node_count=1,
        ) as ready:
            *offers, last = ready.desk.offers(COURSE, LANES)
            folder = primary.folder.with_name("standby")
            standby = replicas.follow(primary, folder, port, synchronous=not asked.asynchronous)
            try:
                return list(
                    _run(
                        ready,
                        primary,
                        standby,
                        [offers[n :: asked.clients] for n in range(asked.clients)],
                        last,
                    )
                )
            finally:
                standby.stop("immediate")


def _run(
    ready: Stage,
    primary: PostgresServer,
    standby: PostgresServer,
    shares: Sequence[Sequence[Offer]],
    last: Offer,
) -> Iterator[Verdict]:
    plans = sum(map(len, shares))
    seen, killed_at = _load(ready.database.url, shares, primary, standby)
    before = [at for at in seen.acknowledged.values() if at < killed_at]
    missing = set(seen.acknowledged) - _booked(ready)
    yield told(
        "plans acknowledged before the kill, after it",
        f"{len(before)}, {len(seen.acknowledged) - len(before)}",
    )
    yield exactly("acknowledged and lost", len(missing), 0)
    yield exactly("plans booked in part", truths.half_plans(ready.engine), 0)
    yield exactly("overlapping claims", truths.overlaps(ready.engine), 0)
    yield exactly("plans booked in the end", len(_booked(ready)), plans)
    first_after = min((at for at in seen.acknowledged.values() if at >= killed_at), default=float("inf"))
    yield no_more_than(
        "from the kill to the next booking", first_after - killed_at, WRITABLE_WITHIN_SECONDS, " s"
    )
    yield exactly("clients that went on without a restart", len(seen.clients_after), len(shares))
    yield at_least("tries that found no server meanwhile", seen.interruptions, 1)
    visitor = ready.visitor()
    _, path, form = last.order
    yield exactly("a page of a node that ran all the time", visitor.post(path, **form).status, 303)


def _load(
    url: str, shares: Sequence[Sequence[Offer]], primary: PostgresServer, standby: PostgresServer
) -> tuple[Seen, float]:
    """Have all shares booked at once; when a third is done, kill and promote."""
    seen, killed_at = Seen(), float("inf")
    lines: dict[Connection, int] = {}
    for number, share in enumerate(shares):
        ours, theirs = PROCESSES.Pipe()
        PROCESSES.Process(target=_book_on, args=(theirs, url, share), daemon=True).start()
        lines[ours] = number
    third = sum(map(len, shares)) // 3
    while lines:
        for line in wait(list(lines)):
            assert isinstance(line, Connection)
            plan_id, at, interruptions = line.recv()
            if plan_id is None:
                del lines[line]
                continue
            seen.acknowledged[plan_id] = at
            seen.interruptions += interruptions
            if at > killed_at:
                seen.clients_after.add(lines[line])
        if len(seen.acknowledged) >= third and killed_at == float("inf"):
            replicas.hold_back(primary)
            time.sleep(BEHIND_SECONDS)
            killed_at = time.monotonic()
            replicas.kill(primary)
            replicas.promote(standby)
    return seen, killed_at


def _book_on(line: Connection, url: str, share: Sequence[Offer]) -> None:
    """Book plan after plan; where the database is away, try again with the same key until it is back."""
    engine = database.make_engine(url)
    sessions = database.make_sessions(engine)
    for offer in share:
        interruptions = 0
        while True:
            try:
                book_one(sessions, offer)
                break
            except (DBAPIError, PoolTimeout):
                interruptions += 1
                time.sleep(AGAIN_SECONDS)
        line.send((offer.plan_id, time.monotonic(), interruptions))
    line.send((None, 0.0, 0))
    engine.dispose()


def _booked(ready: Stage) -> set[int]:
    with ready.engine.connect() as connection:
        return set(connection.execute(text("SELECT id FROM treatment_plan WHERE state = 'booked'")).scalars())

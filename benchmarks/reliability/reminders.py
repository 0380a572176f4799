"""A queue of due reminders, several workers, one of them killed every second: what is lost, what arrives twice?"""

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence

from benchmarks.reliability import asking, databases, queues, sinks, truths
from benchmarks.reliability.disk import flushes_per_second
from benchmarks.reliability.sinks import Sink
from benchmarks.reliability.verdicts import Verdict, at_least, exactly, no_more_than, told
from benchmarks.reliability.workers import Workers, working
from coordinator import database, times
from coordinator.services.due import LEASE

UNSENT = "SELECT count(*) FROM notice WHERE state <> 'sent'"
CALM_PART = 5
"""One of so many parts is sent undisturbed."""
LOOK_SECONDS = 0.1
STARTS_WITHIN_SECONDS = 60
LONGEST_SECONDS = 3600
LEFT_SECONDS = LEASE.total_seconds() + 60
"""What was in the hands of the dead waits for their leases; a minute is for all else."""


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Send a part of the queue undisturbed, and the rest with kills."""
    parser = asking.parser("reminders", __doc__)
    parser.add_argument("--count", type=int, default=100_000, help="reminders (%(default)s)")
    parser.add_argument("--workers", type=int, default=4, help="(%(default)s)")
    asked = parser.parse_args(arguments)
    return [told("seed", asked.seed), *_run(asked)]


def _run(asked: argparse.Namespace) -> Iterator[Verdict]:
    with databases.opened(asked.database) as home, sinks.listening() as sink:
        yield told("F, flushes of the disk a second", f"{flushes_per_second(home.folder):,.0f}")
        engine = database.make_engine(home.url)
        with database.make_sessions(engine)() as session:
            queues.fill(session, asked.count, now=times.now())
        with working(home, sink.port, asked.workers) as workers:
            _until(lambda: sink.messages > 0, STARTS_WITHIN_SECONDS)
            calm, _ = _rate(sink, lambda: sink.messages >= asked.count // CALM_PART)
            killer = _Killer(workers, random.Random(asked.seed))
            stormy, stormed = _rate(sink, lambda: sink.messages >= asked.count - killer.kills, killer)
            left = _until(lambda: truths.number(engine, UNSENT) == 0, LEFT_SECONDS)
        unsent = truths.number(engine, UNSENT)
        engine.dispose()
    yield told("reminders / workers / kills", f"{asked.count:,} / {asked.workers} / {killer.kills}")
    yield exactly("lost", asked.count - sink.messages, 0)
    yield exactly("not marked as sent", unsent, 0)
    yield no_more_than("arrived twice, with the same Message-ID", sink.repeats, killer.kills)
    yield told("seconds between kills", f"{stormed / max(killer.kills, 1):.2g}")
    yield told("mails a second, undisturbed", f"{calm:,.0f}")
    yield told("mails a second, with kills", f"{stormy:,.0f}")
    yield at_least("with kills to undisturbed", stormy / calm, 0.5)
    yield told("seconds until the last that the dead held", f"{left:,.0f}")


class _Killer:
    """Ends a worker each second, or as soon after as the one before has its successor."""

    def __init__(self, workers: Workers, chance: random.Random) -> None:
        self.workers = workers
        self.chance = chance
        self.kills = 0
        self.next_at = time.monotonic() + 1

    def __call__(self) -> None:
        if time.monotonic() >= self.next_at and self.workers.kill_one(self.chance):
            self.kills += 1
            self.next_at = time.monotonic() + 1


def _rate(
    sink: Sink, over: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None
) -> tuple[float, float]:
    """Mails a second until it is over, and how many seconds that took."""
    before = sink.messages
    seconds = _until(over, LONGEST_SECONDS, meanwhile)
    return (sink.messages - before) / seconds, seconds


def _until(over: Callable[[], bool], seconds: float, meanwhile: Callable[[], None] = lambda: None) -> float:
    """Wait, but no longer than so many seconds; how many it were."""
    begun = time.monotonic()
    while not over() and time.monotonic() - begun < seconds:
        time.sleep(LOOK_SECONDS)
        meanwhile()
    return time.monotonic() - begun

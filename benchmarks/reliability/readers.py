"""How fast pages are read while others book, beside how fast they are read when nobody does."""

import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from benchmarks.reliability import asking, bookers, stage, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.crowds import PROCESSES
from benchmarks.reliability.latencies import p50_p99_max
from benchmarks.reliability.plans import Offer
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, at_least, exactly, told
from benchmarks.reliability.visitors import Answer

COURSE, LANES = Course(20), 25
WRITERS, READERS = 8, 2
LEAST = 0.5
PATHS = ("/plans", "/board", "/plans/{plan}", "/patients", "/desk")


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Read quietly, then while as many only compute, then while they book."""
    parser = asking.parser("readers", __doc__)
    parser.add_argument("--plans", type=int, default=320, help="to be booked meanwhile (%(default)s)")
    asked = parser.parse_args(arguments)
    with stage.prepared(
        asked.database,
        lanes=LANES,
        patients=asked.plans,
        courses=[COURSE],
        coordinators=READERS,
        node_count=1,
    ) as ready:
        return list(_run(ready, list(islice(ready.desk.offers(COURSE, LANES), asked.plans))))


def _run(ready: Stage, offers: Sequence[Offer]) -> Iterator[Verdict]:
    shares = [offers[n::WRITERS] for n in range(WRITERS)]
    booked: list[bookers.Booked] = []
    busy = threading.Thread(target=lambda: booked.append(bookers.book_all(ready.database.url, shares)))
    paths = [each.format(plan=offers[0].plan_id) for each in PATHS]
    _read(ready, paths, lambda seconds: seconds < 2)  # what is loaded at first use is not what is measured
    quiet = _read(ready, paths, lambda seconds: seconds < 8)
    with _computing(WRITERS):
        crowded = _read(ready, paths, lambda seconds: seconds < 8)
    busy.start()
    time.sleep(3)  # until they have loaded what they need
    writing = _read(ready, paths, lambda _: busy.is_alive())
    busy.join()
    names = ("quiet", f"{WRITERS} compute", f"{WRITERS} book")
    for what, (took, got) in zip(names, (quiet, crowded, writing), strict=True):
        slow = p50_p99_max([each.seconds for each in got])
        yield told(f"{what}: pages/s, p50 / p99 / longest", f"{len(got) / took:,.1f}, {slow}")
    answers = [*quiet[1], *crowded[1], *writing[1]]
    rates = [len(got) / took for took, got in (quiet, crowded, writing)]
    yield told("plans booked meanwhile, a second", f"{len(booked[0].each) / booked[0].took:,.1f}")
    yield at_least("while they book, in the quiet rate", rates[2] / rates[0], LEAST)
    yield told("while they book, in the rate while as many compute", f"{rates[2] / rates[1]:.3g}")
    yield exactly("answers", sorted(Counter(each.status for each in answers)), [200])
    yield exactly("'database is locked' in the server's log", ready.nodes[0].said("database is locked"), 0)
    yield exactly("plans booked in part", truths.half_plans(ready.engine), 0)


def _read(ready: Stage, paths: Sequence[str], on: Callable[[float], bool]) -> tuple[float, list[Answer]]:
    """Page after page by each reader, as long as it goes on."""
    answers: list[Answer] = []
    begun = time.perf_counter()

    def read(who: int) -> None:
        visitor = ready.visitor(who=who)
        while on(time.perf_counter() - begun):
            answers.extend(visitor.get(path) for path in paths)

    threads = [threading.Thread(target=read, args=(who,)) for who in range(READERS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return time.perf_counter() - begun, answers


@contextmanager
def _computing(count: int) -> Iterator[None]:
    """So many processes that compute and touch nothing."""
    ended = PROCESSES.Event()
    members = [PROCESSES.Process(target=_compute, args=(ended,), daemon=True) for _ in range(count)]
    for each in members:
        each.start()
    try:
        yield
    finally:
        ended.set()
        for each in members:
            each.join()


def _compute(ended: "multiprocessing.synchronize.Event") -> None:
    while not ended.is_set():
        sum(range(100_000))

"""Backups while others book, each restored elsewhere: all that was booked before it began is there, and whole."""

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, text

from benchmarks.reliability import asking, bookers, databases, stage, truths
from benchmarks.reliability.bookers import Booked
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, told
from coordinator import database
from coordinator.services import backups, integrity

COURSE, LANES = Course(20), 25
WRITERS = 4


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Book, back up meanwhile, restore, judge."""
    parser = asking.parser("backup", __doc__)
    parser.add_argument("--plans", type=int, default=480, help="(%(default)s)")
    parser.add_argument("--backups", type=int, default=3, help="(%(default)s)")
    parser.add_argument("--into", metavar="DATABASE", help="where to restore (the same sort of database)")
    asked = parser.parse_args(arguments)
    with stage.prepared(
        asked.database,
        lanes=LANES,
        patients=asked.plans,
        courses=[COURSE],
        coordinators=1,
        node_count=0,
    ) as ready:
        offers = list(ready.desk.offers(COURSE, LANES))
        shares = [offers[n::WRITERS] for n in range(WRITERS)]
        with ThreadPoolExecutor(1) as one:
            load = one.submit(bookers.book_all, ready.database.url, shares)
            taken = list(_taken(ready, load, asked.backups, asked.plans))
            booked = load.result()
        verdicts = [told("plans/s meanwhile", f"{len(booked.each) / booked.took:,.1f}")]
        for each in taken:
            verdicts += _restored(each, asked.into or asked.database)
        return verdicts


@dataclass(frozen=True, slots=True)
class _Backup:
    """A backup, and which plans were booked before it began and after it was done."""

    path: Path
    before: set[int]
    after: set[int]
    seconds: float
    under_load: bool


def _taken(ready: Stage, load: Future[Booked], count: int, plans: int) -> Iterator[_Backup]:
    """One backup after another, begun when another share of the plans is booked."""
    for number in range(1, count + 1):
        while len(before := _booked(ready.engine)) < plans * number / (count + 1) and not load.done():
            time.sleep(0.02)
        path = ready.database.folder / f"backup-{number}.db"
        under_load, begun = not load.done(), time.perf_counter()
        backups.take(ready.engine, path, secret=None, told=lambda *_: None)
        seconds = time.perf_counter() - begun
        yield _Backup(path, before, _booked(ready.engine), seconds, under_load)


def _restored(backup: _Backup, into: str) -> Iterator[Verdict]:
    what = f"{backup.path.stem}: "
    yield told(f"{what}booked before; by its end", f"{len(backup.before)}; {len(backup.after)}")
    yield exactly(f"{what}begun while others booked", backup.under_load, True)
    yield exactly(f"{what}findings in the file", len(backups.findings(backup.path)), 0)
    with databases.opened(into) as home:
        engine = database.make_engine(home.url)
        begun = time.perf_counter()
        rows = backups.restore(engine, backup.path, keep_secret=lambda _: None, told=lambda *_: None)
        took = time.perf_counter() - begun
        yield told(f"{what}taken in; restored in; rows", f"{backup.seconds:.2f} s; {took:.2f} s; {rows:,}")
        yield from _judged(engine, backup, what)
        engine.dispose()


def _judged(engine: Engine, backup: _Backup, what: str) -> Iterator[Verdict]:
    there = _booked(engine)
    yield exactly(f"{what}booked before, and missing", len(backup.before - there), 0)
    yield exactly(f"{what}there, and never booked", len(there - backup.after), 0)
    yield exactly(f"{what}plans booked in part", truths.half_plans(engine), 0)
    yield exactly(f"{what}overlapping claims", truths.overlaps(engine), 0)
    with database.make_sessions(engine)() as session:
        yield exactly(f"{what}findings where it was restored", len(integrity.findings(session)), 0)


def _booked(engine: Engine) -> set[int]:
    with engine.connect() as connection:
        return set(connection.execute(text("SELECT id FROM treatment_plan WHERE state = 'booked'")).scalars())

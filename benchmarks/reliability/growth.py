"""The same deeds with ever more history: booking, finding times and the day's board read none of it."""

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from benchmarks.reliability import asking, stage
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.latencies import quantile
from benchmarks.reliability.plans import Offer
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, no_more_than, told
from coordinator import times
from coordinator.services import board, booking, cancelling, finding
from coordinator.services.trail import COMMAND

COURSE, LANES = Course(20), 25
GROWING = (
    "claim",
    "appointment",
    "attendance",
    "notice",
    "audit_line",
    "search",
    "proposal",
    "hold",
    "block",
)
MINUTES = 10
"""How long each claim of the history is; they lie one after another, up to yesterday."""
MOST = {"booking": 1.5, "finding times": 2.0, "the day's board": 2.0}
SCANS = {"sqlite": re.compile(r"SCAN (\w+)"), "postgresql": re.compile(r"Seq Scan on (\w+)")}
FILL = """
INSERT INTO claim (resource_id, starts_at, ends_at, active, block_id)
SELECT r.id, {at} - (n + 1) * {step}, {at} - n * {step}, {true}, (SELECT min(id) FROM block)
FROM ({numbers}) AS counted CROSS JOIN (SELECT id FROM resource WHERE kind <> 'patient') AS r
"""


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Fill, measure, fill more, measure again, and ask the database how it reads."""
    parser = asking.parser("growth", __doc__)
    parser.add_argument(
        "--sizes", type=int, nargs="*", default=[100_000, 10_000_000], help="claims (%(default)s)"
    )
    parser.add_argument("--deeds", type=int, default=30, help="of each kind at each size (%(default)s)")
    asked = parser.parse_args(arguments)
    count = (asked.deeds + 1) * (len(asked.sizes) + 1)
    with stage.prepared(
        asked.database, lanes=LANES, patients=2 * count, courses=[COURSE], coordinators=0, node_count=0
    ) as ready:
        offers = ready.desk.offers(COURSE, LANES)
        medians = [_measured(ready, size, list(islice(offers, asked.deeds + 1))) for size in asked.sizes]
        verdicts = [
            told(f"{what}, median at {size:,} claims", f"{found[what]:,.1f} ms")
            for what in MOST
            for size, found in zip(asked.sizes, medians, strict=True)
        ]
        verdicts += [
            no_more_than(f"{what}: last in first", medians[-1][what] / medians[0][what], most)
            for what, most in MOST.items()
        ]
        return [*verdicts, *_plans(ready, list(islice(offers, 1)))]


def _measured(ready: Stage, size: int, offers: Sequence[Offer]) -> dict[str, float]:
    """The median of each deed in milliseconds with so many claims; the first of each is not counted."""
    _fill(ready.engine, size)
    # SQLite reads in this process, so what it computes says more than a clock on a machine that others use too.
    clock = time.process_time if ready.engine.dialect.name == "sqlite" else time.perf_counter
    found: dict[str, list[float]] = {what: [] for what in MOST}
    for offer in offers:
        for what, deed in _deeds(ready, offer).items():
            with ready.sessions() as session:
                begun = clock()
                deed(session)
                found[what].append(clock() - begun)
    with ready.sessions() as session:  # so that the next size finds as many free times
        for offer in offers:
            cancelling.cancel_plan(session, offer.plan_id, delay_seconds=0, by=COMMAND, now=ready.desk.now)
    return {what: quantile(each[1:], 0.5) for what, each in found.items()}


def _deeds(ready: Stage, offer: Offer) -> dict[str, Callable[[Session], object]]:
    """What is done for one plan: its times are looked for, it is booked, and its first date's board is opened."""
    now = ready.desk.now
    return {
        "finding times": lambda session: finding.find(
            session, offer.plan_id, seconds=10, alternatives=0, by=COMMAND, now=now
        ),
        "booking": lambda session: booking.book(
            session, offer.proposal_id, version=offer.version, delay_seconds=3600, by=COMMAND, now=now
        ),
        "the day's board": lambda session: board.board(
            session, None, times.local_date(now, times.zone("UTC")) + timedelta(days=3), by=COMMAND, now=now
        ),
    }


def _fill(engine: Engine, size: int) -> None:
    """So many claims of the past, under one block, on all that can be booked; the guard waits meanwhile."""
    sqlite = engine.dialect.name == "sqlite"
    today = "CAST(strftime('%s', 'now', 'start of day') AS INTEGER)" if sqlite else "date_trunc('day', now())"
    step = f"{MINUTES * 60}" if sqlite else f"interval '{MINUTES} minutes'"
    with _unguarded(engine) as run:
        run("DELETE FROM claim WHERE block_id IS NOT NULL")
        run("DELETE FROM block")
        run(
            "INSERT INTO block (title, discipline, starts_at, ends_at)"
            f" VALUES ('before', '', {today} - {step}, {today})"
        )
        each = size // (3 * LANES)
        numbers = (
            f"WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n + 1 < {each}) SELECT n FROM c"
            if sqlite
            else f"SELECT n FROM generate_series(0, {each - 1}) AS n"
        )
        run(FILL.format(at=today, step=step, true="1" if sqlite else "true", numbers=numbers))
    if not sqlite:  # it looks at its tables by itself, but not at once
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))


@contextmanager
def _unguarded(engine: Engine) -> Iterator[Callable[[str], Any]]:
    """One transaction without SQLite's triggers, which look at every row; PostgreSQL's constraint stays."""
    with engine.begin() as connection:

        def run(statement: str) -> Any:
            return connection.execute(text(statement))

        triggers: list[tuple[str, str]] = []
        if engine.dialect.name == "sqlite":
            found = run("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'claim'")
            triggers = [(name, sql) for name, sql in found]
        for name, _ in triggers:
            run(f"DROP TRIGGER {name}")
        yield run
        for _, sql in triggers:
            connection.exec_driver_sql(sql)


def _plans(ready: Stage, offers: Sequence[Offer]) -> Iterator[Verdict]:
    """How the database reads for each deed: which statements go through a whole table that grows."""
    for what, deed in _deeds(ready, offers[0]).items():
        with _statements(ready.engine) as said, ready.sessions() as session:
            deed(session)
        read = {
            f"{table}: {statement}"
            for statement, values in said
            for table in _scanned(ready.engine, statement, values)
        }
        for each in sorted(read):
            print(f"{what} reads all of {each}")
        yield exactly(f"{what}: statements that read a whole table that grows", len(read), 0)


@contextmanager
def _statements(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    said: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: bool) -> None:
        if not statement.startswith("INSERT"):
            said.append((statement, values[0] if many else values))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _scanned(engine: Engine, statement: str, values: Any) -> set[str]:
    """The growing tables that a statement reads whole."""
    if not statement.lstrip().upper().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
        return set()
    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # which reads small tables whole where it need not
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        lines = [str(row[-1]) for row in connection.exec_driver_sql(explain + statement, values)]
        connection.rollback()
    found = {
        name for line in lines for name in SCANS[engine.dialect.name].findall(line) if "INDEX" not in line
    }
    return found & set(GROWING) | {
        name for name in found if name.startswith(tuple(f"{each}_" for each in GROWING))
    }

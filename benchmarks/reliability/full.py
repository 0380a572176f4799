"""The disk is full, or may only be read: a kind refusal, nothing by halves, and on it goes when there is room again."""

import errno
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from benchmarks.reliability import asking, clinics, databases, nodes, truths
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.databases import Database
from benchmarks.reliability.nodes import Node
from benchmarks.reliability.plans import Desk, Offer
from benchmarks.reliability.stage import Stage
from benchmarks.reliability.verdicts import Verdict, exactly, told
from benchmarks.reliability.visitors import Visitor
from coordinator import database, times

COURSE, LANES, PLANS = Course(20), 5, 15
ROOM = {"sqlite": 64, "pg18": 96, "pg15": 96}
"""The size of the small disk, in MiB."""


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Fill a small disk of its own (which only root may have), book, make room, book; then forbid writing."""
    asked = asking.parser("full", __doc__).parse_args(arguments)
    if os.geteuid() != 0 or asked.database not in ROOM:
        raise SystemExit("Only root may mount a small disk, and only for a database of our own.")
    with _small_disk(ROOM[asked.database]) as disk, _on(disk, asked.database) as home:
        engine = database.make_engine(home.url)
        sessions = database.make_sessions(engine)
        now = times.now()
        with sessions() as session:
            clinic = clinics.make(session, lanes=LANES, patients=2 * PLANS, courses=[COURSE], now=now)
            emails = clinics.coordinators(session, 1, now=now)
            desk = Desk(session, clinic, now)
            offers = list(desk.offers(COURSE, LANES))
            session.rollback()
            with nodes.serving(home) as running:
                ready = Stage(home, engine, sessions, desk, running, emails)
                visitor = ready.visitor()
                verdicts = list(_filled(visitor, disk / "filler", offers[:PLANS]))
                if asked.database == "sqlite":
                    engine.dispose()
                    verdicts += _read_only(visitor, running[0], home, offers[PLANS:][:3])
                verdicts.append(
                    told(
                        "tracebacks in the server's log (its worker cannot write either)",
                        running[0].said("Traceback"),
                    )
                )
        return [
            *verdicts,
            exactly("plans booked in part", truths.half_plans(engine), 0),
            exactly("overlapping claims", truths.overlaps(engine), 0),
            exactly("integrity", truths.integrity(engine), "ok"),
        ]


def _filled(visitor: Visitor, filler: Path, offers: Sequence[Offer]) -> Iterator[Verdict]:
    yield exactly("with room", _book(visitor, offers[:3]), [303] * 3)
    _fill(filler)
    got = _book(visitor, offers[3:])
    yield told("on a full disk: answers", got)
    others = sum(each not in {303, 503} for each in got)
    yield exactly("on a full disk: neither booked nor told to try again", others, 0)
    yield Verdict("on a full disk: told to try again", str(got.count(503)), "≥ 1", got.count(503) >= 1)
    filler.unlink()
    lost = [offer for offer, status in zip(offers[3:], got, strict=True) if status != 303]
    yield exactly("the same again, with room", _book(visitor, lost), [303] * len(lost))


def _read_only(visitor: Visitor, node: Node, home: Database, offers: Sequence[Offer]) -> Iterator[Verdict]:
    """SQLite keeps its file open, so it is made unchangeable while nobody serves, and the node meets it so."""
    path = str(make_url(home.url).database)
    node.stop()
    subprocess.run(["chattr", "+i", path], check=True)
    try:
        node.start()
        visitor.hang_up()
        yield exactly("a file that may only be read: answers", set(_book(visitor, offers)), {503})
    finally:
        subprocess.run(["chattr", "-i", path], check=True)
    yield exactly("the same again, when it may be written", _book(visitor, offers), [303] * len(offers))


def _book(visitor: Visitor, offers: Sequence[Offer]) -> list[int]:
    answers = []
    for offer in offers:
        _, path, form = offer.order
        answers.append(visitor.post(path, **form).status)
    return answers


def _fill(filler: Path) -> None:
    """Write until nothing more fits."""
    try:
        with filler.open("wb", buffering=0) as file:
            while file.write(b"\0" * 4096):
                pass
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise


@contextmanager
def _small_disk(mebibytes: int) -> Iterator[Path]:
    """A file system in memory of so many MiB."""
    folder = Path(tempfile.mkdtemp(prefix="coordinator-small-"))
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=755", "tmpfs", str(folder)], check=True
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
        folder.rmdir()


@contextmanager
def _on(disk: Path, choice: str) -> Iterator[Database]:
    """A database on that disk; what nodes and PostgreSQL itself write lies elsewhere."""
    with tempfile.TemporaryDirectory(prefix="coordinator-", ignore_cleanup_errors=True) as kept:
        folder = Path(kept)
        folder.chmod(0o755)
        if choice == "sqlite":
            url = f"sqlite:///{disk / 'coordinator.db'}"
            database.upgrade(url)
            yield Database(choice, url, folder)
            return
        with databases.postgres(choice, folder / "postgres") as server:
            if (owner := databases.somebody()) is not None:
                shutil.chown(disk, owner)
            with create_engine(server.url(), isolation_level="AUTOCOMMIT").connect() as connection:
                connection.execute(text(f"CREATE TABLESPACE small LOCATION '{disk}'"))
                connection.execute(text("CREATE DATABASE coordinator TABLESPACE small"))
            database.upgrade(server.url("coordinator"))
            yield Database(choice, server.url("coordinator"), folder, server.log)

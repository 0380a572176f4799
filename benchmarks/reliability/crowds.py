"""Many coordinators at once, each a process of its own, who all send at the same moment."""

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from benchmarks.reliability.visitors import Answer, Visitor

PROCESSES = multiprocessing.get_context("spawn")
Order = tuple[str, str, dict[str, Any]]
"""``GET`` or ``POST``, the path, the form."""


@dataclass
class Crowd:
    """Coordinators who wait for what to do."""

    members: Sequence[tuple[Any, Connection]]

    def at_once(self, orders: Sequence[Order | None]) -> list[Answer]:
        """Have each send its order at the same moment as the others; answers in the same order, but of None."""
        done = self.in_turn([[] if order is None else [order] for order in orders])
        return [answer for answers in done for answer in answers]

    def in_turn(self, orders: Sequence[Sequence[Order]]) -> list[list[Answer]]:
        """Have each send its own orders, one after the other, beginning at the same moment as the others."""
        lines = [line for (_, line), _ in zip(self.members, orders, strict=False)]
        for line, own in zip(lines, orders, strict=True):
            line.send(list(own))
        for line in lines:
            line.recv()  # ready
        for line in lines:
            line.send("now")
        return [line.recv() for line in lines]

    def timed(self, orders: Sequence[Sequence[Order]]) -> tuple[float, list[Answer]]:
        """The same; how long all took together, and all their answers."""
        begun = time.perf_counter()
        done = self.in_turn(orders)
        return time.perf_counter() - begun, [answer for answers in done for answer in answers]


@contextmanager
def gathered(ports: Sequence[int], emails: Sequence[str], password: str) -> Iterator[Crowd]:
    """One process for each address, spread over the nodes, signed in."""
    members = []
    for number, email in enumerate(emails):
        ours, theirs = PROCESSES.Pipe()
        member = PROCESSES.Process(
            target=_attend, args=(theirs, ports[number % len(ports)], email, password), daemon=True
        )
        member.start()
        theirs.close()
        members.append((member, ours))
    for _, line in members:
        line.recv()  # signed in
    try:
        yield Crowd(members)
    finally:
        for member, line in members:
            line.close()
            member.join()


def _attend(line: Connection, port: int, email: str, password: str) -> None:
    """What each of them does: take orders, be ready, send them when told, hand over the answers."""
    visitor = Visitor(port)
    visitor.sign_in(email, password)
    line.send("signed in")
    while True:
        try:
            orders = line.recv()
        except EOFError:
            return
        line.send("ready")
        line.recv()
        line.send([_answer(visitor, *order) for order in orders])


def _answer(visitor: Visitor, method: str, path: str, form: dict[str, Any]) -> Answer:
    return visitor.get(path) if method == "GET" else visitor.post(path, **form)

"""Many coordinators at once, each a process of its own, who all send at the same moment."""

import multiprocessing
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
        asked = [
            (line, order) for (_, line), order in zip(self.members, orders, strict=False) if order is not None
        ]
        for line, order in asked:
            line.send(order)
        for line, _ in asked:
            line.recv()  # ready
        for line, _ in asked:
            line.send("now")
        return [line.recv() for line, _ in asked]


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
    """What each of them does: take an order, be ready, send it when told, hand over the answer."""
    visitor = Visitor(port)
    visitor.sign_in(email, password)
    line.send("signed in")
    while True:
        try:
            method, path, form = line.recv()
        except EOFError:
            return
        line.send("ready")
        line.recv()
        line.send(visitor.get(path) if method == "GET" else visitor.post(path, **form))

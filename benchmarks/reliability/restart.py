"""PostgreSQL is started anew while nobody asks for anything: the next request of everybody succeeds."""

import argparse
from collections import Counter
from collections.abc import Iterator, Sequence

from benchmarks.reliability import replicas, stage
from benchmarks.reliability.clinics import Course
from benchmarks.reliability.crowds import Crowd, Order
from benchmarks.reliability.databases import PostgresServer
from benchmarks.reliability.verdicts import Verdict, exactly, told

READ: Order = ("GET", "/patients", {})


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Fill the nodes' pools with connections, restart the server, ask again."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability restart", description=__doc__)
    parser.add_argument("--restarts", type=int, default=10, help="(%(default)s)")
    parser.add_argument("--clients", type=int, default=8, help="(%(default)s)")
    asked = parser.parse_args(arguments)
    with (
        replicas.primary() as server,
        stage.prepared(
            server.create("coordinator"),
            lanes=1,
            patients=1,
            courses=[Course(1)],
            coordinators=asked.clients,
            node_count=2,
        ) as ready,
        ready.crowd() as crowd,
    ):
        return list(_run(crowd, server, asked.restarts))


def _run(crowd: Crowd, server: PostgresServer, restarts: int) -> Iterator[Verdict]:
    statuses: Counter[int] = Counter()
    for number in range(restarts):
        crowd.at_once([READ] * len(crowd.members))
        server.stop("fast" if number % 2 else "immediate")
        server.start()
        statuses.update(answer.status for answer in crowd.at_once([READ] * len(crowd.members)))
    yield told("restarts, each second one without a farewell", restarts)
    yield exactly("answers to the next requests", dict(statuses), {200: restarts * len(crowd.members)})

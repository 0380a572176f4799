"""What Prometheus reads: how many requests, how long, what stands open. By route, never by person."""

import os
import secrets
from collections.abc import Iterator
from ipaddress import ip_address
from time import perf_counter
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from coordinator.services import readiness
from coordinator.services.figures import Figures

metrics = Blueprint("metrics", __name__)

SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""prometheus_client's own switch: a folder in which the processes of one machine count together."""
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
METHODS = {"GET", "HEAD", "POST", "OPTIONS"}
OUTCOMES = {303: "booked", 409: "conflict", 422: "refused"}


class Meters:
    """What this process counts."""

    def __init__(self) -> None:
        self.registry = made = CollectorRegistry()
        self.requests = Counter(
            "coordinator_requests", "Requests answered.", ("method", "route", "status"), registry=made
        )
        self.request_seconds = Histogram(
            "coordinator_request_seconds", "Time to answer.", ("route",), buckets=SECONDS, registry=made
        )
        self.bookings = Counter(
            "coordinator_bookings", "Plans that were to be booked.", ("outcome",), registry=made
        )
        self.search_seconds = Histogram(
            "coordinator_search_seconds", "Time that searches took.", buckets=SECONDS, registry=made
        )

    def text(self) -> bytes:
        """All that was counted: by this process, or by all of the machine that share a folder."""
        if SHARED not in os.environ:
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return generate_latest(together)


class Standing(Collector):
    """What stands open in the database, and how this process is connected to it."""

    def __init__(self, found: Figures | None, pool: Any) -> None:
        self.found = found
        self.pool = pool

    def collect(self) -> Iterator[Metric]:
        """Asked for by the library."""
        yield _gauge("coordinator_database_up", "Whether the database can be used.", self.found is not None)
        connections = GaugeMetricFamily(
            "coordinator_database_connections", "Of the answering process.", labels=["state"]
        )
        connections.add_metric(["in use"], self.pool.checkedout())
        connections.add_metric(["idle"], self.pool.checkedin())
        yield connections
        if self.found is not None:
            yield from _open(self.found)


def _open(found: Figures) -> Iterator[Metric]:
    notices = GaugeMetricFamily(
        "coordinator_notices", "Notices that wait or were given up.", labels=["state", "channel"]
    )
    for labels, number in found.notices.items():
        notices.add_metric(labels, number)
    yield notices
    yield _gauge(
        "coordinator_overdue_seconds", "For how long a mail could have left.", found.overdue.total_seconds()
    )
    yield _gauge("coordinator_holds", "Proposals that are held.", found.holds)
    if found.silence is not None:
        silence = found.silence.total_seconds()
        yield _gauge("coordinator_worker_silence_seconds", "How long ago a worker was last seen.", silence)


def _gauge(name: str, meaning: str, value: float) -> Metric:
    return GaugeMetricFamily(name, meaning, value=value)


def register(app: Flask) -> None:
    """Count from the first request on."""
    app.extensions["meters"] = Meters()
    app.before_request(_begin)
    app.after_request(_count)


def searched(seconds: float) -> None:
    """A search took so long."""
    current_app.extensions["meters"].search_seconds.observe(seconds)


def _begin() -> None:
    g.begun = perf_counter()


def _count(response: Response) -> Response:
    """By the route's pattern: an address has numbers and keys of people in it."""
    meters: Meters = current_app.extensions["meters"]
    route = request.url_rule.rule if request.url_rule else "none"
    method = request.method if request.method in METHODS else "other"
    meters.requests.labels(method, route, response.status_code).inc()
    meters.request_seconds.labels(route).observe(perf_counter() - g.begun)
    if request.endpoint == "plans.book":
        meters.bookings.labels(OUTCOMES.get(response.status_code, "failed")).inc()
    return response


@metrics.get("/metrics")
def show() -> Response:
    """For who shows the token that is set or, where none is, asks from this machine itself."""
    if not _may_read():
        abort(404)
    facts = CollectorRegistry()
    engine = current_app.extensions["engine"]
    facts.register(Standing(readiness.figures_if_usable(current_app.extensions["sessions"]), engine.pool))
    said = current_app.extensions["meters"].text() + generate_latest(facts)
    return Response(said, content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    token: str = current_app.config["METRICS_TOKEN"]
    if token:
        given = request.authorization.token if request.authorization else None
        return secrets.compare_digest((given or "").encode(), token.encode())
    return "X-Forwarded-For" not in request.headers and _is_loopback(request.remote_addr or "")


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:  # a socket that is a file has none
        return False

"""Whether the program lives and whether it can be used."""

from flask import Blueprint, current_app

from coordinator.services import readiness

health = Blueprint("health", __name__)
PLAIN = {"Content-Type": "text/plain; charset=utf-8"}


@health.get("/healthz")
def alive() -> tuple[str, int, dict[str, str]]:
    return "ok\n", 200, PLAIN


@health.get("/readyz")
def ready() -> tuple[str, int, dict[str, str]]:
    """200 where all is there, a worker too; else 503, with what is missing a line."""
    sessions = current_app.extensions["sessions"]
    return _said(readiness.missing(sessions) or readiness.unattended(sessions))


@health.get("/readyz/pages")
def pages_ready() -> tuple[str, int, dict[str, str]]:
    """What a load balancer asks: whether this node can answer. Pages go on where mails wait for a worker."""
    return _said(readiness.missing(current_app.extensions["sessions"]))


def _said(missing: list[str]) -> tuple[str, int, dict[str, str]]:
    return "\n".join(missing or ["ready"]) + "\n", 503 if missing else 200, PLAIN

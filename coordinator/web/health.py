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
    """200 where all is there; else 503, with what is missing a line."""
    missing = readiness.missing(current_app.extensions["sessions"], current_app.extensions.get("worker"))
    return "\n".join(missing or ["ready"]) + "\n", 503 if missing else 200, PLAIN

"""What every answer says to the browser: where things may come from, who may keep them, what is passed on."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.routing import IntegerConverter, Map

POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'self'",
    )
)
WITH_TOKEN = ("/p/", "/a/", "/feeds/")
"""Addresses that are a key themselves; they are not passed on to anybody."""

LARGEST_ID = 2**31 - 1

protection = CSRFProtect()


class Id(IntegerConverter):
    """A number in an address; one that no database could hold leads nowhere."""

    def __init__(self, routes: Map, *, max: int = LARGEST_ID) -> None:
        super().__init__(routes, max=max)


def register(app: Flask) -> None:
    """Headers on every answer, a token in every form, a version on every static address; odd requests refused."""
    app.url_map.converters["int"] = Id
    app.before_request(_refuse_odd)
    protection.init_app(app)
    app.after_request(_headers)
    app.url_defaults(_version)


def _refuse_odd() -> None:
    """A zero byte is in nothing that people type, and PostgreSQL cannot hold one."""
    if any("\0" in value for values in (request.args, request.form) for _, value in values.items(multi=True)):
        abort(400)


def _headers(response: Response) -> Response:
    headers = response.headers
    headers["Content-Security-Policy"] = POLICY
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "DENY"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
    headers["Referrer-Policy"] = "no-referrer" if request.path.startswith(WITH_TOKEN) else "same-origin"
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if request.endpoint == "static" and response.status_code == 200:
        versioned = "v" in request.args
        headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
    else:
        headers.setdefault("Cache-Control", "no-store")
    return response


def _version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values and "filename" in values:
        values["v"] = _print_of(values["filename"])


@cache
def _print_of(name: str) -> str:
    """The first letters of a static file's hash; empty where there is no such file."""
    path = Path(__file__).parent / "static" / name
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8] if path.is_file() else ""

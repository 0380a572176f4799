"""What a request works with: one database session and one reading of the clock, both on ``flask.g``."""

from datetime import datetime
from functools import cached_property
from typing import Any

from flask import Flask, current_app, g
from flask.ctx import _AppCtxGlobals

from coordinator import times


class RequestGlobals(_AppCtxGlobals):
    """``g`` with ``g.session`` and ``g.now``, each made when it is first asked for."""

    @cached_property
    def session(self) -> Any:
        """The request's database session; closed when the request is done."""
        return current_app.extensions["sessions"]()

    @cached_property
    def now(self) -> datetime:
        """The instant of this request, in UTC: read once, handed down to everyone."""
        return times.now()


def register(app: Flask) -> None:
    """Give every request its ``g.session`` and close it afterwards."""
    app.app_ctx_globals_class = RequestGlobals
    app.teardown_appcontext(close)


def close(_error: BaseException | None = None) -> None:
    """Let go of the request's database session, with whatever it had not committed."""
    if "session" in g:
        g.pop("session").close()

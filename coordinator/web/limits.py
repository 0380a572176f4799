"""How often one may knock: the limiter that sign-in and patients' links share."""

from typing import Any

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import MovingWindowSupport, Storage

from coordinator.services import knocks


class Knocks(Storage, MovingWindowSupport):
    """Where the limiter keeps its count: in the database, so that all nodes count together."""

    STORAGE_SCHEME = ["database"]
    base_exceptions = ValueError

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count a try, unless there were too many."""
        with _opened() as session:
            return knocks.knock(session, key, limit, expiry)

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """Since when tries count, and how many there were."""
        with _opened() as session:
            begin, number = knocks.counted(session, key, expiry)
        return begin.timestamp(), number

    def check(self) -> bool:
        """Nothing to do without: a database that is away is said elsewhere."""
        return True

    def _not_for_moving_windows(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    incr = get = get_expiry = reset = clear = _not_for_moving_windows


def _opened() -> Any:
    return current_app.extensions["sessions"]()


limiter = Limiter(get_remote_address, storage_uri="database://", strategy="moving-window")

TRIES_BY_ADDRESS = "30 per 5 minutes"
TRIES_BY_NAME = "8 per 15 minutes"


def name_tried() -> str:
    """Under which name somebody tries to sign in; wrong tries are counted for each."""
    return f"name:{request.form.get('email', '').strip().lower()[:200]}"


def failed(response: Response) -> bool:
    """Only tries that did not lead on are counted."""
    return not 300 <= response.status_code < 400


def register(app: Flask) -> None:
    """Counting starts with the app."""
    limiter.init_app(app)

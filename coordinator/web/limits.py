"""How often one may knock: the limiter that sign-in and patients' links share."""

from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window")

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

"""Refusals and failures as pages: what happened, in words, and what to do next. Nowhere else."""

from http import HTTPStatus

from flask import Flask, current_app, g, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, refresh
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from coordinator.database import UNREACHABLE, is_passing, said_by
from coordinator.errors import Refusal
from coordinator.language import LANGUAGES
from coordinator.services.typed import Wrong
from coordinator.web import language, sessions

TITLES = {
    400: lazy_gettext("This could not be read"),
    403: lazy_gettext("Not for this account"),
    404: lazy_gettext("Not found"),
    409: lazy_gettext("Something changed meanwhile"),
    413: lazy_gettext("Too much at once"),
    422: lazy_gettext("That is not possible"),
    429: lazy_gettext("Too many tries"),
    500: lazy_gettext("Something went wrong here"),
    503: lazy_gettext("Not possible at this moment"),
}
SENTENCES = {
    400: lazy_gettext("Your browser sent something we could not read. Please go back and try again."),
    403: lazy_gettext("Your account cannot open this page."),
    404: lazy_gettext("There is no such page, or it is not meant for you."),
    405: lazy_gettext("This address is not a page to open. Please go back."),
    413: lazy_gettext("What was sent is too large. Nothing was saved."),
    429: lazy_gettext("There were too many tries in a short time. Please wait some minutes and try again."),
    500: lazy_gettext("The fault is ours and has been written down. Nothing of this step was saved."),
    503: lazy_gettext(
        "The records cannot be read or written just now. Nothing of this step was saved, unless its page says so. "
        "Please try again in a minute."
    ),
}
NEXT = {
    409: lazy_gettext("Nothing was changed. Go back, look at the page as it is now, and try again."),
    422: lazy_gettext("Nothing was changed. Go back and change what is named above."),
}
AGAIN_SECONDS = 30
OLD_FORM = lazy_gettext(
    "This form was open for too long or in another window. Please go back, reload the page and send it again."
)


def register(app: Flask) -> None:
    """One page for whatever cannot be answered."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(CSRFError, lambda _error: _page(400, str(OLD_FORM)))
    app.register_error_handler(HTTPException, _failed)
    app.register_error_handler(Exception, _broken)
    for unreachable in UNREACHABLE:
        app.register_error_handler(unreachable, _unreachable)


def sentence(refusal: Refusal | Wrong) -> str:
    """What is refused or wrong, in the reader's language, with its facts."""
    said = gettext(refusal.sentence)
    return str(said.format(**refusal.facts) if refusal.facts else said)


def _refused(refusal: Refusal) -> tuple[str, int]:
    return _page(refusal.status, sentence(refusal))


def _failed(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status >= 500:
        return _broken(getattr(error, "original_exception", None) or error)
    page, _ = _page(status, str(SENTENCES.get(status, error.description or "")))
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return page, status, kept


def _broken(error: Exception) -> tuple[str, int]:
    """A bug: written down for the administrator, told to the reader without its inside."""
    current_app.logger.error("%s %s failed", request.method, request.path, exc_info=error)
    return _without_database(500)


def _unreachable(error: Exception) -> ResponseReturnValue:
    """No database, no room on its disk, or somebody kept it for too long: it passes, so the reader may try again."""
    if not is_passing(error):
        return _broken(error)
    current_app.logger.error("%s %s: the database: %s", request.method, request.path, said_by(error))
    page, status = _without_database(503)
    return page, status, {"Retry-After": str(AGAIN_SECONDS)}


def _without_database(status: int) -> tuple[str, int]:
    """A page that asks nothing of the database, not even who reads it."""
    sessions.close()
    g.language = session.get(language.CHOSEN) or request.accept_languages.best_match(LANGUAGES) or "en"
    refresh()
    said = {"status": status, "title": TITLES[status], "sentence": SENTENCES[status]}
    return render_template("problems/broken.html", **said), status


def _page(status: int, said: str) -> tuple[str, int]:
    title = TITLES.get(status) or HTTPStatus(status).phrase
    return render_template(
        "problems/problem.html", status=status, title=title, sentence=said, next=NEXT.get(status)
    ), status

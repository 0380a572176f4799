"""Puts the program together: create_app(settings)."""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import Engine, inspect
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings
from coordinator import cli, database, guard
from coordinator.errors import UnusableDatabase
from coordinator.notices.post import Letterhead
from coordinator.web import (
    answers,
    appointments,
    board,
    calendars,
    days,
    desk,
    feeds,
    frame,
    health,
    inbox,
    language,
    limits,
    messages,
    metrics,
    pathways,
    patient_pages,
    patients,
    permissions,
    plans,
    problems,
    security,
    sessions,
    setup,
    signing_in,
    words,
)

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"
IDLE_SECONDS = 8 * 3600
LARGEST_FORM = 2 * 1024 * 1024
PAGES = (
    *(language.language, signing_in.signing_in, health.health, metrics.metrics, desk.desk),
    *(patients.patients, plans.plans, appointments.appointments, board.board, days.days),
    *(calendars.calendars, messages.messages),
    *(pathways.pathways, setup.setup),
    *(patient_pages.patient_pages, answers.answers, feeds.feeds, inbox.inbox),
)


def create_app(settings: Settings) -> Flask:
    """The program with its pages and commands. Raises UnusableDatabase: without its guard, or newer than we are."""
    app = Flask(
        __name__, template_folder=str(TEMPLATES), static_folder="web/static", static_url_path="/static"
    )
    _configure(app, settings)
    _connect(app, settings)
    for part in (metrics, sessions, language, security, limits, permissions, problems, frame, words):
        part.register(app)
    for pages in PAGES:
        app.register_blueprint(pages)
    cli.register(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, settings: Settings) -> None:
    """Flask's own settings, and the plain values that pages need."""
    app.jinja_options = {
        "autoescape": True,
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-coordinator" if settings.secure_cookies else "coordinator",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=IDLE_SECONDS,
        MAX_CONTENT_LENGTH=LARGEST_FORM,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        WTF_CSRF_SSL_STRICT=False,  # pages with a token send no referrer, by our own policy
        DEMO=settings.demo,
        NOTICE_DELAY_SECONDS=settings.notice_delay_seconds,
        SOLVER_SECONDS=settings.solver_seconds,
        BASE_URL=settings.base_url,
        METRICS_TOKEN=settings.metrics_token,
        FOLDER=settings.folder,
    )


def _connect(app: Flask, settings: Settings) -> None:
    """The database and the post, for pages, worker and commands (``app.extensions``)."""
    engine = database.make_engine(settings.database_url)
    try:
        _refuse_unusable(engine)
    except UnusableDatabase:
        engine.dispose()
        raise
    app.extensions["settings"] = settings
    app.extensions["engine"] = engine
    app.extensions["sessions"] = database.make_sessions(engine)
    app.extensions["letterhead"] = Letterhead(settings.base_url, settings.mail_from, settings.secret_key)


def _refuse_unusable(engine: Engine) -> None:
    """A database that exists must refuse double bookings; one that is still to be made is checked then."""
    path = engine.url.database
    if engine.dialect.name == "sqlite" and not (path and Path(path).exists()):
        return
    with engine.connect() as connection:
        database.behind(connection)
        if inspect(connection).has_table("claim"):
            guard.check(connection)

"""The commands that run on: pages with worker and inbox in one process, or a worker alone."""

import logging
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from waitress.server import create_server

from coordinator import inbox, worker
from coordinator.cli import greeting
from coordinator.cli.frame import Failed, command
from coordinator.mailbox import Mailbox
from coordinator.notices.post import Post, SmtpPost
from coordinator.services import readiness

THREADS = 8
logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that requests wait a moment is no news
USUAL_PORT = 8000


@command("serve", makes_database=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=USUAL_PORT, show_default=True, help="Port to listen on; 0: any that is free.")
def serve(host: str, port: int) -> None:
    """Serve the pages, with the worker and, for a demo without a mail server, a local inbox beside them."""
    app = _app()
    with _listen(host, port) as listening:
        url = _at(app, host, listening.getsockname()[1])
        loopback = ip_address(listening.getsockname()[0]).is_loopback
        made = greeting.have_demo(url, loopback=loopback)
        with _working(app) as post:
            server = create_server(app, sockets=[listening], threads=THREADS)
            greeting.greet(url, made)
            _say_what_to_know(app, post)
            signal.signal(signal.SIGTERM, _stop)
            server.run()  # until somebody stops it: waitress itself ends on both
            server.close()


@command("worker")
def work() -> None:
    """Send what is due, and go on until somebody stops it. Any number of workers may run."""
    app = _app()
    # An event that the handler sets would not do: it may come while the main thread has the event's own lock.
    signal.signal(signal.SIGTERM, _stop)
    with _working(app) as post:
        click.echo("The worker runs.")
        _say_what_to_know(app, post)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("The worker stops.")


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    return app


def _stop(*_: object) -> None:
    raise SystemExit(0)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise Failed(f"Cannot listen on {host}, port {port}: {reason}. Try another --port.") from None


def _at(app: Flask, host: str, port: int) -> str:
    """The address of the pages: as it is set or, where it is not, where we listen."""
    given: str = app.config["BASE_URL"]
    if given != f"http://127.0.0.1:{USUAL_PORT}":
        return given
    shown = "127.0.0.1" if host in ("", "0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{port}"
    app.config["BASE_URL"] = url
    app.extensions["letterhead"] = replace(app.extensions["letterhead"], base_url=url)
    return url


@contextmanager
def _working(app: Flask) -> Iterator[Post | None]:
    """A worker beside us; gives what it sends with, if anything."""
    with _post(app.extensions["settings"], Path(app.config["FOLDER"]) / "inbox") as post:
        sessions, letterhead = app.extensions["sessions"], app.extensions["letterhead"]
        made = worker.start(sessions, post, letterhead, _mailbox(app.extensions["settings"]))
        try:
            yield post
        finally:
            made.shutdown()


@contextmanager
def _post(settings: Any, folder: Path) -> Iterator[Post | None]:
    """The mail server that is set; else, for a demo, an inbox of our own; else nothing, and all mails wait."""
    if settings.smtp_host:
        yield _smtp(settings)
    elif greeting.is_demo():
        letters = inbox.open_inbox(folder)
        try:
            yield SmtpPost(host="127.0.0.1", port=letters.port)
        finally:
            letters.stop()
    else:
        yield None


def _say_what_to_know(app: Flask, post: Post | None) -> None:
    if (warning := readiness.warning(app.extensions["engine"])) is not None:
        click.echo(warning, err=True)
    if post is None:
        click.echo("No mail leaves, all of it waits: no mail server is set (COORDINATOR_SMTP_HOST).")


def _smtp(settings: Any) -> Post:
    return SmtpPost(
        host=settings.smtp_host,
        port=settings.smtp_port,
        user=settings.smtp_user,
        password=settings.smtp_password,
        security=settings.smtp_security,
    )


def _mailbox(settings: Any) -> Mailbox | None:
    if not settings.imap_host:
        return None
    return Mailbox(
        host=settings.imap_host,
        port=settings.imap_port,
        user=settings.imap_user,
        password=settings.imap_password,
        security=settings.imap_security,
        folder=settings.imap_folder,
    )


COMMANDS = (serve, work)

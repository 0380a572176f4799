"""Commands that keep a clinic's data safe: back it up, restore it, check it."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from flask import current_app
from rich.console import Console
from sqlalchemy.exc import DBAPIError

from coordinator.cli.frame import Failed, command, have_database, opened, setting
from coordinator.services import backups, integrity, readiness
from coordinator.services.copying import Told

OWN_SECRET = "secret.key"
"""Where an installation keeps the secret that it made for itself (config.py)."""
FILE = click.argument("file", type=click.Path(path_type=Path, dir_okay=False))


@command("backup", needs_database=False)
@FILE
def backup(file: Path) -> None:
    """Write the whole clinic into one new FILE, while the program runs.

    FILE is a SQLite database, whichever database the clinic has; keep it as safe as that. With it goes the secret
    that signs links, if the installation made its own.
    """
    try:
        with _shown(f"Backing up to {file}") as told:
            backups.take(current_app.extensions["engine"], file, secret=_own_secret(), told=told)
    except OSError as error:
        raise Failed(f"Cannot write {file}: {error.strerror}.") from None
    except DBAPIError as error:
        raise Failed(f"Cannot back up: {error.orig}.") from None
    click.echo(f"The backup is in {file}.")


@command("restore", needs_database=False)
@FILE
def restore(file: Path) -> None:
    """Put a backup into a database that holds nothing yet: SQLite or PostgreSQL, whichever it was made of."""
    settings = current_app.extensions["settings"]
    settings.folder.mkdir(parents=True, exist_ok=True)
    with _shown(f"Restoring {file}") as told:
        rows = backups.restore(current_app.extensions["engine"], file, keep_secret=_keep_secret, told=told)
    click.echo(f"Restored: {rows} rows.")


@command("check", needs_database=False)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def check(file: Path | None) -> None:
    """Say whether all is well with the database or, where one is named, with a backup FILE.

    It is reachable, at the newest migration and with its guard; nothing in it is damaged, taken twice, kept for
    nobody, half booked or about to tell what is no longer so. Each finding is a line; status 1 where there is any.
    """
    if file is None:
        have_database(make=False)
        if (warning := readiness.warning(current_app.extensions["engine"])) is not None:
            click.echo(warning)
        with opened() as session:
            found = integrity.findings(session)
    else:
        found = backups.findings(file)
    if found:
        raise Failed("\n".join(found), exit_code=1)
    click.echo("All is there.")


@contextmanager
def _shown(what: str) -> Iterator[Told]:
    """On a terminal, a line that says what is being done and how far it is."""
    with Console(stderr=True).status(what) as line:
        yield lambda table, rows: line.update(f"{what}: {rows} rows, now {table}")


def _own_secret() -> str | None:
    """What the installation signs links with, where it made that itself; else others keep it."""
    path, used = Path(setting("FOLDER")) / OWN_SECRET, setting("SECRET_KEY")
    return used if path.exists() and path.read_text(encoding="utf-8").strip() == used else None


def _keep_secret(secret: str | None) -> None:
    """Have links in letters that have left go on working, or say what is to be done for that."""
    path, used = Path(setting("FOLDER")) / OWN_SECRET, _own_secret()
    if secret is None:
        click.echo("No secret is in this backup: set COORDINATOR_SECRET_KEY to that of its clinic.")
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(secret)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    if used is None and secret != setting("SECRET_KEY"):
        click.echo(
            f"Links in letters were signed with another secret: set COORDINATOR_SECRET_KEY_FILE={path}."
        )


COMMANDS = (backup, restore, check)

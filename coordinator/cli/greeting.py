"""What a start of the program makes and says: the demo where there is nothing yet, and how to sign in."""

import json
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from coordinator import times
from coordinator.cli.frame import Failed, opened, setting
from coordinator.services import demo, lists

EXAMPLES = Path(__file__).resolve().parent.parent.parent / "examples"
DEMO_FILE = "demo.json"


def is_demo() -> bool:
    """Whether the clinic of this database is the demo's. It stays one until a clinic's own file is imported."""
    with opened() as session:
        clinic = lists.clinic(session)
        return clinic is not None and clinic.is_demo


def have_demo(url: str, *, loopback: bool) -> dict[str, Any] | None:
    """The demo's facts: made where one is asked for and the database is empty, else as they were kept.

    None where it is no demo. Passwords that everybody knows are only for a demo that nobody else can reach.
    """
    path = Path(setting("FOLDER")) / DEMO_FILE
    made: dict[str, Any] | None = None
    with opened() as session:
        if demo.is_unfinished(session):
            raise Failed("The demo is only half made. Delete its database (or the folder), and start again.")
        if setting("DEMO") and demo.is_empty(session):
            made = _made(session, url, loopback)
        elif is_demo():
            made = _kept(path)
    if made is not None:
        _keep(path, made | {"url": url})
    return made


def _made(session: Any, url: str, loopback: bool) -> dict[str, Any]:
    now = times.now()
    new = demo.make_demo(
        session, examples=EXAMPLES, on=now.date(), now=now, base_url=url, known_passwords=loopback
    )
    return new.as_json()


def _kept(path: Path) -> dict[str, Any] | None:
    try:
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return kept


def _keep(path: Path, made: dict[str, Any]) -> None:
    try:
        path.write_text(json.dumps(made, indent=1), encoding="utf-8")
    except OSError as error:
        raise Failed(f"Cannot write {path}: {error.strerror}.") from None


def greet(url: str, made: dict[str, Any] | None) -> None:
    """Say where the pages are, and how to sign in."""
    click.echo(f"Coordinator is at {url}")
    if made is None:
        click.echo("Nobody can sign in yet? Make an account: account create --help")
        return
    table = Table("sign in as", "e-mail", "password", title="The demo clinic; everybody in it is invented.")
    for account in _one_of_each(made["accounts"]):
        table.add_row(account["role"], account["email"], account["password"])
    Console().print(table)
    click.echo(f"All {len(made['accounts'])} accounts: {Path(setting('FOLDER')) / DEMO_FILE}")


def _one_of_each(accounts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of each role."""
    return list({account["role"]: account for account in reversed(accounts)}.values())[::-1]

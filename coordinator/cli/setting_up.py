"""Commands that look after the database and its accounts."""

import click

from coordinator import times
from coordinator.cli.frame import Group, command, opened
from coordinator.models import Role
from coordinator.services import accounts, approving, named
from coordinator.services.trail import COMMAND


@command("upgrade", makes_database=True)
def upgrade() -> None:
    """Bring the database to the newest migration."""
    click.echo("The database is up to date.")


@click.group("account", cls=Group)
def account() -> None:
    """Accounts of those who sign in."""


@command("create", makes_database=True)
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--name", required=True, help="Name to show.")
@click.option("--role", required=True, type=click.Choice([role.value for role in Role]))
@click.option("--practitioner", metavar="KEY", help="Whose account it is, for the role practitioner.")
@click.password_option(help="Asked for where it is not given.")
def create(email: str, name: str, role: str, practitioner: str | None, password: str) -> None:
    """Make an account."""
    with opened() as session:
        made = accounts.create(
            session,
            email=email,
            name=name,
            role=Role(role),
            password=password,
            practitioner=practitioner,
            by=COMMAND,
            now=times.now(),
        )
    click.echo(f"{made.email} can sign in as {made.role.value}.")


@command("approver")
@click.argument("practitioner")
def approver(practitioner: str) -> None:
    """Say whose standing order approves plans that are booked at the command line: a physician."""
    with opened() as session:
        number = named.practitioner(session, practitioner)
        name = approving.stand_in(session, number, by=COMMAND, now=times.now())
    click.echo(f"{name} approves plans that are booked at the command line.")


account.add_command(create)
COMMANDS = (upgrade, account, approver)

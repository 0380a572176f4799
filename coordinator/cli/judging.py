"""Commands that print a booked plan as problem and answer file, for others to judge."""

import json

import click

from coordinator.cli.frame import NUMBER, command, opened
from coordinator.services import booked_files

plan_option = click.option(
    "--plan", required=True, type=NUMBER, metavar="ID", help="Number of a booked plan."
)


@command("problem")
@plan_option
def problem(plan: int) -> None:
    """Print what the search was asked when the plan was booked, as a problem file."""
    with opened() as session:
        click.echo(json.dumps(booked_files.problem(session, plan)))


@command("answer")
@plan_option
def answer(plan: int) -> None:
    """Print the plan as it is booked now, as an answer file to its problem."""
    with opened() as session:
        click.echo(json.dumps(booked_files.answer(session, plan)))


COMMANDS = (problem, answer)

"""Commands that cancel and move what is booked, and undo what was done."""

from datetime import datetime

import click

from coordinator import times
from coordinator.cli.frame import NUMBER, Failed, command, opened, setting
from coordinator.services import cancelling, moving, named, undoing
from coordinator.services.trail import COMMAND


@command("cancel")
@click.argument("appointment", required=False, type=NUMBER)
@click.option("--plan", type=NUMBER, metavar="ID", help="Cancel a whole plan.")
@click.option("--why", default="", help="The reason, for the record.")
def cancel(appointment: int | None, plan: int | None, why: str) -> None:
    """Cancel one APPOINTMENT, or a whole plan; people and rooms are free again, and the patient is told."""
    if (appointment is None) == (plan is None):
        raise Failed("Name one appointment, or a plan with --plan.")
    delay, now = setting("NOTICE_DELAY_SECONDS"), times.now()
    with opened() as session:
        if plan is not None:
            cancelling.cancel_plan(session, plan, delay_seconds=delay, by=COMMAND, now=now)
            click.echo(f"Plan {plan} is cancelled.")
        elif appointment is not None:
            cancelling.cancel(session, appointment, why=why, delay_seconds=delay, by=COMMAND, now=now)
            click.echo(f"Appointment {appointment} is cancelled.")


@command("move")
@click.argument("appointment", type=NUMBER)
@click.option(
    "--to", "wall", required=True, metavar="TIME", help='By the location\'s clock: "2026-12-03 10:00".'
)
def move(appointment: int, wall: str) -> None:
    """Move one APPOINTMENT to another time, if the whole plan stays as it should be; the patient is told."""
    with opened() as session:
        zone = named.zone_of(session, appointment)
        moved = moving.move(
            session,
            appointment,
            starts_at=times.to_instant(_wall(wall), zone),
            delay_seconds=setting("NOTICE_DELAY_SECONDS"),
            seconds=setting("SOLVER_SECONDS"),
            by=COMMAND,
            now=times.now(),
        )
    begin = times.to_wall(moved.starts_at, zone)
    click.echo(f"Appointment {appointment} is on {begin:%a %Y-%m-%d} at {begin:%H:%M}.")


@command("undo")
@click.argument("plan", type=NUMBER)
def undo(plan: int) -> None:
    """Undo what was done last to a PLAN, within ten minutes: a booking, a move or a cancellation."""
    delay, now = setting("NOTICE_DELAY_SECONDS"), times.now()
    with opened() as session:
        deed = undoing.undo(session, plan, delay_seconds=delay, by=COMMAND, now=now)
    click.echo(f"The {deed.kind.value} of {deed.done_at:%H:%M} UTC is undone.")


def _wall(text: str) -> datetime:
    """A wall time as it was typed."""
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        wall = None
    if wall is None or wall.tzinfo is not None:
        raise Failed(f'{text} is not a date and time; write "2026-12-03 10:00"')
    return wall


COMMANDS = (cancel, move, undo)

"""The command that takes in a mail from a file, as the worker does from its mailbox."""

from pathlib import Path

import click

from coordinator import times
from coordinator.cli.frame import Failed, command, opened
from coordinator.models import Outcome
from coordinator.services import receiving

SAID = {
    Outcome.TAKEN: "It is an answer; it stands beside its appointment.",
    Outcome.STALE: "It is an answer that came too late; nothing is changed.",
    Outcome.PARKED: "A person has to read it; it lies on the desk.",
    Outcome.BOUNCED: "One of our mails came back; it lies on the desk.",
    Outcome.IGNORED: "It is nothing for us.",
}


@command("receive")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def receive(file: Path) -> None:
    """Take in one mail from FILE, as if it had come by IMAP; the same mail counts once."""
    try:
        octets = file.read_bytes()
    except OSError as error:
        raise Failed(f"{file} cannot be read: {error.strerror}") from None
    with opened() as session:
        kept = receiving.receive(session, octets, now=times.now())
        click.echo(SAID[kept.outcome] + (f" ({kept.why})" if kept.why else ""))


COMMANDS = (receive,)

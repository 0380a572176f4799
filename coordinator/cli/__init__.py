"""The commands: what is asked of the program at a terminal."""

from flask import Flask

from coordinator.cli import booking, changing, judging, receiving, safekeeping, serving, setting_up, shelf
from coordinator.cli.frame import Commands


def register(app: Flask) -> None:
    """Add all commands to ``flask``."""
    app.cli = Commands(app.name)
    for room in (serving, shelf, booking, changing, receiving, judging, safekeeping, setting_up):
        for command in room.COMMANDS:
            app.cli.add_command(command)

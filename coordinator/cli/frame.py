"""What all commands share: one line for an error, a session, the folder, and when the database has to be there."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from flask import current_app
from flask.cli import AppGroup, ScriptInfo

from coordinator import database, times
from coordinator.errors import FileProblems, Refusal, UnusableDatabase
from coordinator.services import readiness

F = TypeVar("F", bound=Callable[..., Any])
LOG = "coordinator.log"
NUMBER = click.IntRange(1, 2**31 - 1)
"""The number of something in the database."""


class Failed(click.ClickException):
    """A command that could not do what was asked; said in one line."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]

    def show(self, file: Any = None) -> None:
        """Say it, without a word before."""
        click.echo(self.format_message(), file=file, err=True)


class Command(click.Command):
    """A command that speaks of what goes wrong in one line, and never shows a traceback."""

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Read the words of the command line."""
        with _one_line_of_usage():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Do it."""
        ctx.with_resource(ctx.ensure_object(ScriptInfo).load_app().app_context())
        try:
            _same_folder(ctx.meta.get("data"))
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except FileProblems as problems:
            raise Failed("\n".join(one_line(problem) for problem in problems.problems)) from None
        except (Refusal, UnusableDatabase) as refusal:
            raise Failed(one_line(refusal)) from None
        except Exception as error:
            if isinstance(error, database.UNREACHABLE) and database.is_passing(error):
                raise Failed(f"The database cannot be used: {one_line(database.said_by(error))}", 1) from None
            raise Failed(_unforeseen(error), exit_code=1) from None


class Group(click.Group):
    """Commands that belong together; what is wrong with their names is said in one line too."""

    def make_context(self, *arguments: Any, **more: Any) -> click.Context:
        """Read the words before the command."""
        with _one_line_of_usage():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: click.Context) -> Any:
        """Go on to the command."""
        with _one_line_of_usage():
            return super().invoke(ctx)


class Commands(AppGroup):
    """All commands of the program. Flask asks here for those that it does not know itself."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """The command of a name. Raises Failed where there is none."""
        found = super().get_command(ctx, cmd_name)
        if found is None:
            raise Failed(f"There is no command {cmd_name}. All commands: --help")
        return found


@contextmanager
def _one_line_of_usage() -> Iterator[None]:
    """What is wrong with the words of a command line, without click's lines around it."""
    try:
        yield
    except click.exceptions.NoArgsIsHelpError:
        raise
    except click.UsageError as error:
        raise Failed(error.format_message()) from None


def one_line(text: object) -> str:
    """A sentence without line breaks."""
    return " ".join(str(text).split())


def command(
    name: str, *, makes_database: bool = False, needs_database: bool = True
) -> Callable[[F], Command]:
    """A command of this house. It finds a database at the newest migration, or makes it so, or says what to do.

    One that needs none sees to that itself.
    """

    def wrap(function: F) -> Command:
        def prepared(*arguments: Any, **options: Any) -> Any:
            if needs_database:
                have_database(make=makes_database)
            return function(*arguments, **options)

        prepared.__doc__ = function.__doc__
        prepared.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        made: Command = click.command(name, cls=Command)(_data(prepared))
        return made

    return wrap


_data = click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Folder of the database.",
    expose_value=False,
    callback=lambda ctx, _, folder: ctx.meta.__setitem__("data", folder),
)


def _same_folder(folder: Path | None) -> None:
    """``./run`` reads --data before the program starts; without it, the folder has to be set in the environment."""
    if folder is not None and folder.resolve() != Path(current_app.config["FOLDER"]).resolve():
        raise Failed("Set COORDINATOR_DATA instead of --data where the program is not started by ./run.")


def have_database(*, make: bool) -> None:
    """Go on only with a database that is there and new enough; where it may be made, make it so."""
    found = readiness.missing(current_app.extensions["sessions"])
    if found and make:
        settings = current_app.extensions["settings"]
        settings.folder.mkdir(parents=True, exist_ok=True)
        database.upgrade(settings.database_url)
    elif found:
        raise Failed(found[0])


def opened() -> AbstractContextManager[Any]:
    """A database session, closed at the end."""
    session: AbstractContextManager[Any] = current_app.extensions["sessions"]()
    return session


def setting(name: str) -> Any:
    """A plain value that the app has read from the settings."""
    return current_app.config[name]


def _unforeseen(error: Exception) -> str:
    """Keep the details where they can be read, and say where."""
    path = Path(current_app.config["FOLDER"]) / LOG
    said = f"Something went wrong that was not foreseen: {type(error).__name__}."
    try:
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{times.now().isoformat()}\n{''.join(traceback.format_exception(error))}\n")
    except OSError:
        return said
    return f"{said} Details: {path}"

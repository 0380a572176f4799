"""Commands for files: import them, export them, check them."""

from collections.abc import Sequence
from pathlib import Path

import click

from coordinator import files, times
from coordinator.cli.frame import Failed, command, opened
from coordinator.errors import FileProblem, FileProblems
from coordinator.files.reading import AnyFile, content
from coordinator.services import exporting, importing
from coordinator.services.trail import COMMAND


@command("import", makes_database=True)
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything, keep nothing.")
def import_(paths: Sequence[Path], dry_run: bool) -> None:
    """Take clinic, pathway and patient files: all of them, or nothing.

    A folder stands for all files in it. Things are known by their keys: what is there already is brought in line.
    """
    readings = _read(_spelt_out(paths))
    with opened() as session:
        report = importing.import_files(session, readings, by=COMMAND, now=times.now(), dry_run=dry_run)
    counts = ", ".join(f"{count} {noun}" for noun, count in report.counts.items() if count)
    click.echo(f"{'Could be imported' if dry_run else 'Imported'}: {counts}.")
    if report.retired:
        click.echo(f"No longer in the clinic's file, so out of use: {', '.join(report.retired)}.")


def _spelt_out(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.rglob("*.yaml")) if path.is_dir() else [path]
        if not inside:
            raise Failed(f"{path}: there is no .yaml file in this folder")
        found += inside
    return found


def _read(paths: Sequence[Path]) -> list[files.Reading]:
    """All files, or all problems of all of them."""
    readings, problems = list[files.Reading](), list[FileProblem]()
    on = times.now().date()
    for path in paths:
        try:
            readings.append(files.load(content(path), file=str(path), on=on))
        except FileProblems as found:
            problems += found.problems
    if problems:
        raise FileProblems(problems)
    return readings


@command("export")
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def export(folder: Path) -> None:
    """Write the clinic, its pathways and its patients as files that import to the same."""
    with opened() as session:
        shelf = exporting.export(session)
    written: dict[str, AnyFile] = {"clinic.yaml": shelf.clinic}
    written |= {f"pathways/{each.key}.yaml": each for each in shelf.pathways}
    if shelf.patients:
        written["patients.yaml"] = shelf.patients
    try:
        (folder / "pathways").mkdir(parents=True, exist_ok=True)
        for name, value in written.items():
            (folder / name).write_text(files.dump(value), encoding="utf-8")
    except OSError as error:
        raise Failed(f"Cannot write to {folder}: {error.strerror}.") from None
    click.echo(f"{len(written)} files are in {folder}.")


COMMANDS = (import_, export)

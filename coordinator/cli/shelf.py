"""Commands for files: import them, export them."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from coordinator import files, times
from coordinator.cli.frame import Failed, command, opened
from coordinator.errors import FileProblem, FileProblems
from coordinator.files import fhir_patients
from coordinator.files.marked_yaml import Marked
from coordinator.files.patients import PatientsFile
from coordinator.files.reading import AnyFile, content
from coordinator.services import exporting, importing
from coordinator.services.trail import COMMAND

FHIR = {".json", ".ndjson"}
ENDINGS = {".yaml", ".yml"} | FHIR


@command("import", makes_database=True)
@click.argument("paths", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything, keep nothing.")
def import_(paths: Sequence[Path], dry_run: bool) -> None:
    """Take clinic, pathway and patient files (YAML), and patients out of FHIR R4 (.json, .ndjson).

    All of them, or nothing. A folder stands for all files in it. Things are known by their keys: what is there
    already is brought in line.
    """
    readings, skipped = _read(_spelt_out(paths))
    with opened() as session:
        report = importing.import_files(session, readings, by=COMMAND, now=times.now(), dry_run=dry_run)
    click.echo(f"{'Could be imported' if dry_run else 'Imported'}: {_counted(report.counts)}.")
    if skipped:
        click.echo(f"Left out: {_counted(skipped)}.")
    if report.retired:
        click.echo(f"No longer in the clinic's file, so out of use: {', '.join(report.retired)}.")


def _counted(counts: importing.Counts) -> str:
    return ", ".join(f"{count} {noun}" for noun, count in counts.items() if count)


def _spelt_out(paths: Sequence[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = [path]
        if path.is_dir():
            inside = sorted(each for each in path.rglob("*") if each.suffix in ENDINGS and each.is_file())
        if not inside:
            raise Failed(f"{path}: there is no file to import in this folder")
        found += inside
    return found


def _read(paths: Sequence[Path]) -> tuple[list[files.Reading], Counter[str]]:
    """All files, and what was left out of them. Raises FileProblems with all problems of all files."""
    readings, problems, skipped = list[files.Reading](), list[FileProblem](), Counter[str]()
    on = times.now().date()
    for path in paths:
        try:
            if path.suffix in FHIR:
                readings.append(_from_fhir(path, on, skipped))
            else:
                readings.append(files.load(content(path), file=str(path), on=on))
        except FileProblems as found:
            problems += found.problems
    if problems:
        raise FileProblems(problems)
    return readings, skipped


def _from_fhir(path: Path, on: date, skipped: Counter[str]) -> files.Reading:
    found = fhir_patients.read(path, on=on)
    skipped.update(found.skipped)
    if not found.patients:
        raise FileProblems([FileProblem("holds no patient to import", file=str(path))])
    value = PatientsFile(patients=found.patients)
    return files.Reading(value=value, file=str(path), marked=Marked(None, {(): 1}))


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

"""What a harness found: figures beside what is asked for, as a table."""

from collections.abc import Iterable
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

WIDTH = 110


@dataclass(frozen=True, slots=True)
class Verdict:
    """One figure; ``holds`` is None where nothing is asked for."""

    what: str
    figure: str
    aim: str = ""
    holds: bool | None = None


def no_more_than(what: str, figure: float, most: float, unit: str = "") -> Verdict:
    """A figure that may not pass a limit."""
    return Verdict(what, f"{figure:,.4g}{unit}", f"≤ {most:,.4g}{unit}", figure <= most)


def at_least(what: str, figure: float, least: float, unit: str = "") -> Verdict:
    """A figure that has to reach a limit."""
    return Verdict(what, f"{figure:,.4g}{unit}", f"≥ {least:,.4g}{unit}", figure >= least)


def exactly(what: str, figure: object, asked: object) -> Verdict:
    """A figure that has to be one value."""
    return Verdict(what, str(figure), str(asked), figure == asked)


def told(what: str, figure: object) -> Verdict:
    """A figure for the reader alone."""
    return Verdict(what, str(figure))


def show(title: str, verdicts: Iterable[Verdict]) -> bool:
    """Print them. True: all hold."""
    table = Table("what", "figure", "asked for", "", title=title, title_justify="left")
    all_hold = True
    for each in verdicts:
        all_hold &= each.holds is not False
        table.add_row(each.what, each.figure, each.aim, {None: "", True: "holds", False: "FAILS"}[each.holds])
    console = Console()
    console.width = max(console.width, WIDTH)
    console.print(table)
    return all_hold

"""``python -m benchmarks.engine``: the engine beside the textbook model, as a table."""

import argparse
import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.engine import clinics, growth
from benchmarks.engine.rows import ROWS, Bench, Row
from benchmarks.engine.sources import Bench as Folder
from benchmarks.engine.sources import Own
from benchmarks.engine.timing import ours


def parser() -> argparse.ArgumentParser:
    """The command's arguments."""
    made = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    made.add_argument("rows", nargs="*", metavar="ROW", help=f"only some of: {', '.join(ROWS)}")
    made.add_argument(
        "--bench", type=Path, metavar="DIR", help="take generate.py, naive.py and verify.py from there"
    )
    made.add_argument("--seeds", type=int, default=5, help="clinics per row (%(default)s)")
    made.add_argument(
        "--runs", type=int, default=3, help="runs per clinic, of which the median counts (%(default)s)"
    )
    made.add_argument(
        "--limit", type=float, default=60.0, help="seconds for the textbook model (%(default)s)"
    )
    made.add_argument("--no-baseline", action="store_true", help="leave the textbook model out")
    made.add_argument("--json", type=Path, metavar="FILE", help="write all figures there too")
    made.add_argument("--picture", type=Path, metavar="FILE", help="draw the growth there, as SVG")
    return made


def table(rows: list[Row]) -> Table:
    """The rows for people to read."""
    made = Table("what", "median", "", "least", "most", "asked for")
    for row in rows:
        made.add_row(row.what, f"{row.median:,.3g}", row.unit, f"{min(row.figures):,.3g}",
                     f"{max(row.figures):,.3g}", row.aim)  # fmt: skip
    return made


def main() -> None:
    """Measure, print, and write down."""
    options = parser().parse_args()
    if unknown := set(options.rows) - set(ROWS):
        parser().error(f"no row {', '.join(sorted(unknown))}")
    source = Folder(options.bench) if options.bench else Own()
    limit = None if options.no_baseline else options.limit
    bench = Bench(source, list(range(1, options.seeds + 1)), options.runs, limit)
    ours(
        clinics.make(1, "assessment", days=28), 1, seconds=5
    )  # what is loaded at first use is not what is measured
    rows = [row for name in options.rows or ROWS for row in ROWS[name](bench)]
    Console().print(table(rows))
    if options.json:
        figures = {
            row.what.strip(): {"median": row.median, "unit": row.unit, "all": row.figures} for row in rows
        }
        options.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    if options.picture:
        growth.draw(bench, options.picture)


if __name__ == "__main__":
    main()

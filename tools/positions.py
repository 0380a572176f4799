"""Writes static/pos.css: a class for each column of the day board, since a strict policy allows no inline style."""

from collections.abc import Iterator
from pathlib import Path

COLUMNS = 144
TARGET = Path(__file__).resolve().parent.parent / "coordinator" / "web" / "static" / "pos.css"


def rules(columns: int = COLUMNS) -> Iterator[str]:
    """``s12`` starts after 12 columns, ``e20`` ends with the 20th, ``c96`` lays out 96, ``h8`` 8 hours."""
    yield "/* Written by tools/positions.py. */"
    yield from (f".s{number}{{grid-column-start:{number + 1}}}" for number in range(columns))
    yield from (f".e{number}{{grid-column-end:{number + 1}}}" for number in range(1, columns + 1))
    yield from (f".c{number}{{--columns:{number}}}" for number in range(4, columns + 1) if number % 4 == 0)
    yield from (f".h{number}{{--hours:{number}}}" for number in range(1, 27))


if __name__ == "__main__":
    TARGET.write_text("\n".join(rules()) + "\n", encoding="utf-8")

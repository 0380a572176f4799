"""A letter: said once in parts, written twice, as plain text and as HTML."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

TEMPLATES = Path(__file__).resolve().parent.parent.parent / "templates" / "letters"

_PAPER = Environment(
    loader=FileSystemLoader(TEMPLATES),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of a table: a cell for each column, and where it leads."""

    cells: Sequence[str]
    link: tuple[str, str] | None = None

    def text(self, columns: Sequence[str]) -> str:
        """The line as plain text: the first cell, and below it what the others say."""
        rest = zip(columns[1:], self.cells[1:], strict=True)
        lines = [f"- {self.cells[0]}", *(f"  {label}: {cell}" for label, cell in rest if cell)]
        if self.link is not None:
            lines += [f"  {self.link[0]}:", f"  {self.link[1]}"]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a letter: words, then facts with their labels, a table, items of a list, then links."""

    heading: str = ""
    words: str = ""
    facts: Sequence[tuple[str, str]] = field(default_factory=list)
    columns: Sequence[str] = field(default_factory=list)
    lines: Sequence[Line] = field(default_factory=list)
    items: Sequence[str] = field(default_factory=list)
    links: Sequence[tuple[str, str]] = field(default_factory=list)
    """Each with what it is called and its address."""

    def text(self) -> str:
        """The part as plain text."""
        lines = [
            self.heading and f"{self.heading}:",
            self.words,
            *(f"{label}: {value}" for label, value in self.facts),
            *(line.text(self.columns) for line in self.lines),
            *(f"- {item}" for item in self.items),
            *(f"{label}:\n{address}" for label, address in self.links),
        ]
        return "\n".join(line for line in lines if line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter to one person, in their language."""

    language: str
    subject: str
    greeting: str
    parts: Sequence[Part]
    closing: Sequence[str]
    """The clinic's name and how to reach it, a line each."""

    def text(self) -> str:
        """As plain text."""
        return "\n\n".join([self.greeting, *(part.text() for part in self.parts), "\n".join(self.closing)])

    def html(self) -> str:
        """As HTML that needs no style, picture or script."""
        return _PAPER.get_template("letter.html").render(letter=self)

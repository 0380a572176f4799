"""The day board of a location."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask import Blueprint, g, render_template, request

from coordinator import times
from coordinator.services import board as service
from coordinator.services.board import Board
from coordinator.web import forms
from coordinator.web.permissions import by, coordinators_only

board = Blueprint("board", __name__)
COLUMNS = 144
"""How many columns pos.css has classes for."""
UNITS = (5, 10, 15)
SECTIONS = ("room", "practitioner", "device", "group")


@board.get("/board")
@coordinators_only
def show() -> str:
    location_id = forms.optional_number(request.args.get("location"))
    day = forms.day(request.args.get("day"))
    page = service.board(g.session, location_id, day, by=by(), now=g.now)
    wanted = request.args.get("show")
    shown = (wanted,) if wanted in SECTIONS else SECTIONS
    return render_template(
        "board/show.html", page=page, grid=Grid(page), shown=shown, step=timedelta(days=1), now=g.now
    )


class Grid:
    """Where instants stand on the board: columns of some minutes each, from the first hour to the last."""

    def __init__(self, page: Board) -> None:
        self.first, self.last = page.starts_at, page.ends_at
        self.zone = page.zone
        minutes = int((self.last - self.first).total_seconds() // 60)
        self.unit = next((unit for unit in UNITS if minutes <= unit * COLUMNS), UNITS[-1])
        self.columns = min(COLUMNS, -(-minutes // self.unit // 4) * 4)
        self.span = -(-minutes // 60)
        bars = [bar for rows in page.sections.values() for row in rows for bar in row.bars]
        self.disciplines = sorted({bar.discipline for bar in bars if bar.discipline})

    def column(self, instant: datetime) -> int:
        """The column in which an instant lies, kept on the board."""
        minutes = (instant - self.first).total_seconds() / 60
        return max(0, min(self.columns, round(minutes / self.unit)))

    def place(self, starts_at: datetime, ends_at: datetime) -> str:
        """The classes of a stretch: never narrower than one column."""
        first = min(self.column(starts_at), self.columns - 1)
        return f"s{first} e{max(self.column(ends_at), first + 1)}"

    def hours(self) -> Iterator[tuple[str, datetime]]:
        """Each hour's classes, and what the clock shows."""
        at = self.first
        while at < self.last:
            yield self.place(at, at + timedelta(hours=1)), times.to_wall(at, self.zone)
            at += timedelta(hours=1)

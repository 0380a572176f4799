"""The day board: places on the grid, full names for the ear, nothing inline."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coordinator import times
from coordinator.models import Role
from coordinator.services.board import Board
from coordinator.web.board import Grid
from tests.services import a_pain_clinic as clinic
from tools import positions

from .an_app import signed_in


@pytest.fixture
def app(booked_app: Flask) -> Flask:
    return booked_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed_in(app)


def a_grid(hours: float) -> Grid:
    begin = datetime(2026, 11, 23, 13, tzinfo=UTC)
    page = object.__new__(Board)
    for name, value in {
        "starts_at": begin,
        "ends_at": begin + timedelta(hours=hours),
        "zone": times.zone("America/New_York"),
        "sections": {},
    }.items():
        object.__setattr__(page, name, value)
    return Grid(page)


@pytest.mark.parametrize(
    ("hours", "unit", "columns"), [(9, 5, 108), (12, 5, 144), (13, 10, 80), (24, 10, 144), (25, 15, 100)]
)
def test_any_day_fits_the_columns(hours: int, unit: int, columns: int):
    grid = a_grid(hours)
    assert (grid.unit, grid.columns) == (unit, columns)
    assert grid.column(grid.last + timedelta(days=1)) == columns
    assert len(list(grid.hours())) == hours


def test_a_box_is_never_narrower_than_a_column_nor_off_the_board():
    grid = a_grid(9)
    assert grid.place(grid.first, grid.first + timedelta(minutes=1)) == "s0 e1"
    assert grid.place(grid.last, grid.last + timedelta(hours=1)) == "s107 e108"
    assert grid.place(grid.first - timedelta(hours=1), grid.first + timedelta(minutes=10)) == "s0 e2"


def test_the_classes_of_the_columns_are_as_the_tool_writes_them():
    assert positions.TARGET.read_text(encoding="utf-8") == "\n".join(positions.rules()) + "\n"


def test_every_box_says_from_when_to_when_what_where_and_its_state(client: FlaskClient):
    page = client.get("/board").text
    labels = re.findall(r'class="bar-box[^>]*aria-label="([^"]+)"', page)
    assert "08:00 to 09:00; Consultation; Exam N 1; Rosa Mendez, Ben Brook, Ana Vale; not confirmed" in labels
    assert all(re.match(r"\d\d:\d\d to \d\d:\d\d; .+; .+", label) for label in labels)


def test_no_style_or_script_stands_in_the_page(client: FlaskClient):
    page = client.get("/board").text
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\ssrc=)", page)
    assert not re.search(r"\son\w+=", page)


def test_the_now_line_stands_only_on_today(client: FlaskClient, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(times, "now", lambda: clinic.NOW + timedelta(hours=7))
    assert 'class="now' in client.get("/board?day=2026-11-23").text
    assert 'class="now' not in client.get("/board?day=2026-11-24").text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("day=2026-11-24&show=room", 200),
        ("show=nonsense", 200),
        ("day=tomorrow", 422),
        ("day=0001-01-01", 422),
        ("day=9999-12-31", 422),
        ("location=4711", 404),
        ("location=x", 404),
    ],
)
def test_any_address_is_answered_without_a_fault(client: FlaskClient, query: str, status: int):
    assert client.get(f"/board?{query}").status_code == status


def test_only_the_rows_that_were_asked_for(client: FlaskClient):
    page = client.get("/board?show=practitioner").text
    assert 'class="board-name">Ana Vale<' in page
    assert 'class="board-name">Suite N<' not in page


def test_practitioners_have_their_own_day_instead(app: Flask):
    assert signed_in(app, Role.PRACTITIONER).get("/board").status_code == 403

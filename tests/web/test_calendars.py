"""Practitioners' own calendars on their day page."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from coordinator.models import BusyCalendar, BusyTime, Role
from tests.calendars.test_busy import a_calendar, an_event
from tests.services import a_pain_clinic

from .an_app import an_app, signed_in, token_on


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    made = an_app(sqlite_files.migrated(), tmp_path)
    with made.extensions["sessions"]() as session:
        a_pain_clinic.set_up(session)
    return made


@pytest.fixture
def page(app: Flask) -> str:
    with app.extensions["sessions"]() as session:
        return f"/practitioners/{a_pain_clinic.practitioner(session, 'dr-vale').id}"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed_in(app)


def token(client: FlaskClient, page: str) -> dict[str, str]:
    return {"csrf_token": token_on(client.get(f"{page}/day").text)}


def test_an_address_is_kept_and_never_shown_again(app: Flask, client: FlaskClient, page: str) -> None:
    address = "https://calendar.example/secret-7/basic.ics"
    given = token(client, page) | {"address": f" {address} "}
    answer = client.post(f"{page}/calendars/address", data=given)
    assert answer.location.endswith("/day#calendars")
    shown = client.get(f"{page}/day").text
    assert "From an address" in shown
    assert "calendar.example" in shown
    assert "secret-7" not in shown
    with app.extensions["sessions"]() as session:
        found = session.scalars(select(BusyCalendar)).one()
        assert found.address == address
    again = client.post(f"{page}/calendars/{found.id}/read", data=token(client, page))
    assert again.status_code == 303
    gone = client.post(f"{page}/calendars/{found.id}/remove", data=token(client, page))
    assert gone.status_code == 303
    assert "From an address" not in client.get(f"{page}/day").text


def test_a_file_is_uploaded(app: Flask, client: FlaskClient, page: str) -> None:
    file = (io.BytesIO(a_calendar(an_event())), "mine.ics")
    answer = client.post(f"{page}/calendars/file", data=token(client, page) | {"file": file})
    assert answer.status_code == 303
    with app.extensions["sessions"]() as session:
        assert session.scalars(select(BusyTime)).one()
    assert "From a file" in client.get(f"{page}/day").text


def test_a_file_that_is_none_is_refused_in_words(client: FlaskClient, page: str) -> None:
    file = (io.BytesIO(b"hello"), "mine.ics")
    answer = client.post(f"{page}/calendars/file", data=token(client, page) | {"file": file})
    assert answer.status_code == 422
    assert "cannot be read as a calendar" in answer.text


def test_others_of_the_team_change_only_their_own(app: Flask, page: str) -> None:
    other = signed_in(app, Role.PRACTITIONER)
    answer = other.post(f"{page}/calendars/address", data={"address": "https://x.example/a.ics"})
    assert answer.status_code in {400, 403}

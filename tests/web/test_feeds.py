"""Practitioners' calendars by their address."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coordinator import times
from coordinator.services import feeds
from coordinator.services.feeds import Subject
from coordinator.services.trail import COMMAND
from tests.notices.builders import Booked

from .an_app import a_clinic_in, an_app


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    return an_app(sqlite_files.migrated(), tmp_path, COORDINATOR_BASE_URL="https://visits.clinic.example")


@pytest.fixture
def booked(app: Flask) -> Booked:
    made = a_clinic_in(app)
    made.visit(starts_at=times.now())
    made.session.commit()
    return made


@pytest.fixture
def address(booked: Booked) -> str:
    token = feeds.open_feed(
        booked.session, Subject("resource", booked.practitioner.id), by=COMMAND, now=times.now()
    )
    return f"/feeds/{token}.ics"


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def test_a_calendar_is_published(client: FlaskClient, address: str) -> None:
    answered = client.get(address)
    assert answered.status_code == 200
    assert answered.content_type == "text/calendar; charset=utf-8"
    assert b"METHOD:PUBLISH" in answered.data
    assert b"SUMMARY:Visit 1 of 12\\, Room 2" in answered.data
    assert answered.headers["Cache-Control"] == "private, no-cache"
    assert answered.headers["Referrer-Policy"] == "no-referrer"


def test_who_has_it_already_gets_nothing_again(client: FlaskClient, address: str, booked: Booked) -> None:
    etag = client.get(address).headers["ETag"]
    again = client.get(address, headers={"If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")
    booked.visit(2)
    booked.session.commit()
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 200


def test_a_revoked_calendar_is_gone(client: FlaskClient, address: str, booked: Booked) -> None:
    feeds.revoke(booked.session, Subject("resource", booked.practitioner.id), by=COMMAND, now=times.now())
    assert client.get(address).status_code == 404


def test_wrong_addresses_are_slowed_down(client: FlaskClient, address: str) -> None:
    codes = {client.get(f"/feeds/{n}.ics").status_code for n in range(40)}
    assert codes == {404, 429}

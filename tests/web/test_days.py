"""A practitioner's day on paper and on the phone, and the address of its calendar."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from coordinator.models import Account, Role
from tests.services import a_pain_clinic as clinic

from .an_app import signed_in, token_on


@pytest.fixture
def app(booked_app: Flask) -> Flask:
    return booked_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Dr Vale, signed in."""
    made = signed_in(app, Role.PRACTITIONER)
    with app.extensions["sessions"]() as session:
        account = session.scalars(select(Account)).one()
        account.practitioner_id = clinic.practitioner(session, "dr-vale").id
        session.commit()
    return made


def test_shows_the_own_patients_with_what_they_need(client: FlaskClient):
    page = client.get("/my/day").text
    assert "Rosa Mendez" in page
    assert "with Ben Brook" in page
    assert "free from" in page


def test_the_hall_copy_has_no_names(client: FlaskClient):
    page = client.get("/my/day?copy=hall").text
    assert "Rosa" not in page
    assert "Mendez" not in page
    assert "RM 1960" in page


def test_the_week_leads_to_its_days(client: FlaskClient):
    page = client.get("/my/week").text
    assert page.count("/my/day?day=2026-11-2") == 7
    assert "Mendez" not in page


def test_the_calendar_address_is_shown_once_and_can_be_ended(app: Flask, client: FlaskClient):
    form = {"csrf_token": token_on(client.get("/my/day").text)}
    page = client.post("/my/feed", data=form, follow_redirects=True).text
    address = re.search(r"/feeds/[\w-]+\.ics", page)
    assert address
    assert app.test_client().get(address[0]).status_code == 200
    assert not re.search(r"/feeds/[\w-]+\.ics", client.get("/my/day").text)
    client.post("/my/feed/end", data=form)
    assert app.test_client().get(address[0]).status_code == 404


def test_nobody_opens_anothers_day_but_a_coordinator(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        nurse = clinic.practitioner(session, "nurse-brook").id
        vale = clinic.practitioner(session, "dr-vale").id
    for path in (f"/practitioners/{nurse}/day", f"/practitioners/{nurse}/week"):
        assert client.get(path).status_code == 403
    form = {"csrf_token": token_on(client.get("/my/day").text)}
    assert client.post(f"/practitioners/{nurse}/feed", data=form).status_code == 403
    assert client.get(f"/practitioners/{vale}/day").status_code == 200
    coordinator = signed_in(app)
    assert "Ben Brook" in coordinator.get(f"/practitioners/{nurse}/day").text
    assert coordinator.get("/practitioners/4711/day").status_code == 404
    assert coordinator.get("/my/day").status_code == 404

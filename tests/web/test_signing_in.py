"""Signing in and out: who gets where, what is told to whom does not, and when it ends."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from coordinator.models import Account, Role
from coordinator.services import signing_in

from .an_app import PASSWORD, an_app, signed_in, token_on

EMAIL = "coordinator@clinic.example"


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    return an_app(sqlite_files.migrated(), tmp_path)


def attempt(client: FlaskClient, email: str, password: str, **more: str) -> Any:
    token = token_on(client.get("/sign-in").text)
    return client.post("/sign-in", data={"email": email, "password": password, "csrf_token": token, **more})


def without_token(page: str) -> str:
    """The page less what differs from second to second."""
    return page.replace(token_on(page), "")


@pytest.mark.parametrize(
    ("role", "home"),
    [(Role.COORDINATOR, "/desk"), (Role.ADMINISTRATOR, "/desk"), (Role.PRACTITIONER, "/my/day")],
)
def test_each_role_comes_to_its_own_first_page(app: Flask, role: Role, home: str):
    assert signed_in(app, role).get("/").location == home


def test_a_wrong_password_and_an_unknown_address_are_told_apart_by_nothing(app: Flask):
    signed_in(app)
    client = app.test_client()
    wrong, unknown = attempt(client, EMAIL, "guess"), attempt(client, "nobody@clinic.example", "guess")
    assert wrong.status_code == unknown.status_code == 422
    assert "is not right" in wrong.text
    assert without_token(wrong.text.replace(EMAIL, "")) == without_token(
        unknown.text.replace("nobody@clinic.example", "")
    )


def test_an_account_out_of_use_does_not_get_in(app: Flask):
    client = signed_in(app)
    with app.extensions["sessions"]() as session:
        session.query(Account).one().active = False
        session.commit()
    assert client.get("/desk").location.startswith("/sign-in")
    assert attempt(app.test_client(), EMAIL, PASSWORD).status_code == 422


def test_signing_out_ends_every_cookie_of_the_account(app: Flask):
    here, there = signed_in(app), app.test_client()
    attempt(there, EMAIL, PASSWORD)
    assert there.get("/desk").status_code == 200
    here.post("/sign-out", data={"csrf_token": token_on(here.get("/desk").text)})
    assert here.get("/desk").location.startswith("/sign-in")
    assert there.get("/desk").location.startswith("/sign-in")


def test_after_eight_wrong_tries_even_the_right_password_has_to_wait(app: Flask):
    signed_in(app)
    client = app.test_client()
    assert [attempt(client, EMAIL, "guess").status_code for _ in range(9)] == [422] * 8 + [429]
    assert attempt(client, EMAIL.upper(), PASSWORD).status_code == 429


def test_signing_in_leads_on_to_the_page_that_was_asked_for(app: Flask):
    signed_in(app)
    client = app.test_client()
    asked = client.get("/patients?q=hill")
    assert asked.location == "/sign-in?next=/patients?q%3Dhill"
    assert attempt(client, EMAIL, PASSWORD, next="/patients?q=hill").location == "/patients?q=hill"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"],
)
def test_signing_in_never_leads_elsewhere(app: Flask, elsewhere: str):
    signed_in(app)
    assert attempt(app.test_client(), EMAIL, PASSWORD, next=elsewhere).location == "/"


def test_what_a_visitor_had_in_the_cookie_is_not_taken_along(app: Flask):
    signed_in(app)
    client = app.test_client()
    before = token_on(client.get("/sign-in").text)
    attempt(client, EMAIL, PASSWORD)
    assert client.post("/sign-out", data={"csrf_token": before}).status_code == 400


def test_the_language_is_chosen_by_hand_or_by_the_browser(app: Flask):
    client = app.test_client()
    page = client.get("/sign-in", headers={"Accept-Language": "es-MX,es;q=0.9"})
    assert '<html lang="es">' in page.text
    form = {"csrf_token": token_on(page.text), "language": "en", "next": "/sign-in"}
    assert client.post("/language", data=form).location == "/sign-in"
    assert '<html lang="en">' in client.get("/sign-in", headers={"Accept-Language": "es"}).text


def test_an_account_keeps_its_language(app: Flask):
    client = signed_in(app)
    form = {"csrf_token": token_on(client.get("/desk").text), "language": "es", "next": "/desk"}
    client.post("/language", data=form)
    elsewhere = app.test_client()
    attempt(elsewhere, EMAIL, PASSWORD)
    assert '<html lang="es">' in elsewhere.get("/desk").text


def test_cookies_stay_with_us(app: Flask, sqlite_files: Any, tmp_path: Path):
    plain = app.test_client().get("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    safe = an_app(sqlite_files.migrated(), tmp_path, COORDINATOR_BASE_URL="https://clinic.example")
    cookie = safe.test_client().get("/sign-in", base_url="https://clinic.example").headers["Set-Cookie"]
    assert cookie.startswith("__Host-coordinator=")
    assert "Secure" in cookie


def test_a_sign_in_ends_after_eight_idle_hours(app: Flask):
    client = signed_in(app)
    assert client.get("/desk").status_code == 200
    app.config["PERMANENT_SESSION_LIFETIME"] = -1
    assert client.get("/desk").location.startswith("/sign-in")


def test_a_password_is_kept_as_a_slow_hash():
    kept = signing_in.hashed(PASSWORD)
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept

"""What holds for every page: headers, tokens, sign-ins, escaping."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from jinja2 import DictLoader

from coordinator.models import Role
from tests.services import a_pain_clinic

from .an_app import an_app, signed_in, token_on

OPEN = {"signing_in", "health", "metrics", "language", "patient_pages", "answers", "feeds", "inbox"}
"""Blueprints for people who have no account, or not yet."""
EVERYBODY = {"/", "/healthz", "/readyz", "/sign-in"}


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    return an_app(sqlite_files.migrated(), tmp_path)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def addresses(app: Flask, method: str) -> Iterator[tuple[str, str]]:
    """Each address that takes a method, its blanks filled in, with its blueprint."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if method in (rule.methods or ()):
                blanks = dict.fromkeys(rule.arguments, "1")
                address = rule.build(blanks)
                assert address is not None
                yield address[1], rule.endpoint.partition(".")[0]


def test_every_answer_tells_the_browser_to_be_careful(app: Flask, client: FlaskClient):
    for address, _ in [*addresses(app, "GET"), ("/nowhere", "")]:
        headers = client.get(address).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'; img-src 'self' data:"), address
        assert "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert "no-store" in headers["Cache-Control"] or "no-cache" in headers["Cache-Control"], address


def test_an_address_that_is_a_key_is_not_passed_on(client: FlaskClient):
    for address in ("/p/x", "/a/x", "/feeds/x.ics"):
        assert client.get(address).headers["Referrer-Policy"] == "no-referrer"


def test_static_files_are_kept_for_good_under_their_version(app: Flask, client: FlaskClient):
    with app.test_request_context():
        address = app.url_for("static", filename="tokens.css")
    assert "?v=" in address
    with client.get(address) as versioned, client.get("/static/tokens.css") as plain:
        assert "immutable" in versioned.headers["Cache-Control"]
        assert plain.headers["Cache-Control"] == "no-cache"


def test_nothing_is_sent_without_the_token_of_its_form(app: Flask):
    client = signed_in(app, Role.ADMINISTRATOR)
    answers = {address: client.post(address).status_code for address, _ in addresses(app, "POST")}
    assert set(answers.values()) == {400}, answers


def test_pages_of_the_staff_ask_for_a_sign_in(app: Flask, client: FlaskClient):
    for address, blueprint in addresses(app, "GET"):
        if blueprint not in OPEN | {"static"}:
            answer = client.get(address)
            assert (answer.status_code, answer.location[:8]) == (302, "/sign-in"), address


def test_a_practitioner_does_not_get_to_the_desk(app: Flask):
    client = signed_in(app, Role.PRACTITIONER)
    for address in (
        "/desk",
        "/patients",
        "/patients/1",
        "/patients/new",
        "/setup",
        "/setup/trail",
        "/pathways",
    ):
        assert client.get(address).status_code == 403, address


def test_only_administrators_read_the_trail(app: Flask):
    assert signed_in(app).get("/setup/trail").status_code == 403
    assert signed_in(app, Role.ADMINISTRATOR).get("/setup/trail").status_code == 200


def test_every_template_is_escaped_whatever_its_name(app: Flask):
    probe = "<script>alert(1)</script>"
    loader = app.jinja_env.loader
    app.jinja_env.loader = DictLoader({"odd.jinja": "{{ word }}", "odd.txt": "{{ word }}"})
    try:
        for name in ("odd.jinja", "odd.txt"):
            assert probe not in app.jinja_env.get_template(name).render(word=probe)
    finally:
        app.jinja_env.loader = loader
    with app.test_request_context():
        assert probe not in render_template_string("{{ word }}", word=probe)


@pytest.mark.parametrize(
    "odd", ["/patients/99999999999999999999", "/plans/99999999999", "/pathways/4294967296"]
)
def test_numbers_that_no_database_holds_lead_nowhere(app: Flask, odd: str):
    assert signed_in(app).get(odd).status_code == 404


def test_zero_bytes_are_refused(app: Flask):
    assert signed_in(app).get("/patients?q=a%00b").status_code == 400


def test_behind_https_the_browser_is_told_to_stay_there(client: FlaskClient):
    assert "Strict-Transport-Security" in client.get("/sign-in", base_url="https://localhost").headers
    assert "Strict-Transport-Security" not in client.get("/sign-in").headers


def test_headers_of_a_proxy_count_only_where_one_was_set_up(sqlite_files: Any, tmp_path: Path):
    url = sqlite_files.migrated()
    said = {"X-Forwarded-Proto": "https"}
    alone = an_app(url, tmp_path).test_client().get("/sign-in", headers=said)
    behind = (
        an_app(url, tmp_path, COORDINATOR_TRUSTED_PROXIES="1").test_client().get("/sign-in", headers=said)
    )
    assert "Strict-Transport-Security" not in alone.headers
    assert "Strict-Transport-Security" in behind.headers


def test_a_stranger_is_told_the_same_of_what_is_there_and_what_is_not(app: Flask):
    with app.extensions["sessions"]() as session:
        a_pain_clinic.set_up(session)
        there = a_pain_clinic.patient(session, "rosa").id
    client = signed_in(app, Role.PRACTITIONER)
    pages = [client.get(f"/patients/{number}").text for number in (there, 987654)]
    assert pages[0].replace(token_on(pages[0]), "") == pages[1].replace(token_on(pages[1]), "").replace(
        "987654", str(there)
    )

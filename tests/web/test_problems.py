"""Refusals and failures: a status, a sentence, what to do next, never the inside."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from sqlalchemy import text

from coordinator.errors import Conflict, NotAllowed, NotFound, Refusal

from .an_app import an_app, signed_in


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    made = an_app(sqlite_files.migrated(), tmp_path)
    made.testing = False
    made.config["PROPAGATE_EXCEPTIONS"] = False
    return made


def refusing(app: Flask, error: Exception) -> None:
    def view() -> str:
        raise error

    app.add_url_rule("/refusing", view_func=view)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refusal("The room {room} is closed.", room="<b>3</b>"), 422),
        (Conflict("The room {room} is taken.", room="<b>3</b>"), 409),
        (NotFound("There is no room {room}.", room="<b>3</b>"), 404),
        (NotAllowed("Not for {room}.", room="<b>3</b>"), 403),
    ],
)
def test_a_refusal_becomes_a_page_with_its_status_and_its_facts(app: Flask, error: Refusal, status: int):
    refusing(app, error)
    answer = app.test_client().get("/refusing")
    assert answer.status_code == status
    assert "&lt;b&gt;3&lt;/b&gt;" in answer.text
    assert "<b>3" not in answer.text


def test_a_bug_is_told_without_its_inside(app: Flask):
    refusing(app, ZeroDivisionError("secret place"))
    client = signed_in(app)
    answer = client.get("/refusing", headers={"Accept-Language": "es"})
    assert answer.status_code == 500
    assert "secret place" not in answer.text
    assert "Traceback" not in answer.text
    assert '<html lang="es">' in answer.text


def test_without_a_database_a_page_still_says_what_is_wrong(tmp_path: Path):
    app = an_app(f"sqlite:///{tmp_path / 'empty.db'}", tmp_path)
    app.testing = False
    answer = app.test_client().get("/nowhere")
    assert answer.status_code == 500
    assert "Something went wrong here" in answer.text
    app.extensions["engine"].dispose()


def test_a_database_that_cannot_be_written_just_now_is_said_to_pass(app: Flask):
    def full():
        g.session.execute(text("PRAGMA max_page_count = 1"))
        g.session.execute(text("CREATE TABLE more AS SELECT randomblob(100000)"))

    app.add_url_rule("/full", view_func=full)
    answer = app.test_client().get("/full")
    assert answer.status_code == 503
    assert "try again in a minute" in answer.text
    assert answer.headers["Retry-After"]


def test_a_page_that_is_not_there_says_so_to_everybody(app: Flask):
    assert app.test_client().get("/nowhere").status_code == 404
    assert "There is no such page" in signed_in(app).get("/nowhere").text


def test_an_address_that_only_takes_forms_says_so(app: Flask):
    answer = app.test_client().get("/language")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_too_large_a_form_is_refused(app: Flask):
    answer = app.test_client().post("/sign-in", data={"email": "x" * 3_000_000})
    assert answer.status_code == 413

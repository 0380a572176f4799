"""The page behind the link in an invite."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from coordinator import times
from coordinator.models import Answer, Appointment, AppointmentState, Reply
from coordinator.notices import links

from .an_app import a_clinic_in, an_app, token_on

TOKEN = links.answer_token("a secret of the tests", "uid1")
TWICE = {"yes": "You will come", "no": "You cannot come", "move": "You ask for another time"}


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    return an_app(sqlite_files.migrated(), tmp_path)


@pytest.fixture
def visit(app: Flask) -> Appointment:
    """Next week, so that it can still be answered."""
    made = a_clinic_in(app)
    visit = made.visit(starts_at=times.now() + timedelta(days=7))
    made.session.commit()
    return visit


@pytest.fixture
def client(app: Flask, visit: Appointment) -> FlaskClient:
    return app.test_client()


def change(app: Flask, **values: Any) -> None:
    with app.extensions["sessions"]() as session:
        appointment = session.scalars(select(Appointment)).one()
        for name, value in values.items():
            setattr(appointment, name, value)
        session.commit()


def given(app: Flask) -> list[tuple[Reply, str]]:
    with app.extensions["sessions"]() as session:
        return [(one.reply, one.comment) for one in session.scalars(select(Answer))]


def press(client: FlaskClient, reply: str, **form: str) -> Any:
    page = client.get(f"/a/{TOKEN}").text
    fields = {"csrf_token": token_on(page), "reply": reply, "sequence": "0", "comment": "", **form}
    return client.post(f"/a/{TOKEN}", data=fields)


def test_it_shows_time_and_place_only(client: FlaskClient) -> None:
    page = client.get(f"/a/{TOKEN}").text
    assert "Northside, 14 Harbour Street; entrance B" in page
    assert "+34 910 000 002" in page
    for word in ("Ana", "Nerve", "Check-up", "Ruiz", "Room 2", "glasses", "of 12"):
        assert word not in page


def test_looking_changes_nothing(app: Flask, client: FlaskClient) -> None:
    for _ in range(3):
        client.get(f"/a/{TOKEN}")
        client.head(f"/a/{TOKEN}")
        client.get(f"/a/{TOKEN}?reply=no")
    assert given(app) == []


@pytest.mark.parametrize("reply", TWICE)
def test_an_answer_is_kept_and_thanked_for(app: Flask, client: FlaskClient, reply: str) -> None:
    answered = press(client, reply, comment="by bus")
    assert answered.status_code == 303
    assert TWICE[reply] in client.get(answered.location).text
    assert given(app) == [(Reply(reply), "by bus")]


def test_an_answer_without_the_forms_token_is_refused(app: Flask, client: FlaskClient) -> None:
    assert client.post(f"/a/{TOKEN}", data={"reply": "no"}).status_code == 400
    assert given(app) == []


@pytest.mark.parametrize("reply", ["", "open", "maybe"])
def test_an_answer_that_is_none_is_refused(app: Flask, client: FlaskClient, reply: str) -> None:
    answered = press(client, reply)
    assert answered.status_code == 422
    assert "Please choose one of the answers." in answered.text
    assert given(app) == []


def test_an_answer_to_an_older_time_is_refused(app: Flask, client: FlaskClient) -> None:
    change(app, sequence=1)
    assert press(client, "yes", sequence="0").status_code == 409


@pytest.mark.parametrize(
    "token", ["x", "uid1", TOKEN[:-1], TOKEN + "a", "%00", links.patient_token("other", "uid1")]
)
def test_a_made_up_link_leads_nowhere(client: FlaskClient, token: str) -> None:
    for answered in (client.get(f"/a/{token}"), client.get(f"/a/{token}/thanks")):
        assert answered.status_code == 404
        assert "Northside" not in answered.text


def test_after_it_began_it_says_so(app: Flask, client: FlaskClient) -> None:
    change(app, patient_starts_at=times.now() - timedelta(minutes=1))
    page = client.get(f"/a/{TOKEN}").text
    assert "already begun" in page
    assert "+34 910 000 002" in page
    assert 'name="reply"' not in page


def test_a_page_left_open_too_long_is_refused_with_the_phone(app: Flask, client: FlaskClient) -> None:
    form = {"csrf_token": token_on(client.get(f"/a/{TOKEN}").text), "reply": "yes"}
    change(app, patient_starts_at=times.now() - timedelta(minutes=1))
    answered = client.post(f"/a/{TOKEN}", data=form)
    assert answered.status_code == 422
    assert "+34 910 000 002" in answered.text


def test_a_cancelled_one_says_so(app: Flask, client: FlaskClient) -> None:
    change(app, state=AppointmentState.CANCELLED)
    page = client.get(f"/a/{TOKEN}").text
    assert "has been cancelled" in page
    assert 'name="reply"' not in page


def test_it_speaks_the_patients_language(app: Flask, client: FlaskClient) -> None:
    with app.extensions["sessions"]() as session:
        session.scalars(select(Appointment)).one()
        session.execute(Appointment.__table__.metadata.tables["patient"].update().values(language="es"))
        session.commit()
    assert '<html lang="es">' in client.get(f"/a/{TOKEN}").text


def test_the_link_is_passed_on_to_nobody(client: FlaskClient) -> None:
    headers = client.get(f"/a/{TOKEN}").headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"

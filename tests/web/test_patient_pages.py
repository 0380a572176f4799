"""The patient's own pages: closed without the birth date, theirs alone, and changed by nothing but an answer."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from coordinator import times
from coordinator.models import Answer, Appointment, AuditLine, Patient, Reply
from coordinator.notices import links
from tests.services import a_pain_clinic as clinic

from .an_app import token_on

BORN = {"day": "4", "month": "5", "year": "1960"}


@pytest.fixture
def app(booked_app: Flask) -> Flask:
    return booked_app


def address(app: Flask, key: str = "rosa") -> str:
    with app.extensions["sessions"]() as session:
        token = links.patient_token(app.config["SECRET_KEY"], clinic.patient(session, key).link_key)
    return f"/p/{token}"


def give(client: FlaskClient, to: str, born: dict[str, str]) -> Any:
    return client.post(to, data={**born, "csrf_token": token_on(client.get(to).text)})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Rosa's browser, with her page open and in English."""
    made = app.test_client()
    to = address(app)
    made.post("/language", data={"language": "en", "csrf_token": token_on(made.get(to).text)})
    assert give(made, to, BORN).status_code == 303
    return made


def uids(app: Flask, key: str = "rosa") -> list[str]:
    with app.extensions["sessions"]() as session:
        query = (
            select(Appointment.uid)
            .where(
                Appointment.patient_id == clinic.patient(session, key).id,
                Appointment.patient_starts_at.is_not(None),
            )
            .order_by(Appointment.patient_starts_at)
        )
        return list(session.scalars(query))


def replies(app: Flask) -> list[Reply]:
    with app.extensions["sessions"]() as session:
        return list(session.scalars(select(Appointment.reply).where(Appointment.uid.in_(uids(app)))))


def count(app: Flask, kind: Any) -> int:
    with app.extensions["sessions"]() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def answer(client: FlaskClient, to: str, **form: Any) -> Any:
    return client.post(f"{to}/answers", data={**form, "csrf_token": token_on(client.get(to).text)})


def test_the_link_alone_shows_nothing_of_the_patient(app: Flask):
    page = app.test_client().get(address(app)).text
    for word in ("Rosa", "Mendez", "North", "1960", "Visit"):
        assert word not in page


def test_opening_the_link_changes_nothing(app: Flask):
    before = [count(app, kind) for kind in (Answer, AuditLine, Appointment)]
    app.test_client().get(address(app))
    assert [count(app, kind) for kind in (Answer, AuditLine, Appointment)] == before


def test_the_birth_date_opens_the_page(app: Flask, client: FlaskClient):
    page = client.get(address(app)).text
    assert "Your next visit" in page
    assert "1 North Street" in page
    assert "+1 510 555 0101" in page
    assert "Bring your list of medicines" in page
    for word in ("Consultation", "Nerve block", "Ana Vale"):
        assert word not in page


@pytest.mark.parametrize(
    "born",
    [
        {"day": "5", "month": "4", "year": "1960"},
        {"day": "31", "month": "2", "year": "1960"},
        {"day": "", "month": "", "year": ""},
        {"day": "x", "month": "5", "year": "60"},
    ],
)
def test_a_wrong_birth_date_is_said_so(app: Flask, born: dict[str, str]):
    client = app.test_client()
    answer = give(client, address(app), born)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert "North Street" not in client.get(address(app)).text


def test_after_five_wrong_tries_even_the_right_one_waits(app: Flask):
    client, to = app.test_client(), address(app)
    wrong = {"day": "1", "month": "1", "year": "1900"}
    assert [give(client, to, wrong).status_code for _ in range(5)] == [422] * 5
    assert give(app.test_client(), to, BORN).status_code == 429
    assert give(client, address(app, "tom"), {"day": "31", "month": "1", "year": "1985"}).status_code == 303


def test_the_page_closes_by_itself_and_by_hand(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
):
    to = address(app)
    form = {"csrf_token": token_on(client.get(to).text)}
    monkeypatch.setattr(times, "now", lambda: clinic.NOW + timedelta(minutes=31))
    assert "Birth date" in client.get(to).text
    monkeypatch.setattr(times, "now", lambda: clinic.NOW)
    client.post(f"{to}/close", data=form)
    assert "Birth date" in client.get(to).text


def test_one_birth_date_opens_one_page(app: Flask, client: FlaskClient):
    assert "Your next visit" not in client.get(address(app, "tom")).text


def test_yes_answers_all_parts_of_a_visit(app: Flask, client: FlaskClient):
    to = address(app)
    own = uids(app)[:2]
    done = answer(client, to, uid=own, reply="yes")
    assert done.status_code == 303
    assert "Thank you. We expect you." in client.get(done.location).text
    assert replies(app).count(Reply.YES) == 2


def test_no_keeps_the_booking_until_somebody_has_spoken(app: Flask, client: FlaskClient):
    answer(client, address(app), uid=uids(app)[0], reply="no", comment="I am\nill")
    assert replies(app).count(Reply.NO) == 1
    assert len(uids(app)) == 6
    with app.extensions["sessions"]() as session:
        given = session.scalars(select(Answer)).one()
        assert (given.door, given.comment, given.settled_at) == ("page", "I am ill", None)


def test_nobody_answers_for_another(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        clinic.booked(session, "tom")
    assert answer(client, address(app), uid=uids(app, "tom")[0], reply="no").status_code == 404
    closed = app.test_client()
    assert answer(closed, address(app), uid=uids(app)[0], reply="no").status_code == 303
    assert count(app, Answer) == 0


def test_an_answer_needs_the_forms_own_token(app: Flask, client: FlaskClient):
    assert (
        client.post(f"{address(app)}/answers", data={"uid": uids(app)[0], "reply": "no"}).status_code == 400
    )
    assert count(app, Answer) == 0


def test_the_calendar_file_has_all_visits(app: Flask, client: FlaskClient):
    file = client.get(f"{address(app)}/visits.ics")
    assert file.mimetype == "text/calendar"
    assert file.text.count("BEGIN:VEVENT") == 6
    assert app.test_client().get(f"{address(app)}/visits.ics").status_code == 303


def test_an_invented_or_an_old_link_leads_nowhere(app: Flask, client: FlaskClient):
    old = address(app)
    assert client.get("/p/nonsense").status_code == 404
    with app.extensions["sessions"]() as session:
        session.scalars(select(Patient).where(Patient.key == "rosa")).one().link_key = "another"
        session.commit()
    assert client.get(old).status_code == 404


def test_the_page_speaks_the_patients_language_and_is_kept_by_nobody(app: Flask):
    answer = app.test_client().get(address(app))
    assert '<html lang="es">' in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "<script" not in answer.text

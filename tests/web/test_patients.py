"""Patients' pages: found, opened, written down, started on a plan - and never a script that somebody typed."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from coordinator.models import AuditLine, Pathway, Patient, TreatmentPlan
from tests.services import a_pain_clinic

from .an_app import an_app, signed_in, token_on

PROBE = '"><script>alert(1)</script>'
SHOWN = "&lt;script&gt;alert(1)&lt;/script&gt;"
NEW = {"name": "Vera Lind", "birth_date": "1971-02-03", "email": "vera@example.org", "language": "en"}


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    made = an_app(sqlite_files.migrated(), tmp_path, COORDINATOR_BASE_URL="https://visits.clinic.example")
    with made.extensions["sessions"]() as session:
        a_pain_clinic.set_up(session)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed_in(app)


def number_of(app: Flask, key: str) -> int:
    with app.extensions["sessions"]() as session:
        return a_pain_clinic.patient(session, key).id


def send(client: FlaskClient, to: str, /, **form: Any) -> Any:
    return client.post(to, data={**form, "csrf_token": token_on(client.get("/patients/new").text)})


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("hill", ["Tom Hill"]),
        ("INÉS".lower(), ["Inés Paz"]),
        ("1985-01-31", ["Inés Paz", "Tom Hill"]),
        ("31.1.1985 tom", ["Tom Hill"]),
        ("31/01/1985", ["Inés Paz", "Tom Hill"]),
        ("%", []),
        ("_", []),
        (PROBE, []),
    ],
)
def test_a_patient_is_found_by_name_or_birth_date(client: FlaskClient, words: str, names: list[str]):
    page = client.get("/patients", query_string={"q": words}).text
    assert [name for name in ("Inés Paz", "Rosa Mendez", "Tom Hill", "Uma Oak") if name in page] == names
    assert "<script>alert" not in page


def test_while_somebody_types_only_the_rows_are_sent(client: FlaskClient):
    rows = client.get("/patients?q=hill", headers={"HX-Request": "true"}).text
    assert "Tom Hill" in rows
    assert "<html" not in rows


def test_opening_a_record_is_written_down(app: Flask, client: FlaskClient):
    rosa = number_of(app, "rosa")
    page = client.get(f"/patients/{rosa}").text
    assert "Rosa Mendez" in page
    with app.extensions["sessions"]() as session:
        line = session.scalars(select(AuditLine).where(AuditLine.subject == "patient")).one()
    assert (line.deed, line.subject_id, line.actor) == ("open", rosa, "account")


def test_a_new_patient_stands_on_the_list(app: Flask, client: FlaskClient):
    answer = send(client, "/patients/new", **NEW, can_come_mon="9-12, 14:30-17", needs_step_free="1")
    page = client.get(answer.location).text
    assert "Vera Lind" in page
    assert "Mon 09:00–12:00, 14:30–17:00" in page
    assert "step-free" in page


def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(app: Flask, client: FlaskClient):
    answer = send(client, "/patients/new", **NEW | {"email": "vera", "birth_date": "2071-02-03"})
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert 'href="#birth_date"' in answer.text
    assert 'value="Vera Lind"' in answer.text
    assert 'value="vera"' in answer.text
    with app.extensions["sessions"]() as session:
        assert session.scalars(select(Patient).where(Patient.name == "Vera Lind")).all() == []


def test_a_form_that_is_opened_and_saved_changes_nothing(app: Flask, client: FlaskClient):
    ines = number_of(app, "ines")
    columns = [column.key for column in Patient.__mapper__.column_attrs]

    def row() -> dict[str, Any]:
        with app.extensions["sessions"]() as session:
            patient = session.get(Patient, ines)
            return {name: getattr(patient, name) for name in columns}

    before, form = row(), fields_of(client.get(f"/patients/{ines}/edit").text)
    assert client.post(f"/patients/{ines}/edit", data=form).status_code == 302
    assert row() == before


def fields_of(page: str) -> dict[str, Any]:
    """What a browser would send of the page's main form."""
    from html.parser import HTMLParser

    class Form(HTMLParser):
        sent: dict[str, Any] = {}
        select = ""

        def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
            said = dict(given)
            if tag == "select":
                self.select = said["name"] or ""
            elif tag == "option" and "selected" in said:
                self.sent.setdefault(self.select, []).append(said["value"])
            elif tag == "input" and (said.get("type") != "checkbox" or "checked" in said):
                self.sent.setdefault(said["name"], []).append(said.get("value") or "")

    form = Form()
    form.feed(page.split("<main")[1])
    return form.sent


def test_no_script_that_was_typed_ever_runs(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        patient = a_pain_clinic.patient(session, "rosa")
        texts = ("name", "email", "phone", "address", "carer_name", "carer_email", "carer_phone")
        for name in texts:
            setattr(patient, name, f"{name}{PROBE}")
        patient.can_come = {"mon": [PROBE]}
        patient.conditions, patient.interpreter_language = [PROBE], "xx"
        patient.preferred_locations = [PROBE]
        session.commit()
        rosa = patient.id
    pages = [client.get(f"/patients/{rosa}{page}").text for page in ("", "/edit", "/link")]
    pages.append(client.get("/patients").text)
    for page in pages:
        assert "<script>alert" not in page
        assert SHOWN in page
    answer = send(
        client, f"/patients/{rosa}/edit", **dict.fromkeys((*texts, "birth_date", "language"), PROBE)
    )
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_a_plan_is_started_from_a_pathway(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        pathway = session.scalars(select(Pathway.id)).one()
    rosa = number_of(app, "rosa")
    answer = send(client, f"/patients/{rosa}/plans", pathway=str(pathway), earliest="2026-12-01")
    with app.extensions["sessions"]() as session:
        plan = session.scalars(select(TreatmentPlan)).one()
        assert (plan.patient_id, plan.earliest.isoformat()) == (rosa, "2026-12-01")
        assert answer.location == f"/plans/{plan.id}"


@pytest.mark.parametrize(
    "odd", [{}, {"pathway": "", "earliest": "2026-12-01"}, {"pathway": "1", "earliest": "soon"}]
)
def test_a_plan_needs_a_pathway_and_a_date(app: Flask, client: FlaskClient, odd: dict[str, str]):
    rosa = number_of(app, "rosa")
    answer = send(client, f"/patients/{rosa}/plans", **odd)
    assert answer.location == f"/patients/{rosa}"
    assert "Choose a pathway" in client.get(answer.location).text


def test_the_own_page_has_an_address_that_a_new_one_ends(app: Flask, client: FlaskClient):
    rosa = number_of(app, "rosa")
    first = client.get(f"/patients/{rosa}/link").text
    assert "https://visits.clinic.example/p/" in first
    assert "<h1>Sus citas</h1>" in first, "the sheet is for Rosa, who reads Spanish"
    send(client, f"/patients/{rosa}/link")
    address = first.split("https://visits.clinic.example")[1].split('"')[0]
    assert client.get(address).status_code == 404
    assert address not in client.get(f"/patients/{rosa}/link").text


def test_locations_stand_in_the_order_of_the_wish(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        patient = a_pain_clinic.patient(session, "rosa")
        patient.preferred_locations = ["south", "north"]
        session.commit()
    assert "<dd>South, North</dd>" in client.get(f"/patients/{number_of(app, 'rosa')}").text


def test_a_study_goes_on_file_with_its_date(app: Flask, client: FlaskClient):
    uma = number_of(app, "uma")
    odd = send(client, f"/patients/{uma}/studies", study="x-ray", done_on="2099-01-01")
    assert "Choose the study" in client.get(odd.location).text
    send(client, f"/patients/{uma}/studies", study="x-ray", done_on="2026-05-06", reviewed="1")
    assert "6 May 2026" in client.get(f"/patients/{uma}").text


def test_a_patient_who_is_not_there_is_not_found(client: FlaskClient):
    for page in ("", "/edit", "/link"):
        assert client.get(f"/patients/987654{page}").status_code == 404
    assert send(client, "/patients/987654/edit", **NEW).status_code == 404

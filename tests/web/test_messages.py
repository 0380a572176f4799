"""The ledger of messages and their previews: what a coordinator sees, and that looking is written down."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from coordinator.models import AuditLine, Notice, NoticeKind, Role
from tests.services import a_pain_clinic

from .an_app import an_app, signed_in


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    made = an_app(sqlite_files.migrated(), tmp_path)
    with made.extensions["sessions"]() as session:
        a_pain_clinic.set_up(session)
        a_pain_clinic.booked(session)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed_in(app)


def notices(app: Flask) -> list[Notice]:
    with app.extensions["sessions"]() as session:
        return list(session.scalars(select(Notice).order_by(Notice.id)))


def test_the_list_leads_to_each_message_and_can_be_narrowed(app: Flask, client: FlaskClient) -> None:
    every = notices(app)
    page = client.get("/messages").text
    assert all(f'href="/messages/{each.id}"' in page for each in every[-20:])
    invite = next(each for each in every if each.kind is NoticeKind.INVITE)
    assert f'href="/messages/{invite.id}"' in client.get("/messages?kind=invite&state=waiting").text
    assert f'href="/messages/{invite.id}"' not in client.get("/messages?kind=invite&state=sent").text
    assert "There is no such message." in client.get("/messages?q=nobody-of-this-name").text
    assert client.get("/messages?kind=odd&state=%00x&page=-3&plan=x").status_code in (200, 400)


def test_a_preview_shows_the_mail_in_a_box_that_can_do_nothing(app: Flask, client: FlaskClient) -> None:
    invite = next(each for each in notices(app) if each.kind is NoticeKind.INVITE and each.appointment_id)
    page = client.get(f"/messages/{invite.id}").text
    assert "<iframe sandbox " in page
    assert "BEGIN:VEVENT" in page
    assert 'srcdoc="&lt;!doctype html&gt;' in page


def test_every_message_of_a_plan_has_a_page(app: Flask, client: FlaskClient) -> None:
    for each in notices(app):
        assert client.get(f"/messages/{each.id}").status_code == 200
    assert client.get("/messages/999999").status_code == 404


def test_the_letter_of_the_plan_is_shown_with_its_dates(app: Flask, client: FlaskClient) -> None:
    letters = [each for each in notices(app) if each.appointment_id is None]
    for each in letters:
        assert "Estas son todas sus próximas citas." in client.get(f"/messages/{each.id}").text
    assert letters


def test_looking_is_written_down(app: Flask, client: FlaskClient) -> None:
    first = notices(app)[0]
    client.get(f"/messages/{first.id}")
    client.get(f"/messages?plan={first.plan_id}")
    with app.extensions["sessions"]() as session:
        looks = session.scalars(select(AuditLine).where(AuditLine.deed == "look")).all()
        assert ("notice", first.id) in [(each.subject, each.subject_id) for each in looks]
        assert {"plan": first.plan_id} in [each.facts for each in looks if each.subject == "messages"]


def test_others_are_not_shown_it(app: Flask) -> None:
    practitioner = signed_in(app, Role.PRACTITIONER)
    assert practitioner.get("/messages").status_code == 403
    assert practitioner.get("/messages/1").status_code == 403

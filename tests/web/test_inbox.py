"""The demo's inbox."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from coordinator.models import Clinic, Role
from coordinator.notices import inbox
from tests.notices.test_messages import a_mail

from .an_app import a_clinic_in, an_app, signed_in


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    inbox.keep(tmp_path / "inbox", a_mail().as_bytes())
    app = an_app(sqlite_files.migrated(), tmp_path)
    a_clinic_in(app).session.commit()
    a_demo(app, True)
    return app


def a_demo(app: Flask, is_one: bool) -> None:
    with app.extensions["sessions"]() as session:
        session.scalars(select(Clinic)).one().facts = {"demo": is_one}
        session.commit()


def test_mails_are_listed_and_shown(app: Flask) -> None:
    client = signed_in(app)
    assert "Appointment: Thu 10 Dec, 15:00" in client.get("/inbox").text
    page = client.get("/inbox/00000001").text
    assert '<a href="https://visits.clinic.example/a/' in page
    assert "METHOD:REQUEST" in page
    assert client.get("/inbox/00000001.eml").data == a_mail().as_bytes()


def test_an_empty_inbox_says_so(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "00000001.eml").unlink()
    assert "No mail has been sent yet" in signed_in(app).get("/inbox").text


@pytest.mark.parametrize("path", ["/inbox/00000002", "/inbox/..%2Fsecret.key", "/inbox/1.eml"])
def test_what_is_not_there_is_not_found(app: Flask, path: str) -> None:
    assert signed_in(app).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/inbox", "/inbox/00000001", "/inbox/00000001.eml"])
def test_it_is_for_coordinators_in_a_demo(app: Flask, path: str) -> None:
    assert app.test_client().get(path).status_code == 302
    assert signed_in(app, Role.PRACTITIONER).get(path).status_code == 403
    a_demo(app, False)
    app.config["DEMO"] = True
    assert signed_in(app).get(path).status_code == 404


def test_the_way_there_is_shown_in_a_demo_only(app: Flask) -> None:
    client = signed_in(app)
    assert 'href="/inbox"' in client.get("/desk").text
    a_demo(app, False)
    assert 'href="/inbox"' not in client.get("/desk").text

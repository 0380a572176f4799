"""The whole program on a fresh database, and the small clinic of the notices' tests in it."""

import re
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from config import Settings
from coordinator.app import create_app
from coordinator.models import Account, Role
from coordinator.services import signing_in
from tests.notices.builders import Booked, a_booked_clinic

PASSWORD = "a long enough password"


def an_app(url: str, folder: Path, **environment: str) -> Flask:
    settings = Settings.from_environment(
        {
            "COORDINATOR_DATA": str(folder),
            "COORDINATOR_DATABASE_URL": url,
            "COORDINATOR_SECRET_KEY": "a secret of the tests",
            "COORDINATOR_MAIL_FROM": "visits@clinic.example",
            **environment,
        }
    )
    app = create_app(settings)
    app.testing = True
    return app


def a_clinic_in(app: Flask, **parts: Any) -> Booked:
    session: Session = app.extensions["sessions"]()
    return a_booked_clinic(session, **parts)


def token_on(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def signed_in(app: Flask, role: Role = Role.COORDINATOR) -> FlaskClient:
    with app.extensions["sessions"]() as session:
        account = Account(
            email=f"{role}@clinic.example",
            name="Sam",
            role=role,
            password_hash=signing_in.hashed(PASSWORD),
            stamp=signing_in.new_stamp(),
        )
        session.add(account)
        session.commit()
    client = app.test_client()
    form = {"email": f"{role}@clinic.example", "password": PASSWORD}
    form["csrf_token"] = token_on(client.get("/sign-in").text)
    assert client.post("/sign-in", data=form).status_code == 302
    return client

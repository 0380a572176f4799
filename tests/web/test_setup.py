"""Set-up: what the clinic has is listed; an empty clinic says so."""

from pathlib import Path
from typing import Any

import pytest

from coordinator.models import Role
from tests.services import a_pain_clinic

from .an_app import an_app, signed_in

PAGES = {
    "/setup": "Harbour Pain Clinic",
    "/setup/locations": "1 North Street",
    "/setup/staff": "Ana Vale",
    "/setup/rooms": "Suite N",
    "/setup/therapies": "Consultation",
    "/setup/trail": "signed in",
}


@pytest.mark.parametrize(("address", "words"), PAGES.items())
def test_what_the_clinic_has_is_listed(sqlite_files: Any, tmp_path: Path, address: str, words: str):
    app = an_app(sqlite_files.migrated(), tmp_path)
    with app.extensions["sessions"]() as session:
        a_pain_clinic.set_up(session)
    answer = signed_in(app, Role.ADMINISTRATOR).get(address)
    assert answer.status_code == 200
    assert words in answer.text


@pytest.mark.parametrize("address", [*PAGES, "/desk", "/patients", "/patients/new", "/pathways"])
def test_an_empty_clinic_has_pages_too(sqlite_files: Any, tmp_path: Path, address: str):
    app = an_app(sqlite_files.migrated(), tmp_path)
    assert signed_in(app, Role.ADMINISTRATOR).get(address).status_code == 200

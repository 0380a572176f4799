"""The program with a clinic and a booked plan, at an hour that stands still."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from coordinator import times
from tests.services import a_pain_clinic as clinic

from .an_app import an_app


@pytest.fixture
def booked_app(monkeypatch: pytest.MonkeyPatch, sqlite_files: Any, tmp_path: Path) -> Flask:
    """The pain clinic of the services' tests, Rosa's plan booked."""
    monkeypatch.setattr(times, "now", lambda: clinic.NOW)
    made = an_app(sqlite_files.migrated(), tmp_path)
    made.extensions["sessions"].configure(info={"now": clinic.NOW})
    with made.extensions["sessions"]() as session:
        clinic.set_up(session)
        clinic.booked(session)
    return made

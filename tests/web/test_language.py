"""Every sentence of pages, refusals and letters has its Spanish; pages speak the reader's language."""

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from tests.services import a_pain_clinic

from .an_app import an_app, signed_in, token_on

ROOT = Path(__file__).resolve().parent.parent.parent


def collected() -> Any:
    """The maintainers' tool, which knows where sentences stand."""
    spec = importlib.util.spec_from_file_location("translate", ROOT / "tools/translate.py")
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    return tool.template()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "coordinator/translations").rglob("*.po")), ids=lambda p: p.parts[-3]
)
def test_the_catalog_has_the_sentences_of_today(path: Path):
    with path.open("rb") as file:
        kept = {message.id for message in read_po(file) if message.id}
    assert {message.id for message in collected() if message.id} == kept, "run tools/translate.py"


@pytest.mark.parametrize(
    "address", ["/desk", "/patients", "/patients/new", "/setup", "/setup/staff", "/plans"]
)
def test_a_page_in_spanish_has_no_english_heading_left(sqlite_files: Any, tmp_path: Path, address: str):
    app = an_app(sqlite_files.migrated(), tmp_path)
    with app.extensions["sessions"]() as session:
        a_pain_clinic.set_up(session)
    client = signed_in(app)
    english = client.get(address).text
    client.post("/language", data={"csrf_token": token_on(english), "language": "es"})
    spanish = client.get(address).text
    assert '<html lang="es">' in spanish
    heading = english.split("<h1>")[1].split("</h1>")[0]
    assert f"<h1>{heading}</h1>" not in spanish
    assert 'lang="en">English</button>' in spanish

"""Pathways as pictures: every example is drawn, boxes stand apart, arrows point down, words say the same."""

import re
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from coordinator import files
from coordinator.files.leaving_out import Edge, edges
from coordinator.models import Pathway
from coordinator.web import pathway_pictures
from coordinator.web.pathway_pictures import Box, draw, gap
from tests.services import a_pain_clinic

from .an_app import an_app, signed_in

EXAMPLES = sorted((Path(__file__).parent.parent.parent / "examples" / "pathways").glob("*.yaml"))


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    made = an_app(sqlite_files.migrated(), tmp_path)
    with made.extensions["sessions"]() as session:
        a_pain_clinic.set_up(session)
    return made


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_boxes_stand_apart_and_arrows_point_down(app: Flask, path: Path):
    document = files.read(path, on=date(2026, 11, 23))
    boxes = {step.key: Box(key=step.key, title=step.key, facts="", discipline="") for step in document.steps}
    with app.test_request_context():
        picture = draw(boxes, edges(document, ()))
    for one, other in combinations(picture.boxes, 2):
        beside = abs(one.x - other.x) >= pathway_pictures.BOX_WIDTH
        assert beside or abs(one.y - other.y) >= pathway_pictures.BOX_HEIGHT
    for placed in picture.boxes:
        assert 0 <= placed.x <= picture.width - pathway_pictures.BOX_WIDTH
        assert 0 <= placed.y <= picture.height - pathway_pictures.BOX_HEIGHT
    for arrow in picture.arrows:
        heights = [int(y) for y in re.findall(r"(?:M| )-?\d+ (-?\d+)(?=[CV]|$)", arrow.path)]
        assert heights == sorted(heights)


@pytest.mark.parametrize(
    ("edge", "words"),
    [
        ({"min_days": 7, "max_days": 14}, "7–14 days"),
        ({"min_days": 0, "max_days": 21}, "up to 21 days"),
        ({"min_days": 0, "max_days": 0}, "same day"),
        ({"min_days": 1, "max_days": 1}, "1 day"),
        ({"min_days": 14}, "14 days or more"),
        ({"min_minutes": 30, "max_minutes": 60}, "30–60 min"),
        ({}, ""),
    ],
)
def test_a_gap_is_said_in_words(app: Flask, edge: dict[str, int], words: str):
    with app.test_request_context():
        assert gap(Edge(before="a", after="b", **edge)) == words


def test_a_pathway_is_shown_with_all_its_steps_and_that_it_is_an_example(app: Flask):
    with app.extensions["sessions"]() as session:
        row = session.scalars(select(Pathway)).one()
    client = signed_in(app)
    page = client.get(f"/pathways/{row.id}").text
    assert "<svg" in page
    for step in row.document["steps"]:
        assert f'id="step-{step["key"]}"' in page
    assert client.get("/pathways/987654").status_code == 404
    assert f'href="/pathways/{row.id}"' in client.get("/pathways").text

"""The audit trail in words: no deed and no subject that a service writes is left as a key."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from coordinator.language import catalog
from coordinator.web import deeds

from .an_app import an_app

PACKAGE = Path(__file__).resolve().parents[2] / "coordinator"


def written() -> Iterator[tuple[set[str], set[str]]]:
    """Deeds and subjects of every line that the program can write, as they stand in the code."""
    for path in [*PACKAGE.glob("services/**/*.py"), *PACKAGE.glob("cli/*.py"), PACKAGE / "worker.py"]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = ast.unparse(call.func)
            if name == "trail.record":
                yield _texts(call.args[2]), _texts(call.args[3])
            elif name == "looks.note":
                yield set(), _texts(call.args[2])


def _texts(argument: ast.expr) -> set[str]:
    choices = [argument.body, argument.orelse] if isinstance(argument, ast.IfExp) else [argument]
    return {each.value for each in choices if isinstance(each, ast.Constant)}


def test_every_deed_and_subject_has_words():
    lines = list(written())
    assert len(lines) > 25
    assert set().union(*(done for done, _ in lines)) <= set(deeds.DEEDS)
    assert set().union(*(of for _, of in lines)) <= set(deeds.SUBJECTS)


@pytest.mark.parametrize("words", [deeds.DEEDS, deeds.SUBJECTS, deeds.ACTORS])
def test_the_words_are_there_in_spanish(words: dict[str, str]):
    for said in words.values():
        sentence = said._args[0]  # type: ignore[attr-defined]
        assert catalog("es").gettext(sentence) != sentence or sentence in {"demo", "plan"}  # the same word


def test_facts_are_told_plainly_and_a_new_key_stays(tmp_path: Path):
    app: Flask = an_app(f"sqlite:///{tmp_path / 'none.db'}", tmp_path)
    with app.test_request_context("/"):
        assert deeds.deed("book") == "booked the plan"
        assert deeds.deed("something new") == "something new"
        assert deeds.actor("worker") == "the program itself"
        assert deeds.facts({"plan_id": 3, "why": True}) == "plan id: 3, why: yes"

"""Writing: what is read again is the same."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator import files
from coordinator.files import marked_yaml, writing
from coordinator.files.reading import AnyFile
from tests.files.builders import CLINIC, EXAMPLES, ON, PATHWAYS, PATIENTS, pathway_text

LATER = date(2030, 1, 1)
STEPS = "{key: a, therapy: t, series: {count: 3, days: [1, 4]}}\n{key: b, task: true, title: {en: B, es: C}, by: [n]}"


def again(value: AnyFile) -> AnyFile:
    return files.load(files.dump(value).encode(), file="again", on=LATER).value


@pytest.mark.parametrize("text", [CLINIC, PATIENTS, pathway_text(STEPS)])
def test_a_small_file_comes_back_equal(text: str) -> None:
    value = files.load(text.encode(), file="f", on=ON).value
    assert again(value) == value


@pytest.mark.parametrize(
    "path", [EXAMPLES / "clinic.yaml", EXAMPLES / "patients.yaml", *PATHWAYS], ids=lambda p: p.name
)
def test_an_example_comes_back_equal(path: object) -> None:
    value = files.read(str(path), on=ON)
    assert again(value) == value
    assert files.dump(again(value)) == files.dump(value)


def test_days_are_written_out() -> None:
    written = files.dump(files.load(PATIENTS.encode(), file="f", on=ON).value)
    assert "done_on: 2026-10-23" in written
    assert "-30d" not in written


texts = st.text(
    st.characters(
        exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\u202d\u202e\ufeff\ufffe\uffff"
    )
)


@settings(deadline=None)
@given(texts, texts)
def test_any_name_comes_back(name: str, more: str) -> None:
    plain = {"a": name, name or "x": [more, {"b": f"{name}\n{more}"}]}
    assert marked_yaml.parse(writing.as_yaml(plain).encode(), file="f").value == plain


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "1",
        "-7",
        "2.5",
        "true",
        "null",
        "~",
        "",
        "08:30",
        "2026-12-01",
        "&a",
        "*a",
        "!x",
        "- a",
        "#",
        "0123",
        "+5",
        "<<",
        "=",
    ],
)
def test_words_that_look_like_something_else_come_back_as_text(word: str) -> None:
    assert marked_yaml.parse(writing.as_yaml({"a": word, "b": [word]}).encode(), file="f").value == {
        "a": word,
        "b": [word],
    }

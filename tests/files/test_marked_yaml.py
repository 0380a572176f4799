"""YAML as plain values: every trick is refused with its line."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.errors import FileProblem, FileProblems
from coordinator.files import marked_yaml


def parse(text: str | bytes) -> marked_yaml.Marked:
    return marked_yaml.parse(text if isinstance(text, bytes) else text.encode(), file="f.yaml")


def problem(text: str | bytes) -> FileProblem:
    with pytest.raises(FileProblems) as refused:
        parse(text)
    assert len(refused.value.problems) == 1
    return refused.value.problems[0]


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("08:30", "08:30"),
        ("1:30", "1:30"),
        ("2026-12-01", "2026-12-01"),
        ("+14d", "+14d"),
        ("0123", "0123"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        (".inf", ".inf"),
        ("'5'", "5"),
        ("5", 5),
        ("-5", -5),
        ("2.5", 2.5),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("9" * 30, "9" * 30),
    ],
)
def test_a_word_means_what_it_looks_like(word: str, value: object) -> None:
    parsed = parse(f"a: {word}").value
    assert parsed == {"a": value}
    assert type(parsed["a"]) is type(value)  # type: ignore[index]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: &x 1\nb: *x", 1, "anchors and aliases"),
        ("a: 1\nb: *x", 2, "anchors and aliases"),
        ("a: 1\n? *x\n: 2", 2, "anchors and aliases"),
        ("a: !!python/object:os.system ls", 1, "tags are not allowed"),
        ("a: 1\nb: !foo {c: 1}", 2, "tags are not allowed"),
        ("a: 1\nb: 2\na: 3", 3, "twice (first on line 1)"),
        ("a: 1\n? [b]\n: 2", 2, "one word"),
        ("a: [1\nb: 2", 2, "cannot be read as YAML"),
        ("a: 1\n---\nb: 2", 2, "more than one document"),
        ("", 1, "is empty"),
        ("# nothing but this", 1, "is empty"),
        ("a: 1\nb: \x00", 2, "U+0000"),
        ("a: 1\nb: \x1b[31m", 2, "U+001B"),
        ("a: 1\nb: \x9b", 2, "U+009B"),
        (b"a: 1\nb: \xff\xfe", 2, "UTF-8"),
        ("a: 1".encode("utf-16"), 1, "UTF-8"),
    ],
)
def test_what_is_not_plain_is_refused_with_its_line(text: str | bytes, line: int, words: str) -> None:
    found = problem(text)
    assert (found.file, found.line) == ("f.yaml", line)
    assert words in found.text


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "\n".join(
        f"{b}: &{b} [*{a}, *{a}]" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    )
    assert problem(bomb).line == 1


def test_nesting_deeper_than_fifty_is_refused() -> None:
    assert parse("[" * 50 + "]" * 50)
    assert "deeper than 50" in problem("[" * 52 + "]" * 52).text
    assert "deeper than 50" in problem("[" * 100_000).text


def test_a_file_larger_than_five_megabytes_is_refused() -> None:
    assert "larger than 5 MB" in problem(b"a: " + b"x" * 5 * 1024 * 1024).text


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marked_yaml, "MOST_VALUES", 100)
    assert "more than 100 values" in problem("a: [" + "1," * 200 + "]").text


def test_every_place_knows_its_line() -> None:
    marked = parse("a:\n  - b: 1\n    c:\n      - x\n      - y\n")
    assert marked.line(("a", 0, "c")) == 3
    assert marked.line(("a", 0, "c", 1)) == 5
    assert marked.line(("a", 0, "not", "there")) == 2
    assert marked.line(("nowhere",)) == 1


def test_a_byte_order_mark_does_no_harm() -> None:
    assert parse("a: 1".encode("utf-8-sig")).value == {"a": 1}


def test_the_field_is_named_like_a_path() -> None:
    assert marked_yaml.field_name(("steps", 3, "after", 0, "days")) == "steps[3].after[0].days"


@settings(deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.text("ab:[]{}-&*!|>'\"#,? \n\t%@`\x00", max_size=60).map(str.encode),
    )
)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with contextlib.suppress(FileProblems):
        marked_yaml.parse(content, file="f")

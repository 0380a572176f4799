"""Texts are made safe, addresses and links refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.calendars import texts
from coordinator.errors import Refusal

from .builders import any_text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Ana \t García\r\n", "Ana García"),
        ("a\x00b\x0bc\x85d\u2028e\ud800f", "ab c d ef"),
        ("\u202eabc\u2066def\ufeff", "abcdef"),
        ("👩\u200d👧 שלום\u200f", "👩\u200d👧 שלום\u200f"),
        ("\x07", ""),
    ],
)
def test_a_name_keeps_what_can_be_read(given: str, kept: str) -> None:
    assert texts.one_line(given) == kept


def test_every_kind_of_line_end_is_one() -> None:
    assert texts.paragraphs("a\r\nb\rc\x0bd\x0ce\x85f\u2028g\u2029h\n\ni\n") == "a\nb\nc\nd\ne\nf\ng\nh\n\ni"


@given(any_text)
def test_a_line_is_one_line_and_cleaning_it_again_changes_nothing(text: str) -> None:
    line = texts.one_line(text)
    assert len(line) <= texts.LONGEST_LINE
    assert len(line.splitlines()) <= 1
    assert texts.one_line(line) == line
    line.encode()


@given(any_text)
def test_paragraphs_cleaned_again_stay(text: str) -> None:
    assert texts.paragraphs(texts.paragraphs(text)) == texts.paragraphs(text)


@pytest.mark.parametrize("whole", ["👩\u200d👩\u200d👧\u200d👦", "👍🏽", "e\u0301", "❤\ufe0f"])
@pytest.mark.parametrize("longest", range(20, 34))
def test_nothing_that_is_read_as_one_is_cut_in_two(whole: str, longest: int) -> None:
    kept = texts.cut(whole * 40, longest)
    assert kept.endswith("…")
    assert len(kept) <= longest
    assert kept.removesuffix("…") == whole * (len(kept) // len(whole))


def test_what_fits_is_not_cut() -> None:
    assert texts.cut("x" * 200, 200) == "x" * 200
    assert texts.cut("x" * 201, 200) == "x" * 199 + "…"


@pytest.mark.parametrize(
    "email", ["ana@home.example", "o'hara+tok_1@a-b.example", "a@localhost", "A.B@X.EXAMPLE"]
)
def test_an_address_stays_as_it_is(email: str) -> None:
    assert texts.address(email) == email


def test_a_domain_in_another_script_is_written_in_ascii() -> None:
    assert texts.address("ana@clínica.example") == "ana@xn--clnica-4va.example"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ana",
        "ana@",
        "@home.example",
        "ana@home.example\r\nBcc: evil@elsewhere.example",
        "ana\n@home.example",
        "ana@home.example\n",
        "Ana <ana@home.example>",
        "ana@home.example, evil@elsewhere.example",
        "mailto:ana@home.example",
        '"a b"@home.example',
        "ána@home.example",
        "a..b@home.example",
        "ana@home..example",
        "ana@-home.example",
        "ana\u202e@home.example",
        "a" * 250 + "@home.example",
    ],
)
def test_what_is_no_address_is_refused_by_name(email: str) -> None:
    with pytest.raises(Refusal) as refused:
        texts.address(email)
    assert len(str(refused.value).splitlines()) == 1
    assert email[:3].strip() in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "https://a b",
        "https://a\r\nATTENDEE:x",
        "http://a/\\",
        "https://a/é",
        "//a",
    ],
)
def test_what_is_no_web_address_is_refused(url: str) -> None:
    with pytest.raises(Refusal):
        texts.link(url)


def test_a_web_address_stays_as_it_is() -> None:
    url = "https://clinic.example:8443/a/t-o_k~1?x=1;y,z&w=%20#k(1)"
    assert texts.link(url) == url


@given(st.text(max_size=20))
def test_a_uid_never_needs_escaping(text: str) -> None:
    try:
        kept = texts.uid(text)
    except ValueError:
        return
    assert not set(kept) & set(',;\\"\r\n ')
    assert kept.isascii()


def test_an_instant_is_utc_to_the_second() -> None:
    east = timezone(timedelta(hours=2))
    assert texts.instant(datetime(2027, 3, 26, 10, 0, 0, 999, tzinfo=east)) == datetime(
        2027, 3, 26, 8, tzinfo=UTC
    )
    with pytest.raises(ValueError, match="zone"):
        texts.instant(datetime(2027, 3, 26, 10))

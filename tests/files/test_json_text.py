"""JSON with lines."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.files import json_text

TEXT = """{
  "a": [1,
    {"b": "x, [y] {z} \\" :",
     "c": []},
    "last"],
  "d": null
}"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ((), 1),
        (("a",), 2),
        (("a", 0), 2),
        (("a", 1), 3),
        (("a", 1, "b"), 3),
        (("a", 1, "c"), 4),
        (("a", 2), 5),
        (("d",), 6),
        (("a", 1, "missing"), 3),
        (("e",), 1),
    ],
)
def test_a_place_has_a_line(place: tuple[str | int, ...], line: int) -> None:
    assert json.loads(TEXT)
    assert json_text.lines(TEXT, [place]) == {place: line}
    assert json_text.lines(TEXT, [place], first_line=11) == {place: line + 10}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)


@settings(deadline=None)
@given(json_values)
def test_lines_of_any_json_are_within_it(value: object) -> None:
    text = json.dumps(value, indent=1)
    for place, position in json_text._places(text):
        here = value
        for part in place:
            here = here[part]  # type: ignore[index]
        found = text[position:]
        key = json.dumps(place[-1]) if isinstance(place[-1], str) else None
        assert found.startswith(key if key is not None else json.dumps(here, indent=1)[:1])

import json
from pathlib import Path

import pytest

from coordinator.scheduling.__main__ import main

from .clinic import a_file, phase, plan, resource, step

GOOD = a_file(plan(step("a", phase(30, "doctor"))), resources=[resource("dr-a", "doctor")])


def written(folder: Path, value: object) -> str:
    path = folder / "problem.json"
    path.write_text(json.dumps(value))
    return str(path)


def test_an_answer_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["solve", written(tmp_path, GOOD), "--seconds", "5", "--alternatives", "2", "--seed", "3"]) == 0
    )
    made = json.loads(capsys.readouterr().out)
    assert (made["format"], made["bound"]) == ("coordinator-answer/1", 300)
    (found,) = made["plans"]
    assert found["steps"] == {"a": {"start": 540, "uses": [["dr-a"]]}}
    assert {"id", "status", "location", "cost", "bound", "steps", "alternatives", "why", "repairs"} == set(
        found
    )


def test_that_nothing_fits_is_an_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", written(tmp_path, GOOD | {"resources": []})]) == 0
    assert json.loads(capsys.readouterr().out)["plans"][0]["status"] == "infeasible"


def test_a_malformed_file_is_one_line_on_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["solve", written(tmp_path, GOOD | {"grid": 0})]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "grid: must be at least 1\n")


def test_whatever_stands_in_a_file_its_refusal_stays_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in ({"a\n\x1b[31m\u2028b": 1}, {"grid": "\ud800\r\n" * 1000}, {"start": "\x00" * 9}):
        assert main(["solve", written(tmp_path, GOOD | value)]) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert printed.err.removesuffix("\n").isprintable()
        assert len(printed.err) < 200


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"\x1f\x8b\x08", b"[" * 100_000, b"{}"])
def test_what_is_no_problem_at_all_names_the_file_or_the_key(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "problem.json").write_bytes(content)
    assert main(["solve", str(tmp_path / "problem.json")]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert printed.err.startswith(("format: ", f"{tmp_path}"))


def test_a_folder_is_no_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["solve", str(tmp_path)]) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    "wrong", [["--seconds", "0"], ["--seconds", "nan"], ["--seed", "-1"], ["--alternatives", "x"]]
)
def test_a_wrong_option_is_one_line_too(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["solve", "-", *wrong])
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1

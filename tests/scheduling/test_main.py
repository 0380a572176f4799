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


@pytest.mark.parametrize(
    "wrong", [["--seconds", "0"], ["--seconds", "nan"], ["--seed", "-1"], ["--alternatives", "x"]]
)
def test_a_wrong_option_is_one_line_too(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["solve", "-", *wrong])
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1

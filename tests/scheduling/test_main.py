import json
from pathlib import Path

import pytest

from coordinator.scheduling.__main__ import main

from .clinic import a_file, link, phase, plan, resource, step

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


APART = a_file(
    plan(step("a", phase(30, "doctor")), step("b", phase(30, "doctor")), links=[link("a", "b", days=[2, 3])]),
    resources=[resource("dr-a", "doctor")],
)


def test_why_not_sooner_prints_the_reasons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why-not", written(tmp_path, APART), "--sooner"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["format"], made["id"], made["status"]) == ("coordinator-why-not/1", "plan", "optimal")
    assert (made["asked"], made["alternatives"]) == ({"sooner": True}, [])
    (reason,) = made["why"]
    assert (reason["step"], reason["rule"]) == ("b", "link")
    assert reason["text"] == "b has to follow a by 2 to 3 days."


def test_why_not_on_a_date_prints_what_it_would_cost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why-not", written(tmp_path, APART), "--step", "a", "--on", "2026-03-03"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["asked"], made["why"]) == ({"step": "a", "on": "2026-03-03"}, [])
    (other,) = made["alternatives"]
    assert (other["kind"], other["cost"], other["more"]) == ("day", made["cost"] + 100, 100)
    assert other["worse"] == [{"what": "finish_day", "by": 1}]
    assert 1440 <= other["steps"]["a"]["start"] < 2880


def test_why_not_of_a_plan_that_fits_nowhere_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why-not", written(tmp_path, APART | {"resources": []}), "--sooner"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["status"], made["alternatives"]) == ("infeasible", [])
    assert [each["rule"] for each in made["why"]] == ["no-resource"]


@pytest.mark.parametrize(
    ("changed", "asked", "said"),
    [
        ({"grid": 0}, ["--sooner"], "grid: must be at least 1"),
        ({"plans": []}, ["--sooner"], "plans: why-not asks about one plan, here are 0"),
        ({"plans": [APART["plans"][0], APART["plans"][0] | {"id": "other"}]}, ["--sooner"],
         "plans: why-not asks about one plan, here are 2"),
        ({}, ["--step", "c", "--on", "2026-03-03"], "--step: no step 'c'"),
    ],
)  # fmt: skip
def test_a_question_that_does_not_fit_its_file_names_the_place(
    changed: dict[str, object],
    asked: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["why-not", written(tmp_path, APART | changed), *asked]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", f"{said}\n")


@pytest.mark.parametrize(
    "asked",
    [
        [],
        ["--step", "a"],
        ["--on", "2026-03-03"],
        ["--sooner", "--step", "a", "--on", "2026-03-03"],
        ["--step", "a", "--on", "tomorrow"],
        ["--step", "a", "--on", "2026-02-30"],
    ],
)
def test_half_a_question_is_one_line_too(asked: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["why-not", "-", *asked])
    assert left.value.code == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)

"""The starter: what it asks for, what it says when it cannot start, and that a second start costs nothing."""

import os
import runpy
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).resolve().parent.parent / "run"
FLASK = "import os, sys; print(sys.argv[1:], os.environ['COORDINATOR_DATA'], os.getcwd())"


@pytest.fixture(autouse=True)
def no_settings_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("COORDINATOR_")]:
        monkeypatch.delenv(name)


def starter(folder: Path) -> ModuleType:
    """The script as if it lay in ``folder``, with an empty list of requirements."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        (folder / name).touch()
    loader = SourceFileLoader("starter", str(SCRIPT))
    spec = spec_from_loader("starter", loader)
    assert spec
    script = module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    loader.exec_module(script)
    sys.dont_write_bytecode = before
    script.HERE, script.VENV = folder, folder / ".venv"
    script.PYTHON = script.VENV / script.PYTHON.relative_to(SCRIPT.parent / ".venv")
    return script


@pytest.fixture
def script(tmp_path: Path) -> ModuleType:
    return starter(tmp_path)


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the script in it, and a stand-in for flask that tells what it was asked."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / "run").write_bytes(SCRIPT.read_bytes())
    (folder / "requirements.txt").touch()
    (folder / "elsewhere/flask").mkdir(parents=True)
    (folder / "elsewhere/flask/__main__.py").write_text(FLASK)
    return folder


def start(clone: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(clone / "elsewhere")} | settings
    order = [sys.executable, str(clone / "run"), *words]
    return subprocess.run(
        order, env=environment, cwd=clone / "elsewhere", capture_output=True, text=True, check=False
    )


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.mark.slow
def test_the_first_start_makes_the_environment_and_the_second_leaves_it_alone(clone: Path, free_port: int):
    first = start(clone, "--port", str(free_port))
    made = (clone / ".venv/pyvenv.cfg").stat().st_mtime_ns
    second = start(clone, "--port", str(free_port))
    assert ["Installing" in each.stderr for each in (first, second)] == [True, False]
    assert (clone / ".venv/pyvenv.cfg").stat().st_mtime_ns == made
    words = ["--app", str(clone / "wsgi.py"), "serve", "--host", "127.0.0.1", "--port", str(free_port)]
    assert first.stdout == second.stdout == f"{words} {clone / 'data'} {clone / 'elsewhere'}\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "settings", "asked", "data"),
    [
        (["import", "a.yaml", "--dry-run"], {}, ["import", "a.yaml", "--dry-run"], "data"),
        (["--data", "mine", "check"], {}, ["check"], "elsewhere/mine"),
        (["check"], {"COORDINATOR_DATA": "theirs"}, ["check"], "elsewhere/theirs"),
        (["import", "--help"], {}, ["import", "--help"], "data"),
        (["--commands"], {}, ["--help"], "data"),
    ],
)
def test_a_command_is_handed_on_as_it_is(
    clone: Path, words: list[str], settings: dict[str, str], asked: list[str], data: str
):
    answer = start(clone, *words, **settings)
    expected = ["--app", str(clone / "wsgi.py"), *asked]
    assert answer.stdout == f"{expected} {clone / data} {clone / 'elsewhere'}\n"


def test_serve_may_be_said_aloud(clone: Path, taken_port: int):
    assert start(clone, "serve", "--port", str(taken_port)).stderr.startswith(f"Port {taken_port} is taken")


def test_a_taken_port_is_said_in_one_line_before_anything_is_made(
    tmp_path: Path, clone: Path, taken_port: int
):
    answer = start(clone, "--port", str(taken_port), "--data", str(tmp_path / "new"))
    assert answer.returncode == 1
    assert answer.stderr.count("\n") == 1
    assert f"Port {taken_port} is taken" in answer.stderr
    assert not (tmp_path / "new").exists()


def test_a_port_that_does_not_exist_is_refused(script: ModuleType):
    with pytest.raises(script.Trouble, match="no port 70000"):
        script.check_port("127.0.0.1", 70000)


def test_an_address_of_another_machine_is_refused(script: ModuleType):
    with pytest.raises(script.Trouble, match=r"Cannot listen on 192\.0\.2\.1"):
        script.check_port("192.0.2.1", 8000)


def test_a_file_is_no_folder_for_data(script: ModuleType, tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(script.Trouble, match="not a folder"):
        script.check_folder(tmp_path / "file")


def test_a_folder_that_cannot_be_written_to_is_refused(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(script.os, "access", lambda *_: False)
    with pytest.raises(script.Trouble, match="cannot be written to"):
        script.check_folder(tmp_path)
    with pytest.raises(script.Trouble, match="cannot be written to"):
        script.prepare("requirements.txt")


@pytest.mark.parametrize("words", [["--port", "many"], ["--frob"], ["--data"]])
def test_what_is_not_understood_is_said_in_one_line(
    script: ModuleType, capsys: pytest.CaptureFixture[str], words: list[str]
):
    with pytest.raises(SystemExit) as ended:
        script.parser().parse_args(words)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert words[0] in said
    assert said.count("\n") == 1


def test_an_older_python_is_told_so_in_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 18))
    monkeypatch.setattr(sys, "version", "3.9.18 (main)")
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.9\.18"):
        runpy.run_path(str(SCRIPT), run_name="__main__")


def test_without_any_pip_it_names_what_to_install(script: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(script, "runs", lambda command: "pip" not in command)
    with pytest.raises(script.Trouble, match="apt install python3-venv"):
        script.prepare("requirements.txt")


@pytest.mark.slow
def test_the_systems_pip_serves_where_ensurepip_is_missing(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
):
    system = getattr(sys, "_base_executable", sys.executable)
    if not script.runs([system, "-m", "pip", "--version"]):
        pytest.skip("this Python has no pip of its own")
    monkeypatch.setattr(script.importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(script.sys, "executable", system)
    script.prepare("requirements.txt")
    assert not list(script.VENV.glob("lib/*/site-packages/pip"))
    assert (script.VENV / "requirements.txt.installed").exists()


def test_a_changed_lock_is_installed_again(script: ModuleType, monkeypatch: pytest.MonkeyPatch):
    installed: list[str] = []
    monkeypatch.setattr(
        script, "make_environment", lambda: script.PYTHON.parent.mkdir(parents=True, exist_ok=True)
    )
    monkeypatch.setattr(script, "install", lambda name: (installed.append(name), script.PYTHON.touch()))
    for _ in range(2):
        script.prepare("requirements.txt")
    (script.HERE / "requirements.txt").write_text("more==1\n")
    script.prepare("requirements.txt")
    assert installed == ["requirements.txt"] * 2


def test_a_failed_installation_leaves_no_mark(script: ModuleType, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(script, "make_environment", lambda: script.VENV.mkdir())
    monkeypatch.setattr(
        script, "pip", lambda: [sys.executable, "-c", "import sys; sys.exit('ERROR: no luck')"]
    )
    with pytest.raises(script.Trouble, match=r"Cannot install requirements\.txt: no luck\."):
        script.prepare("requirements.txt")
    assert list(script.VENV.iterdir()) == []


@pytest.mark.parametrize(
    ("complaint", "meaning"),
    [
        (
            "WARNING: Retrying after NewConnectionError\nERROR: No matching distribution found",
            "needs the net",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", "not what was locked"),
        ("ERROR: Could not install: [Errno 28] No space left on device", "the disk is full"),
        (
            "WARNING: hm\nERROR: No matching distribution found for x==1",
            "No matching distribution found for x==1",
        ),
        ("", "no reason"),
    ],
)
def test_pips_complaint_becomes_one_sentence(script: ModuleType, complaint: str, meaning: str):
    said = script.reason(complaint)
    assert meaning in said
    assert "\n" not in said


def test_all_checks_run_before_the_tests_and_a_failed_one_counts(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    asked: list[list[str]] = []
    monkeypatch.setattr(script, "prepare", lambda _: None)
    monkeypatch.setattr(script.subprocess, "call", lambda order, cwd: asked.append(order) or "mypy" in order)
    with pytest.raises(SystemExit) as ended:
        script.test(["-k", "one"])
    assert ended.value.code
    assert [order[2] for order in asked[:3]] == ["ruff", "ruff", "mypy"]
    assert asked[-1][2:4] == ["-m", "pytest"]
    assert asked[-1][-2:] == ["-k", "one"]
    assert "these checks FAILED: mypy" in capsys.readouterr().err

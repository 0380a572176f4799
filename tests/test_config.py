"""The settings: what is wrong names its variable, and an installation has one secret."""

import multiprocessing
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest

import config
from config import BadSetting, Settings

STARTS = 6


def read(folder: Path, **environment: str) -> Settings:
    given = {f"COORDINATOR_{name}": text for name, text in environment.items()}
    return Settings.from_environment({"COORDINATOR_DATA": str(folder)} | given)


@pytest.mark.parametrize(
    ("name", "text"),
    [("SMTP_PORT", "25a"), ("DEMO", "yes"), ("SMTP_SECURITY", "ssl"), ("SOLVER_SECONDS", "-1")],
)
def test_a_bad_setting_is_named(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(BadSetting, match=f"COORDINATOR_{name}"):
        read(tmp_path, **{name: text})


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("of the file\n", encoding="utf-8")
    assert read(tmp_path, SECRET_KEY_FILE=str(tmp_path / "key")).secret_key == "of the file"


def test_the_secret_of_an_installation_stays_and_is_its_owners_alone(tmp_path: Path) -> None:
    first = read(tmp_path).secret_key
    assert len(first) >= 60
    assert read(tmp_path).secret_key == first
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("made_before", [True, False])
def test_a_database_that_others_share_asks_for_a_secret_that_they_share(
    tmp_path: Path, made_before: bool
) -> None:
    """A link in a letter is signed by one machine and opened on another."""
    shared = "postgresql://coordinator@db.clinic.example/coordinator"
    if made_before:
        read(tmp_path)
    with pytest.raises(BadSetting, match="COORDINATOR_SECRET_KEY") as refused:
        read(tmp_path, DATABASE_URL=shared)
    assert ("secret.key" in str(refused.value)) is made_before
    assert read(tmp_path, DATABASE_URL=shared, SECRET_KEY="the same").secret_key == "the same"


def test_nobody_reads_a_secret_that_is_not_written_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def slow(_bytes: int) -> str:
        seen.append((tmp_path / "secret.key").exists())
        return "s" * 64

    monkeypatch.setattr(config.secrets, "token_urlsafe", slow)
    read(tmp_path)
    assert seen == [False]


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSetting, match="COORDINATOR_DATA"):
        read(tmp_path / "file")


def _start(folder: Path, all_ready: Barrier, found: "multiprocessing.Queue[str]") -> None:
    all_ready.wait()
    found.put(read(folder).secret_key)


def test_all_that_start_at_once_have_one_secret(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    ready, found = context.Barrier(STARTS), context.Queue()
    starts = [context.Process(target=_start, args=(tmp_path, ready, found)) for _ in range(STARTS)]
    for start in starts:
        start.start()
    secrets = {found.get() for _ in starts}
    for start in starts:
        start.join()
    assert len(secrets) == 1
    assert "" not in secrets

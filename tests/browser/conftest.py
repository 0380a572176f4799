"""The program as it is served, with a demo clinic, and Chromium in front of it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest

ROOT = Path(__file__).resolve().parents[2]
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


@dataclass(frozen=True)
class Served:
    """A running program: where it is, and who may sign in."""

    url: str
    folder: Path
    demo: dict[str, Any]

    def account(self, role: str) -> dict[str, str]:
        """A sign-in of the demo."""
        return next(each for each in self.demo["accounts"] if each["role"] == role)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait(url: str, process: subprocess.Popen[bytes], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the program ended with {process.returncode}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"{url} did not answer in {seconds} seconds")


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """``./run`` without its first lines: pages, worker and inbox in one process."""
    folder, port = tmp_path_factory.mktemp("demo"), _free_port()
    settings = {
        "COORDINATOR_DATA": str(folder),
        "COORDINATOR_DEMO": "1",
        "COORDINATOR_NOTICE_DELAY_SECONDS": "0",
    }
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "serve", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | settings, stdout=log, stderr=log)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(f"{url}/readyz", process, 90)
            yield Served(url, folder, json.loads((folder / "demo.json").read_text()))
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium, which looks for nothing outside."""
    return {"executable_path": shutil.which("chromium"), "args": list(QUIET)}

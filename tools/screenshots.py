"""Take the pictures of the pages for the docs: tools/screenshots.py [--all]. Needs Chromium.

Serves a fresh demo, walks it as coordinator, patient and practitioner, and writes docs/screenshots/. With --all, every
page at two widths in both themes goes to a folder beside them that is not kept.
"""

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from calendar import month_name
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "screenshots"
ALL = PICTURES / "all"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-sync",
    "--no-first-run",
]
MONTHS = list(month_name)[1:]
PATIENT, PATHWAY = "Cora Pennyworth", "Lumbar radicular pain"


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """A demo of its own, on any free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {
        "COORDINATOR_DATA": str(folder),
        "COORDINATOR_DEMO": "1",
        "COORDINATOR_NOTICE_DELAY_SECONDS": "0",
    }
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=os.environ | settings, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/readyz")
        yield url, json.loads((folder / "demo.json").read_text())
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str) -> None:
    """Come back when the program is ready, within 90 seconds."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise SystemExit(f"{url} does not answer")


def sign_in(page: Page, url: str, demo: dict[str, Any], role: str) -> None:
    """Sign in as the first account of a role."""
    account = next(each for each in demo["accounts"] if each["role"] == role)
    page.goto(f"{url}/sign-in")
    page.get_by_label("E-mail").fill(account["email"])
    page.get_by_label("Password").fill(account["password"])
    page.get_by_role("main").get_by_role("button", name="Sign in").click()


def book_a_plan(page: Page, url: str) -> Iterator[str]:
    """Walk from a patient to a booked plan; yields the name of each moment worth a picture."""
    page.goto(f"{url}/patients?q={PATIENT.replace(' ', '+')}")
    page.get_by_role("link", name=PATIENT).click()
    options = page.get_by_label("Pathway").locator("option")
    chosen = next(text for text in options.all_inner_texts() if text.startswith(PATHWAY))
    page.get_by_label("Pathway").select_option(label=chosen)
    page.get_by_role("button", name="Draft the plan").click()
    yield "drafted"
    page.get_by_label("Approved by").select_option(index=1)
    page.get_by_role("button", name="Note the approval").click()
    page.get_by_role("button", name="Find times").click()
    page.get_by_role("button", name=re.compile("^Book")).first.wait_for(timeout=90_000)
    yield "searched"
    page.get_by_role("button", name=re.compile("^Book")).first.click()
    page.wait_for_load_state()
    yield "booked"


def open_patient_page(page: Page, coordinator: Page, url: str) -> None:
    """Open the patient's own page by its link and birth date."""
    coordinator.goto(f"{url}/patients?q={PATIENT.replace(' ', '+')}")
    coordinator.get_by_role("link", name=PATIENT).click()
    born = re.search(r"born (\d+) (\w+) (\d{4})", coordinator.get_by_role("main").inner_text())
    coordinator.get_by_role("button", name=re.compile("own page")).click()
    link = re.search(r"http://\S+/p/[\w.-]+", coordinator.get_by_role("main").inner_text())
    if not (link and born):
        raise SystemExit("the patient's link or birth date is not on its page")
    page.goto(link[0])
    page.get_by_label("Day").fill(born[1])
    page.get_by_label("Month").fill(str(MONTHS.index(born[2]) + 1))
    page.get_by_label("Year").fill(born[3])
    page.get_by_role("button", name="Show my appointments").click()
    page.wait_for_load_state()


def take(page: Page, name: str) -> None:
    """One picture for the docs."""
    page.screenshot(path=PICTURES / f"{name}.png")


def for_the_docs(browser: Browser, url: str, demo: dict[str, Any]) -> None:
    """The pictures that README and docs show."""
    page = browser.new_page(viewport={"width": 1440, "height": 1050})
    sign_in(page, url, demo, "coordinator")
    for moment in book_a_plan(page, url):
        if moment == "searched":
            take(page, "plan")
    page.goto(f"{url}/board")
    page.get_by_role("link", name=re.compile("day after|Next", re.IGNORECASE)).first.click()
    take(page, "board")
    page.goto(f"{url}/pathways/{demo['pathways'][3]}")
    take(page, "pathway")
    phone = browser.new_page(viewport={"width": 400, "height": 820})
    open_patient_page(phone, page, url)
    take(phone, "patient")
    colleague = browser.new_page(viewport={"width": 400, "height": 820})
    sign_in(colleague, url, demo, "practitioner")
    colleague.get_by_role("link", name=re.compile("day after", re.IGNORECASE)).first.click()
    take(colleague, "day")


def everything(browser: Browser, url: str, demo: dict[str, Any]) -> None:
    """Every page at two widths in both themes, to be looked at."""
    ALL.mkdir(parents=True, exist_ok=True)
    patient, pathway = demo["patients"][2], demo["pathways"][3]
    paths = [
        "/desk",
        "/board",
        "/plans",
        "/plans/1",
        "/patients",
        f"/patients/{patient}",
        f"/patients/{patient}/edit",
    ]
    paths += [
        "/pathways",
        f"/pathways/{pathway}",
        "/setup",
        "/setup/staff",
        "/setup/rooms",
        "/setup/therapies",
    ]
    paths += ["/setup/locations", "/setup/trail", "/inbox", f"/plans/by-hand?patient={patient}"]
    for width in (360, 1440):
        for scheme in ("light", "dark"):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            sign_in(page, url, demo, "administrator")
            for path in paths:
                page.goto(url + path)
                name = re.sub(r"\W+", "-", path).strip("-")
                page.screenshot(path=ALL / f"{name}-{width}-{scheme}.png", full_page=True)
            page.close()


def main() -> None:
    """Serve, walk, take the pictures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--all", action="store_true", help="every page at two widths in both themes, too")
    options = parser.parse_args()
    PICTURES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as (url, demo),
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        for_the_docs(browser, url, demo)
        if options.all:
            everything(browser, url, demo)
        browser.close()


if __name__ == "__main__":
    main()

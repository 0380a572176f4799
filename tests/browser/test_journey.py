"""From a patient to a booked, announced, answered plan, as its three kinds of users go through it."""

import re
import time
import urllib.request
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Served

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::DeprecationWarning")]


class Traveller:
    """A page that is looked at wherever it goes: no violation, no error, nothing from outside."""

    def __init__(self, page: Page, served: Served) -> None:
        self.page, self.served = page, served
        self.troubles: list[str] = []
        page.on("console", lambda said: self.troubles.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("request", self._same_origin)

    def _same_origin(self, request: Any) -> None:
        if not request.url.startswith((self.served.url, "data:", "blob:")):
            self.troubles.append(f"asked for {request.url}")

    def go(self, path: str) -> None:
        self.page.goto(path if path.startswith("http") else self.served.url + path)

    def look(self) -> None:
        """Hold the page against axe, and against what went wrong on the way."""
        found = Axe().run(self.page).response["violations"]
        assert not found, [(each["id"], [node["target"] for node in each["nodes"]]) for each in found]
        assert not self.troubles
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    def sign_in(self, role: str) -> None:
        account = self.served.account(role)
        self.go("/sign-in")
        self.page.get_by_label("E-mail").fill(account["email"])
        self.page.get_by_label("Password").fill(account["password"])
        self.look()
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()


@pytest.fixture
def coordinator(page: Page, served: Served) -> Traveller:
    traveller = Traveller(page, served)
    traveller.sign_in("coordinator")
    return traveller


def _mail_to(folder: Path, address: str) -> list[Any]:
    """The messages that have arrived for an address, waited for."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        mails = [
            message_from_bytes(path.read_bytes(), policy=policy.default) for path in folder.glob("*.eml")
        ]
        if found := [mail for mail in mails if address in str(mail["To"])]:
            return found
        time.sleep(0.5)
    raise AssertionError(f"no mail for {address}")


def _address_of(page: Page) -> str:
    return page.get_by_text(re.compile(r"^\S+@\S+\.org$")).first.inner_text()


def test_a_plan_is_booked_announced_answered_and_seen(
    coordinator: Traveller, served: Served, browser: Browser
) -> None:
    page = coordinator.page
    coordinator.look()
    page.get_by_role("link", name="Patients").first.click()
    page.get_by_role("searchbox").fill("Dashiell")
    page.get_by_role("link", name="Dashiell Brook").click()
    coordinator.look()
    address = _address_of(page)
    page.get_by_label("Pathway").select_option(label="One-day assessment by all disciplines")
    page.get_by_role("button", name="Draft the plan").click()
    coordinator.look()
    page.get_by_label("Approved by").select_option(index=1)
    page.get_by_role("button", name="Note the approval").click()
    coordinator.look()
    page.get_by_role("button", name=re.compile("Find times")).click()
    expect(page.locator("article.way").first).to_contain_text("Larkfield", timeout=60_000)
    coordinator.look()
    page.get_by_role("button", name=re.compile("Book all")).first.click()
    expect(page.get_by_text("booked", exact=True).first).to_be_visible()
    coordinator.look()

    mails = _mail_to(served.folder / "inbox", address)
    letter = mails[0].get_body(("plain",)).get_content()
    link = re.search(r"http://\S+/a/\S+", letter)
    assert link
    patient = Traveller(browser.new_page(), served)
    patient.go(link[0])
    patient.look()
    patient.page.get_by_role("button", name="Yes, I will come").click()
    expect(patient.page.get_by_role("heading", name="Thank you")).to_be_visible()
    patient.look()

    page.reload()
    expect(page.get_by_text("confirmed", exact=True).first).to_be_visible()
    coordinator.look()


def test_a_practitioner_sees_the_day_and_gets_a_calendar_address(page: Page, served: Served) -> None:
    practitioner = Traveller(page, served)
    practitioner.sign_in("practitioner")
    practitioner.look()
    page.get_by_role("button", name="Make an address").click()
    feed = page.locator("input.address").input_value()
    practitioner.look()
    with urllib.request.urlopen(feed) as answer:
        assert answer.read().startswith(b"BEGIN:VCALENDAR")
        assert answer.headers["ETag"]


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_fit_for_all(served: Served, browser: Browser, width: int, scheme: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    coordinator = Traveller(page, served)
    coordinator.sign_in("administrator")
    patient, pathway = served.demo["patients"][0], served.demo["pathways"][0]
    for path in (
        *(
            "/desk",
            "/patients",
            f"/patients/{patient}",
            f"/patients/{patient}/edit",
            "/patients/new",
            "/plans",
        ),
        *("/board", "/pathways", f"/pathways/{pathway}", "/setup", "/setup/staff", "/setup/rooms"),
        *(
            "/setup/therapies",
            "/setup/locations",
            "/setup/trail",
            "/inbox",
            f"/plans/by-hand?patient={patient}",
        ),
    ):
        coordinator.go(path)
        coordinator.look()
    page.close()


def test_a_plan_is_found_and_booked_by_keys_alone(coordinator: Traveller) -> None:
    page = coordinator.page
    coordinator.go("/patients?q=Lionel")
    page.get_by_role("link", name="Lionel Asquith").click()
    page.get_by_label("Pathway").select_option(label="One-day assessment by all disciplines")
    page.get_by_role("button", name="Draft the plan").click()
    wish = page.get_by_text("Prefer a certain person").first
    wish.click()
    coordinator.look()
    page.get_by_label("Approved by").select_option(index=1)
    page.get_by_role("button", name="Note the approval").click()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    coordinator.look()
    page.keyboard.press("1")  # nothing is behind the list while it is open
    page.keyboard.press("Escape")
    page.keyboard.press("f")
    expect(page.locator("article.way").first).to_be_visible(timeout=60_000)
    page.keyboard.press("Control+1")
    expect(page.locator("article.way").first).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="Appointments")).to_be_visible(timeout=30_000)

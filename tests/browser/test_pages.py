"""Plans, board, days and patients' pages in a real browser: for everybody's eyes, hands and ears, and on paper."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from coordinator import times
from coordinator.models import Appointment, Resource, ResourceKind, TreatmentPlan
from coordinator.notices import links
from tests.services import a_pain_clinic as clinic
from tests.web.an_app import PASSWORD, an_app, signed_in

pytestmark = pytest.mark.browser
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST_TARGET = 44


@pytest.fixture(scope="module")
def app(sqlite_files: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A clinic with one booked plan (Tom's), one to book (Uma's) and one to approve (Rosa's)."""
    made = an_app(
        sqlite_files.migrated(), tmp_path_factory.mktemp("app"), COORDINATOR_NOTICE_DELAY_SECONDS="600"
    )
    with made.extensions["sessions"]() as session:
        clinic.set_up(session)
        clinic.booked(session, "tom")
        clinic.found(session, clinic.approved(session, clinic.a_draft(session, "uma")), alternatives=2)
        clinic.a_draft(session, "rosa")
    signed_in(made)  # makes the account
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(times, "now", lambda: clinic.NOW)
        yield made


@pytest.fixture(scope="module")
def address(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Window:
    """One page of one browser, and everything it complained of or asked elsewhere."""

    def __init__(self, browser: Any, address: str, **context: Any) -> None:
        self.context = browser.new_context(locale="en-GB", **context)
        self.page, self.address, self.trouble = self.context.new_page(), address, list[str]()
        self.page.on("console", lambda said: said.type == "error" and self.trouble.append(said.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("request", lambda asked: self._own(asked.url))

    def _own(self, url: str) -> None:
        if not url.startswith((self.address, "data:")):
            self.trouble.append(f"asks {url}")

    def go(self, path: str) -> Any:
        self.page.goto(self.address + path)
        return self.page

    def sign_in(self) -> None:
        page = self.go("/sign-in")
        page.fill("[name=email]", "coordinator@clinic.example")
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_load_state()


def size(width: int) -> dict[str, int]:
    return {"width": width, "height": 800}


def violations(page: Any) -> list[str]:
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]


def plan_ids(app: Flask) -> dict[str, int]:
    with app.extensions["sessions"]() as session:
        return {plan.state.value: plan.id for plan in session.scalars(select(TreatmentPlan))}


def patient_link(app: Flask, key: str = "tom") -> str:
    with app.extensions["sessions"]() as session:
        return f"/p/{links.patient_token(app.config['SECRET_KEY'], clinic.patient(session, key).link_key)}"


def give_birth_date(page: Any) -> None:
    for part, value in (("day", "31"), ("month", "1"), ("year", "1985")):
        page.fill(f"[name={part}]", value)
    page.click("main form button.large")
    page.wait_for_load_state()


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_open_to_everybody(app: Flask, browser: Any, address: str, width: int, scheme: str):
    window = Window(browser, address, viewport=size(width), color_scheme=scheme)
    window.sign_in()
    ids = plan_ids(app)
    with app.extensions["sessions"]() as session:
        nurse = clinic.practitioner(session, "nurse-brook").id
        moving = session.scalars(select(Appointment.id).order_by(Appointment.starts_at.desc())).first()
        patient = clinic.patient(session, "tom").id
    paths = [
        "/plans",
        *(f"/plans/{each}" for each in ids.values()),
        f"/plans/by-hand?patient={patient}",
        "/board",
    ]
    paths += [f"/practitioners/{nurse}/day", f"/practitioners/{nurse}/week", f"/appointments/{moving}/move"]
    for path in paths:
        page = window.go(path)
        for details in page.query_selector_all("main details"):
            details.evaluate("each => { each.open = true; }")
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    page = window.go(patient_link(app))
    assert violations(page) == []
    give_birth_date(page)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert window.trouble == []
    window.context.close()


def test_a_plan_is_searched_and_booked_by_keyboard(app: Flask, browser: Any, address: str):
    window = Window(browser, address, viewport=size(1440))
    window.sign_in()
    page = window.go(f"/plans/{plan_ids(app)['approved']}")
    page.focus("#find button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#found:focus")
    assert page.locator(".way").count() >= 1
    page.get_by_role("button", name="Book all").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".timeline")
    assert "appointments are booked." in page.inner_text(".flash")
    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_load_state()
    assert window.trouble == []
    window.context.close()


def test_the_board_is_one_stop_for_tab_and_arrows_lead_on(browser: Any, address: str):
    window = Window(browser, address, viewport=size(1440))
    window.sign_in()
    page = window.go("/board")
    assert page.locator(".bar-box[tabindex='0']").count() == 1
    page.locator(".bar-box[tabindex='0']").focus()
    first = page.inner_text("#said")
    assert "Tom Hill" in first
    page.keyboard.press("ArrowDown")
    assert page.inner_text("#said") != first
    assert page.locator(".bar-box[tabindex='0']").count() == 1
    assert page.locator(".bar-box.sister").count() > 1
    page.keyboard.press("Enter")
    page.wait_for_url("**/plans/*#appointment-*")
    window.context.close()


def test_patients_need_no_script_no_wide_screen_and_no_fine_finger(app: Flask, browser: Any, address: str):
    window = Window(browser, address, viewport=size(320), java_script_enabled=False)
    page = window.go(patient_link(app))
    give_birth_date(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.locator("summary", has_text="Ask for another time").first.click()
    for target in page.locator("main button, main summary, main a").all():
        if target.is_visible():
            assert target.bounding_box()["height"] >= SMALLEST_TARGET, target.inner_text()
    page.get_by_role("button", name="Yes, I will come").first.click()
    assert "Thank you" in page.inner_text(".flash")
    window.context.close()


def test_a_hall_copy_is_one_page_and_the_board_prints_every_row(app: Flask, browser: Any, address: str):
    window = Window(browser, address, viewport=size(1440))
    window.sign_in()
    with app.extensions["sessions"]() as session:
        nurse = clinic.practitioner(session, "nurse-brook").id
        rooms = session.scalars(select(Resource.name).where(Resource.kind == ResourceKind.ROOM)).all()
    window.go(f"/practitioners/{nurse}/day?copy=hall")
    assert window.page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    page = window.go("/board")
    page.emulate_media(media="print")
    below = "document.querySelector('.board').getBoundingClientRect().bottom + 1"
    inside = f"each => each.getBoundingClientRect().bottom <= {below}"
    shown = [each.inner_text() for each in page.locator(".board-name").all() if each.evaluate(inside)]
    assert {name for name in rooms if name.endswith((" N", " N 1", " N 2", "step-free"))} <= set(shown)
    window.context.close()

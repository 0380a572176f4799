"""A plan from draft to appointments, and who may do what on the way."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from coordinator import times
from coordinator.models import (
    Account,
    Appointment,
    AppointmentState,
    AuditLine,
    PlanState,
    Role,
    TreatmentPlan,
)
from tests.services import a_pain_clinic as clinic

from .an_app import an_app, signed_in, token_on

PROBE = '"><script>alert(1)</script>'


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "now", lambda: clinic.NOW)


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    made = an_app(sqlite_files.migrated(), tmp_path, COORDINATOR_NOTICE_DELAY_SECONDS="600")
    made.extensions["sessions"].configure(info={"now": clinic.NOW})
    with made.extensions["sessions"]() as session:
        clinic.set_up(session)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed_in(app)


def drafted(app: Flask, key: str = "rosa") -> TreatmentPlan:
    with app.extensions["sessions"]() as session:
        return clinic.a_draft(session, key)


def id_of(app: Flask, key: str) -> int:
    with app.extensions["sessions"]() as session:
        return clinic.practitioner(session, key).id


def plan_of(app: Flask, plan_id: int) -> TreatmentPlan:
    with app.extensions["sessions"]() as session:
        return session.get_one(TreatmentPlan, plan_id)


def appointments(app: Flask, state: AppointmentState = AppointmentState.BOOKED) -> list[Appointment]:
    with app.extensions["sessions"]() as session:
        query = select(Appointment).where(Appointment.state == state).order_by(Appointment.starts_at)
        return list(session.scalars(query))


def send(client: FlaskClient, to: str, /, **form: Any) -> Any:
    return client.post(to, data={**form, "csrf_token": token_on(client.get("/plans").text)})


def hidden(page: str, action: str) -> dict[str, str]:
    """What the first form to an address sends along."""
    form = page[page.index(f'action="{action}"') :]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[: form.index("</form>")]))


def practitioner_client(app: Flask, key: str) -> FlaskClient:
    client = signed_in(app, Role.PRACTITIONER)
    with app.extensions["sessions"]() as session:
        account = session.scalars(select(Account).where(Account.role == Role.PRACTITIONER)).one()
        account.practitioner_id = clinic.practitioner(session, key).id
        session.commit()
    return client


def searched(app: Flask, client: FlaskClient, key: str = "rosa") -> int:
    plan = drafted(app, key)
    send(client, f"/plans/{plan.id}/approve", version=plan.version, practitioner_id=id_of(app, "dr-vale"))
    assert send(client, f"/plans/{plan.id}/search").status_code == 303
    return plan.id


def test_from_draft_to_booked_appointments_and_back(app: Flask, client: FlaskClient):
    plan = drafted(app)
    page = client.get(f"/plans/{plan.id}").text
    assert "A physician approves this plan first" in page
    assert "Find times" not in page
    send(client, f"/plans/{plan.id}/approve", version=plan.version, practitioner_id=id_of(app, "dr-vale"))
    assert "Find times" in client.get(f"/plans/{plan.id}").text
    assert send(client, f"/plans/{plan.id}/search").location.endswith("#found")
    page = client.get(f"/plans/{plan.id}").text
    assert "North, done" in page
    book = f"/plans/{plan.id}/book"
    answer = client.post(book, data=hidden(page, book))
    assert answer.status_code == 303
    page = client.get(f"/plans/{plan.id}").text
    assert "7 appointments are booked." in page
    assert "1 task has its day." in page
    assert "It can be undone until 03:10" in page
    assert len(appointments(app)) == 8
    cancel = f"/plans/{plan.id}/cancel"
    client.post(cancel, data=hidden(page, cancel))
    assert plan_of(app, plan.id).state is PlanState.CANCELLED
    assert not appointments(app)


def test_the_same_form_sent_twice_books_once(app: Flask, client: FlaskClient):
    plan_id = searched(app, client)
    book = f"/plans/{plan_id}/book"
    form = hidden(client.get(f"/plans/{plan_id}").text, book)
    assert [client.post(book, data=form).status_code for _ in range(2)] == [303, 303]
    assert len(appointments(app)) == 8


def test_who_comes_second_is_told_and_can_search_again(app: Flask, client: FlaskClient):
    first, second = (searched(app, client, key) for key in ("rosa", "tom"))
    forms = {
        each: hidden(client.get(f"/plans/{each}").text, f"/plans/{each}/book") for each in (first, second)
    }
    assert client.post(f"/plans/{first}/book", data=forms[first]).status_code == 303
    answer = client.post(f"/plans/{second}/book", data=forms[second])
    assert answer.status_code == 409
    assert f'action="/plans/{second}/search"' in answer.text
    assert plan_of(app, second).state is PlanState.APPROVED


def test_an_old_page_changes_nothing(app: Flask, client: FlaskClient):
    plan = drafted(app)
    answer = send(client, f"/plans/{plan.id}/leave-out", step="imaging", out="1", version=plan.version + 3)
    assert answer.status_code == 409
    assert send(client, f"/plans/{plan.id}/leave-out", step="imaging", out="1", version="").status_code == 404


def test_a_step_is_left_out_and_taken_in_again(app: Flask, client: FlaskClient):
    plan = drafted(app)
    send(client, f"/plans/{plan.id}/leave-out", step="imaging", out="1", version=plan.version)
    page = client.get(f"/plans/{plan.id}").text
    assert "A coordinator left it out." in page
    version = plan_of(app, plan.id).version
    send(client, f"/plans/{plan.id}/leave-out", step="imaging", out="0", version=version)
    assert "A coordinator left it out." not in client.get(f"/plans/{plan.id}").text


def test_one_appointment_is_moved_and_another_cancelled(app: Flask, client: FlaskClient):
    plan_id = searched(app, client)
    book = f"/plans/{plan_id}/book"
    client.post(book, data=hidden(client.get(f"/plans/{plan_id}").text, book))
    last = appointments(app)[-1]
    to = f"/appointments/{last.id}/move"
    page = client.get(to).text
    times_ = re.findall(r'name="starts_at" value="([^"]+)"', page)
    assert times_
    moved = client.post(to, data={**hidden(page, to), "starts_at": times_[0]})
    assert moved.location.endswith(f"/plans/{plan_id}#appointment-{last.id}")
    assert appointments(app)[-1].starts_at == datetime.fromisoformat(times_[0])
    stale = client.post(to, data={**hidden(page, to), "starts_at": times_[-1]})
    assert stale.status_code == 409
    assert f"/appointments/{last.id}/move" in stale.text
    cancel = f"/appointments/{last.id}/cancel"
    send(client, cancel, version=appointments(app)[-1].version, why="moved away")
    assert [each.id for each in appointments(app, AppointmentState.CANCELLED)] == [last.id]


def test_what_cannot_be_is_told_in_words(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        clinic.patient(session, "tom").can_come = {"sun": ["08:00-09:00"]}
        session.commit()
    page = client.get(f"/plans/{searched(app, client, 'tom')}").text
    assert "This plan cannot be booked as it is" in page
    assert "Book all" not in page


def test_a_physician_approves_as_themselves(app: Flask):
    plan = drafted(app)
    client = practitioner_client(app, "dr-vale")
    page = client.get(f"/plans/{plan.id}").text
    assert "Approve this plan" in page
    approve = f"/plans/{plan.id}/approve"
    client.post(approve, data={**hidden(page, approve), "practitioner_id": id_of(app, "nurse-brook")})
    assert plan_of(app, plan.id).approved_by_id == id_of(app, "dr-vale")


def test_who_treats_nobody_of_a_plan_neither_sees_nor_changes_it(app: Flask):
    plan = drafted(app)
    client = practitioner_client(app, "nurse-brook")
    assert client.get(f"/plans/{plan.id}").status_code == 404
    assert f"/plans/{plan.id}" not in client.get("/plans").text
    for deed in ("search", "book", "hold", "cancel", "leave-out"):
        assert send(client, f"/plans/{plan.id}/{deed}", version=plan.version).status_code == 403
    assert send(client, f"/plans/{plan.id}/approve", version=plan.version).status_code == 422
    assert client.get("/plans/by-hand").status_code == 403
    assert plan_of(app, plan.id).state is PlanState.DRAFT


@pytest.mark.parametrize(
    "path",
    ["/plans", "/plans/1", "/board", "/my/day", "/my/week", "/practitioners/1/day", "/appointments/1/move"],
)
def test_nothing_opens_without_signing_in(app: Flask, path: str):
    answer = app.test_client().get(path)
    assert answer.status_code == 302
    assert "/sign-in" in answer.location


def test_a_plan_by_hand_with_a_script_for_a_title(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        patient_id = clinic.patient(session, "tom").id
    page = client.get(f"/plans/by-hand?patient={patient_id}&therapy=consult&title={PROBE}").text
    assert "<script>alert" not in page
    form = {"patient": patient_id, "title": PROBE, "therapy": ["consult", "", "physio"]}
    answer = send(client, "/plans/by-hand", **form)
    page = client.get(answer.location).text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "Physiotherapy" in page
    assert send(client, "/plans/by-hand", patient=patient_id, title=" ", therapy="consult").status_code == 422


@pytest.mark.parametrize("query", ["", "?state=draft", "?state=nonsense&page=-1", "?page=999999999999999999"])
def test_the_list_takes_any_address(app: Flask, client: FlaskClient, query: str):
    drafted(app)
    assert "Injection with exercise" in client.get(f"/plans{query}").text


def test_what_is_not_there_is_not_found(app: Flask, client: FlaskClient):
    for path in ("/plans/4711", "/plans/99999999999999999999", "/appointments/4711/move", "/plans/by-hand"):
        assert client.get(path).status_code == 404
    assert send(client, "/plans/4711/search").status_code == 404
    assert send(client, f"/plans/{drafted(app).id}/book", proposal_id="x", version=1).status_code == 404


def test_every_look_is_written_down(app: Flask, client: FlaskClient):
    plan = drafted(app)
    client.get(f"/plans/{plan.id}")
    with app.extensions["sessions"]() as session:
        count = select(func.count()).where(AuditLine.deed == "look", AuditLine.subject == "plan")
        assert session.scalar(count.where(AuditLine.subject_id == plan.id)) == 1


def test_a_person_can_be_wished_for(app: Flask, client: FlaskClient):
    plan = drafted(app)
    to = f"/plans/{plan.id}/prefer"
    step = hidden(client.get(f"/plans/{plan.id}").text, to)["step"]
    send(client, to, step=step, practitioner_id=id_of(app, "dr-vale"), version=plan.version)
    page = client.get(f"/plans/{plan.id}").text
    assert "The wish is noted" in page
    assert "if possible with Ana Vale" in page
    send(client, to, step=step, practitioner_id="", version=plan_of(app, plan.id).version)
    assert "if possible with" not in client.get(f"/plans/{plan.id}").text


def test_what_is_held_is_seen_and_can_be_let_go(app: Flask, client: FlaskClient):
    plan_id = searched(app, client)
    hold, let_go = f"/plans/{plan_id}/hold", f"/plans/{plan_id}/let-go"
    page = client.get(f"/plans/{plan_id}").text
    assert let_go not in page
    client.post(hold, data=hidden(page, hold))
    page = client.get(f"/plans/{plan_id}").text
    assert "held until" in page
    assert let_go in page
    send(client, let_go)
    assert "held until" not in client.get(f"/plans/{plan_id}").text


def test_a_physician_sees_in_the_header_what_waits(app: Flask):
    drafted(app)
    physician = practitioner_client(app, "dr-vale")
    assert 'class="count"' in physician.get("/plans").text

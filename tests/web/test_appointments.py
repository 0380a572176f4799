"""Moving knowingly, swapping, shifting and undoing by the pages' forms."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from coordinator.models import Appointment, PlanState, PlanStep, TreatmentPlan
from tests.services import a_pain_clinic as clinic

from .an_app import signed_in
from .test_plans import hidden, send


@pytest.fixture
def client(booked_app: Flask) -> FlaskClient:
    return signed_in(booked_app)


def plan_id(app: Flask) -> int:
    with app.extensions["sessions"]() as session:
        return session.scalars(select(TreatmentPlan.id)).one()


def state_of(app: Flask) -> PlanState:
    with app.extensions["sessions"]() as session:
        return session.scalars(select(TreatmentPlan.state)).one()


def visit(app: Flask, key: str) -> Appointment:
    with app.extensions["sessions"]() as session:
        query = select(Appointment).join(PlanStep, PlanStep.id == Appointment.step_id)
        return session.scalars(query.where(PlanStep.key == key)).one()


def at(appointment: Appointment, days: int) -> dict[str, str]:
    """The same time some days later, as it is typed by New York's clocks in winter."""
    wall = appointment.starts_at - timedelta(hours=5) + timedelta(days=days)
    return {"day": f"{wall:%Y-%m-%d}", "time": f"{wall:%H:%M}"}


def test_what_a_move_breaks_is_shown_first_and_stays_on_the_plan(
    booked_app: Flask, client: FlaskClient
) -> None:
    third = visit(booked_app, "physio-3")
    move = f"/appointments/{third.id}/move"
    assert "Another time" in client.get(move).text
    asked = client.post(move, data=hidden(client.get(move).text, move) | at(third, 14))
    assert asked.status_code == 422
    assert "the plan asks for at most 7 days" in asked.text
    assert visit(booked_app, "physio-3").starts_at == third.starts_at
    done = client.post(move, data=hidden(asked.text, move))
    assert done.status_code == 303
    assert visit(booked_app, "physio-3").starts_at == third.starts_at + timedelta(days=14)
    page = client.get(f"/plans/{plan_id(booked_app)}").text
    assert "Not as the plan asks for" in page
    assert "the plan asks for at most 7 days" in page


def test_the_rest_follows_a_move_only_when_asked(booked_app: Flask, client: FlaskClient) -> None:
    number, second = plan_id(booked_app), visit(booked_app, "physio-2")
    move, find, book = (
        f"/appointments/{second.id}/move",
        f"/plans/{number}/rest",
        f"/plans/{number}/rest/book",
    )
    third = visit(booked_app, "physio-3").starts_at
    send(client, move, version=second.version, knowingly="1", **at(second, 21))
    page = client.get(f"/plans/{number}").text
    assert re.search(rf'name="staying" value="{second.id}" checked', page)
    assert book not in page
    assert client.post(find, data=hidden(page, find) | {"staying": second.id}).status_code == 303
    page = client.get(f"/plans/{number}").text
    assert visit(booked_app, "physio-3").starts_at == third
    assert client.post(book, data=hidden(page, book)).status_code == 303
    assert visit(booked_app, "physio-3").starts_at > third
    assert "Not as the plan asks for" not in client.get(f"/plans/{number}").text


def test_a_plan_is_shifted_and_the_shift_undone(booked_app: Flask, client: FlaskClient) -> None:
    number, before = plan_id(booked_app), visit(booked_app, "consult").starts_at
    shift, undo = f"/plans/{number}/shift", f"/plans/{number}/undo"
    form = hidden(client.get(f"/plans/{number}").text, shift)
    asked = {"amount": "7", "unit": "days", "way": "later"}
    assert client.post(shift, data=form | asked).status_code == 303
    assert visit(booked_app, "consult").starts_at == before + timedelta(days=7)
    assert client.post(shift, data=form | asked | {"key": "other"}).status_code == 409
    page = client.get(f"/plans/{number}").text
    assert re.search(r"Moved\.</strong> It can be undone until 03:10", page)
    assert client.post(undo, data=hidden(page, undo)).status_code == 303
    assert visit(booked_app, "consult").starts_at == before
    assert client.post(undo, data=hidden(page, undo) | {"key": "again"}).status_code == 409


def test_a_booking_is_undone_to_an_approved_plan(booked_app: Flask, client: FlaskClient) -> None:
    number = plan_id(booked_app)
    undo = f"/plans/{number}/undo"
    page = client.get(f"/plans/{number}").text
    assert "Booked.</strong>" in page
    assert client.post(undo, data=hidden(page, undo)).status_code == 303
    assert state_of(booked_app) is PlanState.APPROVED
    page = client.get(f"/plans/{number}").text
    assert "It is undone" in page
    assert f'action="/plans/{number}/book"' in page


def test_freed_time_can_be_given_away(booked_app: Flask, client: FlaskClient) -> None:
    number = plan_id(booked_app)
    cancel, give = f"/plans/{number}/cancel", f"/plans/{number}/give-away"
    client.post(cancel, data=hidden(client.get(f"/plans/{number}").text, cancel))
    page = client.get(f"/plans/{number}").text
    assert "Its time is kept until then." in page
    assert client.post(give, data=hidden(page, give)).status_code == 303
    assert "Its time is kept" not in client.get(f"/plans/{number}").text
    assert state_of(booked_app) is PlanState.CANCELLED


def test_two_patients_are_swapped_by_the_form(booked_app: Flask, client: FlaskClient) -> None:
    rosa = visit(booked_app, "physio-3")
    with booked_app.extensions["sessions"]() as session:
        session.info["now"] = clinic.NOW
        toms = clinic.booked(session, "tom", locations=["north"])
        tom = next(each for each in toms if each.step.key == "physio-3")
        ids, versions, starts = (rosa.id, tom.id), tom.version, (rosa.starts_at, tom.starts_at)
    move, swap = f"/appointments/{ids[0]}/move", f"/appointments/{ids[0]}/swap"
    page = client.get(move).text
    assert "Tom Hill" in page
    form = hidden(page, swap) | {"other": f"{ids[1]}.{versions}"}
    done = client.post(swap, data=form)
    if done.status_code == 422:  # a link or the series' person, which may be broken knowingly
        done = client.post(swap, data=hidden(done.text, swap))
    assert done.status_code == 303
    with booked_app.extensions["sessions"]() as session:
        assert tuple(session.get_one(Appointment, each).starts_at for each in ids) == starts[::-1]


@pytest.mark.parametrize("form", [{"day": "2026-12-01", "time": "25:61"}, {"day": "soon"}, {}])
def test_times_that_are_none_are_refused(
    booked_app: Flask, client: FlaskClient, form: dict[str, str]
) -> None:
    third = visit(booked_app, "physio-3")
    move = f"/appointments/{third.id}/move"
    assert send(client, move, version=third.version, **form).status_code == 422

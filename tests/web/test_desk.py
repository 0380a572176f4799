"""The desk: what waits is shown with its next action, and goes when it is done."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import Answer, Channel, Notice, NoticeState, Reply, Role
from coordinator.services import answers, desk
from coordinator.services.trail import PATIENT
from tests.services import a_pain_clinic

from .an_app import an_app, signed_in, token_on


@pytest.fixture
def app(sqlite_files: Any, tmp_path: Path) -> Flask:
    made = an_app(sqlite_files.migrated(), tmp_path)
    with made.extensions["sessions"]() as session:
        a_pain_clinic.set_up(session)
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return signed_in(app)


def a_call(session: Session) -> int:
    """A booked plan of somebody who has only a phone, with its call already due."""
    a_pain_clinic.booked(session, "tom")
    call = session.scalars(select(Notice).where(Notice.channel == Channel.CALL)).one()
    call.due_at -= timedelta(days=365)
    session.commit()
    return call.id


def send(client: FlaskClient, address: str) -> str:
    answer = client.post(address, data={"csrf_token": token_on(client.get("/desk").text)})
    assert answer.location == "/desk"
    return client.get("/desk").text


def test_an_empty_desk_says_what_to_do_next(client: FlaskClient):
    page = client.get("/desk").text
    assert "Nothing needs you right now." in page
    assert 'href="/patients"' in page


def test_plans_wait_for_approval_and_then_for_times(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        plan = a_pain_clinic.a_draft(session)
        assert "Plans to approve" in client.get("/desk").text
        a_pain_clinic.approved(session, plan)
    page = client.get("/desk").text
    assert "Plans to approve" not in page
    assert "Plans to book" in page
    assert f'href="/plans/{plan.id}"' in page


def test_a_no_waits_until_it_is_settled(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        first = a_pain_clinic.booked(session)[0]
        answers.answer(
            session,
            first.uid,
            reply=Reply.NO,
            comment="<b>ill</b>",
            door="link",
            by=PATIENT,
            now=a_pain_clinic.NOW,
        )
        number = session.scalars(select(Answer.id)).one()
    page = client.get("/desk").text
    assert "cannot come" in page
    assert "&lt;b&gt;ill" in page
    assert "cannot come" not in send(client, f"/desk/answers/{number}/settle")


def test_a_call_is_done_and_a_dead_mail_tried_again_or_dropped(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        call = a_call(session)
        a_pain_clinic.booked(session, "rosa")
        mails = session.scalars(select(Notice).where(Notice.channel == Channel.MAIL)).all()[:2]
        for mail in mails:
            mail.state, mail.problem = NoticeState.DEAD, "550 <b>unknown</b>"
        session.commit()
        again, never = (mail.id for mail in mails)
    page = client.get("/desk").text
    assert "Calls and letters" in page
    assert "550 &lt;b&gt;unknown" in page
    assert "Calls and letters" not in send(client, f"/desk/notices/{call}/done")
    send(client, f"/desk/notices/{again}/retry")
    assert "did not get through" not in send(client, f"/desk/notices/{never}/drop")
    with app.extensions["sessions"]() as session:
        states = [session.get_one(Notice, number).state for number in (call, again, never)]
    assert states == [NoticeState.SENT, NoticeState.WAITING, NoticeState.DROPPED]


def test_an_administrator_tries_all_dead_mails_again(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        a_pain_clinic.booked(session, "rosa")
        mails = session.scalars(select(Notice).where(Notice.channel == Channel.MAIL)).all()[:2]
        for mail in mails:
            mail.state = NoticeState.DEAD
        session.commit()
    assert "Try all again" not in client.get("/desk").text
    token = token_on(client.get("/desk").text)
    assert client.post("/desk/notices/retry-all", data={"csrf_token": token}).status_code == 403
    administrator = signed_in(app, Role.ADMINISTRATOR)
    assert "Try all again" in administrator.get("/desk").text
    assert "2 messages are tried again" in send(administrator, "/desk/notices/retry-all")
    assert "did not get through" not in administrator.get("/desk").text


def test_what_another_did_meanwhile_is_said(app: Flask, client: FlaskClient):
    with app.extensions["sessions"]() as session:
        call = a_call(session)
    send(client, f"/desk/notices/{call}/done")
    token = token_on(client.get("/desk").text)
    assert client.post(f"/desk/notices/{call}/done", data={"csrf_token": token}).status_code == 409


def test_the_header_counts_what_waits_on_every_page(app: Flask, client: FlaskClient):
    assert 'class="count"' not in client.get("/patients").text
    with app.extensions["sessions"]() as session:
        a_call(session)
        a_pain_clinic.a_draft(session)
        assert desk.count(session) == desk.desk(session).total == 2
    assert re.search(r'class="count">.*?</span>2</span>', client.get("/patients").text)

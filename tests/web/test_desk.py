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

from coordinator.models import Answer, Channel, IncomingMail, Notice, NoticeKind, NoticeState, Reply, Role
from coordinator.services import answers, desk, receiving
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


def a_mail(session: Session, uid: str, *, sender: str, partstat: str, proposed: str = "") -> None:
    calendar = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REPLY\nBEGIN:VEVENT\n"
        f"UID:{uid}@clinic.example\nDTSTAMP:20261124T080000Z\nDTSTART:20261210T140000Z\nSEQUENCE:0\n"
        f"ATTENDEE;PARTSTAT={partstat}{proposed}:mailto:{sender}\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    head = f"From: {sender}\nTo: desk@clinic.example\nMessage-ID: <{partstat}{len(proposed)}@x.example>\n"
    octets = f"{head}Content-Type: text/calendar; method=REPLY\n\n{calendar}".encode()
    receiving.receive(session, octets, now=a_pain_clinic.NOW)


def test_a_mail_that_a_person_has_to_read_is_shown_and_settled(app: Flask, client: FlaskClient) -> None:
    with app.extensions["sessions"]() as session:
        visit = a_pain_clinic.booked(session)[-1]
        a_mail(session, visit.uid, sender="mallory@elsewhere.example", partstat="DECLINED")
        mail_id = session.scalars(select(IncomingMail.id)).one()
    shown = client.get("/desk").text
    assert "Mails to read" in shown
    assert "an answer from an address that we did not write to" in shown
    assert "mallory@elsewhere.example" in shown
    assert "Mails to read" not in send(client, f"/desk/mails/{mail_id}/settle")


def test_a_proposed_time_is_shown_and_offered_to_move_to(app: Flask, client: FlaskClient) -> None:
    with app.extensions["sessions"]() as session:
        visit = a_pain_clinic.booked(session)[-1]
        email = visit.patient.email
        assert email
        proposal = ";TO-ALL-PROPOSED-NEW-TIME=20270112T100000Z"
        a_mail(session, visit.uid, sender=email, partstat="DECLINED", proposed=proposal)
    shown = client.get("/desk").text
    assert "Proposes: Tuesday 12 January 2027 at" in shown
    address = re.search(r"/appointments/\d+/move\?answer=\d+", shown)
    assert address
    assert "The patient proposes Tuesday 12 January 2027 at" in (page := client.get(address[0]).text)
    assert 'value="2027-01-12"' in page
    declined = re.search(r'action="(/desk/answers/\d+/decline)"', shown)
    assert declined
    assert "Proposes:" not in send(client, declined[1])
    with app.extensions["sessions"]() as session:
        (letter,) = session.scalars(select(Notice).where(Notice.kind == NoticeKind.DECLINED))
        assert (letter.appointment_id, letter.address) == (visit.id, email)

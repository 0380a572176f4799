"""What Prometheus reads: figures of routes and of what stands open, for the right eyes, of no person."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text, update

from coordinator.database import clock
from coordinator.models import Channel, Notice, NoticeState, Search
from coordinator.services import heartbeats, holding
from coordinator.services.trail import COMMAND
from tests.services import a_pain_clinic as clinic

from .an_app import an_app, signed_in, token_on

SAMPLE = tuple[str, frozenset[tuple[str, str]]]


@pytest.fixture
def app(booked_app: Flask) -> Flask:
    return booked_app


def read(client: FlaskClient) -> dict[SAMPLE, float]:
    """All samples by name and labels."""
    families = text_string_to_metric_families(client.get("/metrics").text)
    return {
        (each.name, frozenset(each.labels.items())): each.value
        for family in families
        for each in family.samples
    }


def value(found: dict[SAMPLE, float], name: str, **labels: str) -> float | None:
    return found.get((f"coordinator_{name}", frozenset(labels.items())))


def test_only_this_machine_may_read_unless_there_is_a_token(app: Flask):
    client = app.test_client()
    assert client.get("/metrics").status_code == 200
    for outside in ({"REMOTE_ADDR": "192.0.2.7"}, {"REMOTE_ADDR": ""}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}):
        assert client.get("/metrics", environ_overrides=outside).status_code == 404, outside


def test_with_a_token_only_who_shows_it_may_read(sqlite_files: Any, tmp_path: Path):
    client = an_app(sqlite_files.migrated(), tmp_path, COORDINATOR_METRICS_TOKEN="sesame").test_client()
    shown = {"": 404, "Bearer other": 404, "Basic c2VzYW1lOg==": 404, "Bearer sesame": 200}
    for given, status in shown.items():
        headers = {"Authorization": given} if given else {}
        answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
        assert answer.status_code == status, given


def test_requests_are_counted_by_route_and_what_is_typed_makes_no_label(app: Flask):
    client = app.test_client()
    for path in ("/patients/4711", "/patients/4712", "/a/some-key", "/nowhere/4713"):
        client.get(path)
    client.open("/sign-in", method="BREW")
    found = read(client)
    asked = {"method": "GET", "route": "/patients/<int:patient_id>", "status": "302"}
    assert value(found, "requests_total", **asked) == 2
    assert value(found, "requests_total", method="GET", route="none", status="404") == 1
    assert value(found, "requests_total", method="other", route="none", status="405") == 1
    assert value(found, "request_seconds_count", route="/patients/<int:patient_id>") == 2
    labels = " ".join(text for _, labels in found for _, text in labels)
    assert not re.search(r"471\d|some-key|BREW", labels)


def approved(app: Flask, key: str) -> Search:
    with app.extensions["sessions"]() as session:
        return clinic.found(session, clinic.approved(session, clinic.a_draft(session, key)))


def test_bookings_and_lost_races_are_counted_and_searches_timed(app: Flask):
    client, search = signed_in(app), approved(app, "tom")
    plan_id, version = search.plan_id, search.plan_version
    form = {"proposal_id": search.proposals[0].id, "csrf_token": token_on(client.get("/plans").text)}
    client.post(f"/plans/{plan_id}/search", data={"csrf_token": form["csrf_token"]})
    for sent in (version + 1, version):
        client.post(f"/plans/{plan_id}/book", data=form | {"version": sent})
    found = read(client)
    assert value(found, "bookings_total", outcome="conflict") == 1
    assert value(found, "bookings_total", outcome="booked") == 1
    assert value(found, "search_seconds_count") == 1


def test_what_stands_open_is_counted_in_the_database(app: Flask):
    search = approved(app, "tom")
    with app.extensions["sessions"]() as session:
        holding.hold(session, search.proposals[0].id, version=search.plan_version, by=COMMAND, now=clinic.NOW)
        heartbeats.beat(session, "a worker")
        mails = list(session.query(Notice).where(Notice.channel == Channel.MAIL))
        now: datetime = clock(session)
        session.execute(update(Notice).values(state=NoticeState.SENT))
        for mail, state, minutes in (
            (mails[0], NoticeState.WAITING, -10),
            (mails[1], NoticeState.WAITING, +10),
            (mails[2], NoticeState.DEAD, -60),
        ):
            moved = update(Notice).where(Notice.id == mail.id)
            session.execute(moved.values(state=state, due_at=now + timedelta(minutes=minutes)))
        session.commit()
    found = read(app.test_client())
    assert value(found, "database_up") == 1
    assert value(found, "notices", state="waiting", channel="mail") == 2
    assert value(found, "notices", state="dead", channel="mail") == 1
    assert value(found, "notices", state="waiting", channel="letter") == 0
    assert 600 <= (value(found, "overdue_seconds") or 0) < 660
    assert value(found, "holds") == 1
    assert 0 <= (value(found, "worker_silence_seconds") or 0) < 60
    assert value(found, "database_connections", state="in use") == 0


def test_no_person_is_in_it(app: Flask):
    client = signed_in(app)
    client.get("/patients?q=rosa")
    with app.extensions["sessions"]() as session:
        known = clinic.patient(session, "rosa")
    page = client.get("/metrics").text
    for told in (known.name, known.email, known.link_key, "rosa", "coordinator@clinic.example"):
        assert told
        assert told not in page


def test_without_a_database_it_still_answers(app: Flask):
    with app.extensions["engine"].begin() as connection:
        connection.execute(text("DROP TRIGGER claim_no_overlap_insert"))
    found = read(app.test_client())
    assert value(found, "database_up") == 0
    assert value(found, "holds") is None

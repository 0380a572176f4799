"""What pages say of gaps, costs, needs and notices."""

from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from coordinator.errors import NotFound, Refusal
from coordinator.models import Channel, Notice, NoticeKind, NoticeState, Reply
from coordinator.services.plan_steps import Gap
from coordinator.web import forms, phrases

from .an_app import an_app


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return an_app(f"sqlite:///{tmp_path / 'none.db'}", tmp_path)


def a_gap(
    days: tuple[int | None, int | None] = (None, None), minutes: tuple[int | None, int | None] = (None, None)
) -> Gap:
    return Gap(
        before={"en": "First"},
        min_days=days[0],
        max_days=days[1],
        min_minutes=minutes[0],
        max_minutes=minutes[1],
        gate=None,
    )


@pytest.mark.parametrize(
    ("gap", "words"),
    [
        (a_gap(), ""),
        (a_gap((0, None)), ""),
        (a_gap((0, 0)), "the same day"),
        (a_gap((1, 14)), "1 to 14 days later"),
        (a_gap((0, 1)), "within 1 day"),
        (a_gap((7, None)), "at least 7 days later"),
        (a_gap((14, 14)), "14 days later"),
        (a_gap(minutes=(2880, None)), "at least 48 hours later"),
        (a_gap(minutes=(0, 60)), "within 60 minutes"),
        (a_gap(minutes=(45, 120)), "45 minutes to 2 hours later"),
    ],
)
def test_gaps(app: Flask, gap: Gap, words: str):
    with app.test_request_context("/"):
        assert phrases.gap(gap) == words


def test_what_an_alternative_is_better_and_worse_in(app: Flask):
    with app.test_request_context("/"):
        assert phrases.better("finish_day", 1) == "1 day sooner"
        assert phrases.worse("visit_day", 2) == "2 trips more"
        assert phrases.worse("something new", 2) == "something new"
        assert phrases.merits({"wait_minute": 0, "preference": 1}) == ["no waiting between steps"]


def test_needs(app: Flask):
    with app.test_request_context("/", headers={"Accept-Language": "es"}):
        assert "español" in phrases.need("interpreter:es")
    with app.test_request_context("/"):
        assert phrases.need("interpreter:es") == "interpreter (Spanish)"
        assert phrases.need("interpreter:??") == "interpreter (??)"
        assert phrases.need("step-free") == "step-free"


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ([], ""),
        ([(NoticeKind.INVITE, NoticeState.SENT, 0, Channel.MAIL)], "told"),
        (
            [
                (NoticeKind.INVITE, NoticeState.SENT, 0, Channel.MAIL),
                (NoticeKind.UPDATE, NoticeState.WAITING, 1, Channel.MAIL),
            ],
            "invite waits",
        ),
        ([(NoticeKind.INVITE, NoticeState.DEAD, 0, Channel.MAIL)], "not delivered"),
        ([(NoticeKind.INVITE, NoticeState.WAITING, 0, Channel.CALL)], "to be told by hand"),
        ([(NoticeKind.REMINDER, NoticeState.SENT, 0, Channel.MAIL)], ""),
    ],
)
def test_how_far_a_notice_is(app: Flask, rows: list[tuple[object, ...]], word: str):
    notices = [Notice(kind=kind, state=state, sequence=seq, channel=way) for kind, state, seq, way in rows]
    with app.test_request_context("/"):
        assert phrases.telling(notices)[0] == word


def test_a_discipline_has_one_colour_and_none_has_none():
    assert phrases.colour("physiotherapy") == phrases.colour("Physiotherapy") == "d4"
    assert phrases.colour("interventional pain medicine") == "d3"
    assert phrases.colour("") == "d0"
    assert phrases.colour("magic") in {f"d{n}" for n in range(1, 7)}


@pytest.mark.parametrize("text", ["", None, "-1", "1.5", "x", "٣", "99999999999", str(2**31)])
def test_what_is_no_number_is_not_found(text: str | None):
    with pytest.raises(NotFound):
        forms.number(text)
    assert forms.number(text, 7) == 7


@pytest.mark.parametrize("text", ["", None, "tomorrow", "2026-11-23T08:00", "0001-01-01T00:00+00:00"])
def test_what_is_no_instant_is_refused(text: str | None):
    with pytest.raises(Refusal):
        forms.instant(text)


def test_instants_and_choices_are_read():
    assert forms.instant("2026-11-23T08:00:00+01:00") == datetime.fromisoformat("2026-11-23T07:00+00:00")
    assert forms.one_of(Reply, "yes") is Reply.YES
    assert forms.one_of(Reply, "perhaps") is None

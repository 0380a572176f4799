"""Delivery to a real server that refuses, hangs, cuts off or crashes with us: nothing is lost, nobody held up."""

import asyncio
import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from benchmarks.reliability.databases import free_port
from coordinator.models import Notice, NoticeState
from coordinator.notices import outbox
from coordinator.notices.post import SmtpPost
from coordinator.services import delivery, due
from coordinator.services.delivery import Delivery
from tests.notices.builders import DELAY, LETTERHEAD, NOW, a_booked_clinic, notices, sessions_at

DUE = NOW + timedelta(seconds=DELAY)
SOON = 30
"""Seconds after which a test gives up; one that works needs far less."""


class Unruly:
    """A server that does as the test says with the first mail of an appointment, and takes all others."""

    def __init__(self) -> None:
        self.does: dict[str, Callable[[Any], str]] = {}
        self.hanging = asyncio.Event()
        self.let_go: Callable[[], object] = lambda: None
        self.heard: list[str] = []
        self.another = threading.Semaphore(0)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        (name,) = re.findall(rb"^Message-ID: <(\S+)@", envelope.content, re.MULTILINE)
        uid = name.decode().partition(".")[0]
        answer = self.does.pop(uid, lambda _: "250 kept")(server)
        if answer == "hang":
            await self.hanging.wait()
            answer = "250 kept"
        if answer.startswith("250"):
            self.heard.append(name.decode())
            self.another.release()
        return answer

    def told(self) -> list[str]:
        """The appointments whose mails it took, in order."""
        return [name.partition(".")[0] for name in self.heard]


@pytest.fixture
def server() -> Iterator[tuple[Unruly, SmtpPost]]:
    port = free_port()
    unruly = Unruly()
    controller = Controller(unruly, hostname="127.0.0.1", port=port)
    controller.start()
    unruly.let_go = partial(controller.loop.call_soon_threadsafe, unruly.hanging.set)
    yield unruly, SmtpPost(host="127.0.0.1", port=port, timeout=SOON)
    unruly.let_go()
    controller.stop()


@pytest.fixture
def three(db: Session) -> None:
    """Three appointments whose invites are due, booked one by one: together they would have a letter as well."""
    made = a_booked_clinic(db)
    for n in (1, 2, 3):
        outbox.announce(db, [made.visit(n)], clinic=made.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()


def deliver(engine: Engine, post: Any, at: datetime = DUE) -> int:
    return Delivery(sessions_at(engine, at), post, LETTERHEAD).work_off()


def invites(db: Session) -> list[Notice]:
    return [one for one in notices(db) if one.due_at < DUE + timedelta(hours=1)]


@pytest.mark.parametrize("answer", ["421 busy", "450 busy", "451 greylisted, come again"])
def test_a_passing_refusal_holds_up_nobody_and_is_tried_again(
    engine: Engine, db: Session, three: None, server: tuple[Unruly, SmtpPost], answer: str
) -> None:
    unruly, post = server
    unruly.does["uid1"] = lambda _: answer
    deliver(engine, post)
    assert unruly.told() == ["uid2", "uid3"]
    put_off = invites(db)[0]
    assert (put_off.state, put_off.problem) == (NoticeState.WAITING, answer)
    deliver(engine, post, put_off.due_at)
    assert unruly.told() == ["uid2", "uid3", "uid1"]


def test_a_lasting_refusal_holds_up_nobody_and_waits_for_a_person(
    engine: Engine, db: Session, three: None, server: tuple[Unruly, SmtpPost]
) -> None:
    unruly, post = server
    unruly.does["uid1"] = lambda _: "550 no such person"
    deliver(engine, post)
    assert unruly.told() == ["uid2", "uid3"]
    assert [one.state for one in invites(db)] == [NoticeState.DEAD, NoticeState.SENT, NoticeState.SENT]


def test_a_connection_cut_after_the_data_brings_the_same_mail_again(
    engine: Engine, db: Session, three: None, server: tuple[Unruly, SmtpPost]
) -> None:
    unruly, post = server

    def take_and_cut(smtp: Any) -> str:
        unruly.heard.append("uid1.taken")
        smtp.transport.abort()
        return "450 never heard"

    unruly.does["uid1"] = take_and_cut
    deliver(engine, post)
    assert unruly.told() == ["uid1", "uid2", "uid3"]
    deliver(engine, post, invites(db)[0].due_at)
    assert unruly.told() == ["uid1", "uid2", "uid3", "uid1"]
    assert {one.state for one in invites(db)} == {NoticeState.SENT}


def test_a_mail_that_hangs_lets_the_others_pass_and_leaves_once(
    engine: Engine, db: Session, three: None, server: tuple[Unruly, SmtpPost], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PATIENCE_SECONDS", 0.05)
    unruly, post = server
    unruly.does["uid1"] = lambda _: "hang"
    working = threading.Thread(target=deliver, args=(engine, post))
    working.start()
    assert all(unruly.another.acquire(timeout=SOON) for _ in range(2))
    assert unruly.told() == ["uid2", "uid3"]
    unruly.let_go()
    working.join(SOON)
    assert unruly.told() == ["uid2", "uid3", "uid1"]
    assert {one.state for one in invites(db)} == {NoticeState.SENT}


def test_a_crash_after_the_servers_yes_brings_the_same_mail_once_more(
    engine: Engine, db: Session, three: None, server: tuple[Unruly, SmtpPost]
) -> None:
    unruly, post = server

    class Crashing:
        def send(self, message: Any) -> None:
            post.send(message)
            raise KeyboardInterrupt

        def hang_up(self) -> None:
            post.hang_up()

    with pytest.raises(KeyboardInterrupt):
        deliver(engine, Crashing())
    deliver(engine, post)
    assert unruly.told() == ["uid1", "uid2", "uid3"]
    deliver(engine, post, DUE + due.LEASE)
    assert unruly.told() == ["uid1", "uid2", "uid3", "uid1"]
    assert unruly.heard[0] == unruly.heard[-1]
    assert {one.state for one in invites(db)} == {NoticeState.SENT}

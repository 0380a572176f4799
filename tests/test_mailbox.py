"""The mailbox: a real IMAP server, of which every unread mail is taken in once."""

import imaplib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from coordinator import database, times, worker
from coordinator.mailbox import Mailbox, MailboxFailed
from coordinator.models import Appointment, IncomingMail, Outcome, Reply
from tests.notices.builders import LETTERHEAD, a_booked_clinic
from tests.services.test_receiving import answered, mail

SOON = 30


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A server of its own, with an empty box for one user."""
    port = free_port()
    pymap = [Path(sys.executable).with_name("pymap"), "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    user = ["dict", "--demo-data", "--demo-user", "desk", "--demo-password", "secret"]
    quiet = os.environ | {"PYTHONWARNINGS": "ignore"}
    running = subprocess.Popen(
        [*map(str, pymap), *user], env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    made = Mailbox(host="127.0.0.1", port=port, user="desk", password="secret", security="none")
    try:
        wait_for(port)
        made.work_off(lambda _: None)  # it begins with some mails of its own
        yield made
    finally:
        running.kill()
        running.wait()


def wait_for(port: int) -> None:
    for _ in range(SOON * 10):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError


def deliver(mailbox: Mailbox, *mails: bytes) -> None:
    with imaplib.IMAP4(mailbox.host, mailbox.port) as server:
        server.login(mailbox.user, mailbox.password)
        for octets in mails:
            assert server.append("INBOX", "", imaplib.Time2Internaldate(time.time()), octets)[0] == "OK"


def read(mailbox: Mailbox) -> list[bytes]:
    taken: list[bytes] = []
    mailbox.work_off(taken.append)
    return [octets.replace(b"\r\n", b"\n") for octets in taken]


def test_every_unread_mail_is_handed_over_once_as_it_is(mailbox: Mailbox) -> None:
    one, other = mail(answered()), mail(Message_ID="<two@home.example>")
    deliver(mailbox, one, other)
    assert read(mailbox) == [one, other]
    assert read(mailbox) == []


def test_a_mail_that_could_not_be_taken_in_comes_again(mailbox: Mailbox) -> None:
    deliver(mailbox, mail(answered()))

    def fail(_: bytes) -> None:
        raise RuntimeError("the database is away")

    with pytest.raises(RuntimeError):
        mailbox.work_off(fail)
    assert len(read(mailbox)) == 1


def test_a_mail_that_nobody_can_take_in_holds_up_no_other(mailbox: Mailbox) -> None:
    deliver(mailbox, mail(), mail(Message_ID="<two@home.example>"))
    taken: list[bytes] = []

    def take(octets: bytes) -> None:
        if b"<one@" in octets:
            raise RuntimeError("a bug")
        taken.append(octets)

    with pytest.raises(RuntimeError):
        mailbox.work_off(take)
    assert len(taken) == 1
    assert len(read(mailbox)) == 1


@pytest.mark.parametrize("wrong", [{"password": "another"}, {"folder": "Nowhere"}])
def test_a_mailbox_that_cannot_be_opened_says_so(mailbox: Mailbox, wrong: dict[str, str]) -> None:
    with pytest.raises(MailboxFailed):
        replace(mailbox, **wrong).work_off(lambda _: None)


def test_a_server_that_is_not_there_is_a_failure_to_try_again() -> None:
    gone = Mailbox(host="127.0.0.1", port=free_port(), user="desk", password="secret", security="none")
    with pytest.raises(MailboxFailed):
        gone.work_off(lambda _: None)


def test_the_password_is_not_shown() -> None:
    shown = repr(Mailbox(host="mail.example", port=993, user="desk", password="a secret word"))
    assert "a secret word" not in shown


def test_the_worker_takes_answers_in(
    engine: Engine, db: Session, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MAILBOX_SECONDS", 0.2)
    a_booked_clinic(db).visit(starts_at=times.now() + timedelta(days=30))
    db.commit()
    taken = threading.Event()
    monkeypatch.setattr(worker.receiving, "receive", _telling(worker.receiving.receive, taken))
    deliver(mailbox, mail(answered(partstat="DECLINED")))
    running = worker.start(database.make_sessions(engine), None, LETTERHEAD, mailbox)
    assert taken.wait(SOON)
    running.shutdown()
    db.rollback()
    assert db.scalars(select(IncomingMail.outcome)).one() is Outcome.TAKEN
    assert db.scalars(select(Appointment.reply)).one() is Reply.NO


def _telling(receive, taken: threading.Event):
    def received(*arguments, **named):
        try:
            return receive(*arguments, **named)
        finally:
            taken.set()

    return received

"""What a server says, and what we make of it: a real SMTP server on the loopback address."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from coordinator.errors import DeliveryFailed, NotFound
from coordinator.inbox import Inbox, open_inbox
from coordinator.notices import inbox
from coordinator.notices.post import SmtpPost

from .test_messages import a_mail


class Stubborn:
    """A server that answers a recipient or a mail as the test says."""

    to = "250 ok"
    mail = "250 ok"
    greeted = 0

    async def handle_EHLO(self, server, session, envelope, hostname, responses):  # noqa: N802
        self.greeted += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.to.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        return self.mail


@pytest.fixture
def stubborn() -> Iterator[tuple[Stubborn, SmtpPost]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    handler = Stubborn()
    server = Controller(handler, hostname="127.0.0.1", port=port)
    server.start()
    post = SmtpPost(host="127.0.0.1", port=port, timeout=5)
    yield handler, post
    post.hang_up()
    server.stop()


@pytest.fixture
def received(tmp_path: Path) -> Iterator[tuple[Inbox, Path]]:
    server = open_inbox(tmp_path / "inbox")
    yield server, tmp_path / "inbox"
    server.stop()


def send(port: int, message: EmailMessage | None = None, **settings: Any) -> None:
    """One message, and goodbye."""
    post = SmtpPost(host="127.0.0.1", port=port, **{"timeout": 5, **settings})
    try:
        post.send(a_mail() if message is None else message)
    finally:
        post.hang_up()


@contextmanager
def speaking(dialogue: Callable[[socket.socket], None], calls: int = 1) -> Iterator[int]:
    """A server that says what the test wants to so many callers; gives its port."""

    def speak() -> None:
        for _ in range(calls):
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                dialogue(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=speak)
        thread.start()
        yield listening.getsockname()[1]
        thread.join()


def answer(connection: socket.socket, *lines: bytes) -> None:
    """Say the first line, and each other one after what it answers; a 354 answers two things."""
    with connection.makefile("rb") as said:
        connection.sendall(lines[0])
        for before, line in pairwise(lines):
            heard = said.readline()
            while before.startswith(b"354") and heard not in (b".\r\n", b""):
                heard = said.readline()
            connection.sendall(line)


TO_THE_DATA = (b"220 hi\r\n", b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n")


def test_a_mail_arrives_as_it_was_written(received: tuple[Inbox, Path]) -> None:
    server, folder = received
    send(server.port)
    (kept,) = folder.glob("*.eml")
    body = a_mail().as_bytes()
    assert kept.read_bytes().replace(b"\r\n", b"\n").rstrip() == body.replace(b"\r\n", b"\n").rstrip()


def test_the_inbox_tells_what_arrived(received: tuple[Inbox, Path]) -> None:
    server, folder = received
    for _ in range(3):
        send(server.port)
    assert [mail.name for mail in inbox.received(folder)] == ["00000003", "00000002", "00000001"]
    mail = inbox.one(folder, "00000002")
    assert (mail.to, mail.subject) == ("Ana Núñez <ana@home.example>", "Appointment: Thu 10 Dec, 15:00")
    assert "/a/" in mail.text
    assert "METHOD:REQUEST" in mail.calendar


@pytest.mark.parametrize("name", ["../secret", "00000009", "", "1", "0000000a"])
def test_the_inbox_gives_nothing_else_away(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.eml").write_text("no")
    with pytest.raises(NotFound):
        inbox.raw(tmp_path / "inbox", name)


@pytest.mark.parametrize(
    ("to", "mail", "again"),
    [
        ("550 no such person", "250 ok", False),
        ("450 busy", "250 ok", True),
        ("250 ok", "554 no", False),
        ("250 ok", "421 later", True),
    ],
)
def test_a_refusal_says_whether_to_try_again(
    stubborn: tuple[Stubborn, SmtpPost], to: str, mail: str, again: bool
) -> None:
    handler, post = stubborn
    handler.to, handler.mail = to, mail
    with pytest.raises(DeliveryFailed) as failure:
        post.send(a_mail())
    assert failure.value.again is again
    assert "ana@" not in str(failure.value)


def test_where_nobody_listens_it_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(DeliveryFailed) as failure:
        send(port)
    assert failure.value.again


@pytest.mark.parametrize("greeting", [b"", b"554 no mail here\r\n", b"\xff\xfe\r\n", b"220 hello\r\n"])
def test_a_broken_server_is_tried_again(greeting: bytes) -> None:
    with speaking(lambda caller: answer(caller, greeting)) as port, pytest.raises(DeliveryFailed) as failure:
        send(port)
    assert failure.value.again


def test_a_greeting_in_another_character_set_is_a_greeting() -> None:
    greeting = (b"220 caf\xe9 \xff\xfe\r\n", b"250 caf\xe9\r\n")
    with speaking(lambda caller: answer(caller, *greeting, *TO_THE_DATA[2:], b"250 kept\r\n")) as port:
        send(port)


@pytest.mark.parametrize("at", range(6))
def test_a_server_that_does_not_come_to_an_end_is_left(at: int) -> None:
    """It says something all the time, so that no single silence lasts long: the whole try has its end."""
    gone = threading.Event()

    def dawdle(caller: socket.socket) -> None:
        if at:
            answer(caller, *TO_THE_DATA[:at])
        for _ in range(200):
            caller.sendall(b"2")
            gone.wait(0.05)

    with speaking(dawdle) as port:
        with pytest.raises(DeliveryFailed) as failure:
            send(port, timeout=0.5)
        gone.set()
    assert failure.value.again


def test_a_connection_cut_after_the_data_is_tried_again() -> None:
    with (
        speaking(lambda caller: answer(caller, *TO_THE_DATA, b"")) as port,
        pytest.raises(DeliveryFailed) as failure,
    ):
        send(port)
    assert failure.value.again


def test_a_reason_can_be_kept_by_any_database() -> None:
    said = b"554 no\x00\x1b[1m \xff mail\r\n"
    with speaking(lambda caller: answer(caller, said)) as port, pytest.raises(DeliveryFailed) as failure:
        send(port)
    assert str(failure.value) == "554 no[1m \ufffd mail"


def test_one_connection_serves_many_messages(stubborn: tuple[Stubborn, SmtpPost]) -> None:
    handler, post = stubborn
    for _ in range(3):
        post.send(a_mail())
    assert handler.greeted == 1
    post.hang_up()
    post.send(a_mail())
    assert handler.greeted == 2


@pytest.mark.parametrize("farewell", [b"", b"421 enough for now\r\n"])
def test_a_server_that_had_enough_is_called_again(farewell: bytes) -> None:
    """The next message waits for nothing and counts no try."""
    calls = 0

    def one_each(caller: socket.socket) -> None:
        nonlocal calls
        calls += 1
        answer(caller, *TO_THE_DATA, b"250 kept\r\n", farewell)

    with speaking(one_each, calls=2) as port:
        post = SmtpPost(host="127.0.0.1", port=port, timeout=5)
        post.send(a_mail())
        post.send(a_mail())
        post.hang_up()
    assert calls == 2


def test_no_encryption_where_it_was_demanded_sends_nothing(received: tuple[Inbox, Path]) -> None:
    server, folder = received
    with pytest.raises(DeliveryFailed):
        send(server.port, security="starttls")
    assert not list(folder.glob("*.eml"))


def test_a_goodbye_that_fails_takes_nothing_back() -> None:
    """The server has said yes to the mail and then hangs up."""
    with speaking(lambda caller: answer(caller, *TO_THE_DATA, b"250 kept\r\n")) as port:
        send(port)


def test_a_message_without_addresses_is_not_tried_again(received: tuple[Inbox, Path]) -> None:
    server, _ = received
    with pytest.raises(DeliveryFailed) as failure:
        send(server.port, EmailMessage())
    assert not failure.value.again

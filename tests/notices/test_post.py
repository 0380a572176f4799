"""What a server says, and what we make of it: a real SMTP server on the loopback address."""

import socket
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

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
    yield handler, SmtpPost(host="127.0.0.1", port=port, timeout=5)
    server.stop()


@pytest.fixture
def received(tmp_path: Path) -> Iterator[tuple[Inbox, Path]]:
    server = open_inbox(tmp_path / "inbox")
    yield server, tmp_path / "inbox"
    server.stop()


def test_a_mail_arrives_as_it_was_written(received: tuple[Inbox, Path]) -> None:
    server, folder = received
    SmtpPost(host="127.0.0.1", port=server.port).send(a_mail())
    (kept,) = folder.glob("*.eml")
    body = a_mail().as_bytes()
    assert kept.read_bytes().replace(b"\r\n", b"\n").rstrip() == body.replace(b"\r\n", b"\n").rstrip()


def test_the_inbox_tells_what_arrived(received: tuple[Inbox, Path]) -> None:
    server, folder = received
    for _ in range(3):
        SmtpPost(host="127.0.0.1", port=server.port).send(a_mail())
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
        SmtpPost(host="127.0.0.1", port=port).send(a_mail())
    assert failure.value.again


@pytest.mark.parametrize("greeting", [b"", b"554 no mail here\r\n", b"\xff\xfe\r\n", b"220 hello\r\n"])
def test_a_broken_server_is_tried_again(greeting: bytes) -> None:
    def speak(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection:
            connection.sendall(greeting)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=speak, args=(listening,))
        thread.start()
        with pytest.raises(DeliveryFailed) as failure:
            SmtpPost(host="127.0.0.1", port=listening.getsockname()[1], timeout=5).send(a_mail())
        thread.join()
    assert failure.value.again


def test_no_encryption_where_it_was_demanded_sends_nothing(received: tuple[Inbox, Path]) -> None:
    server, folder = received
    with pytest.raises(DeliveryFailed):
        SmtpPost(host="127.0.0.1", port=server.port, security="starttls").send(a_mail())
    assert not list(folder.glob("*.eml"))


def test_a_goodbye_that_fails_takes_nothing_back() -> None:
    """The server has said yes to the mail and then hangs up."""
    lines = [b"250 hi\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n", b"250 kept\r\n"]

    def speak(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, connection.makefile("rb") as said:
            connection.sendall(b"220 hello\r\n")
            for line in lines:
                if line.startswith(b"250 kept"):
                    while said.readline() != b".\r\n":
                        pass
                else:
                    said.readline()
                connection.sendall(line)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=speak, args=(listening,))
        thread.start()
        SmtpPost(host="127.0.0.1", port=listening.getsockname()[1], timeout=5).send(a_mail())
        thread.join()


def test_a_message_without_addresses_is_not_tried_again(received: tuple[Inbox, Path]) -> None:
    server, _ = received
    with pytest.raises(DeliveryFailed) as failure:
        SmtpPost(host="127.0.0.1", port=server.port).send(EmailMessage())
    assert not failure.value.again

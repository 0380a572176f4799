"""The way out: who writes, and the SMTP server that takes the messages."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from threading import Timer
from time import monotonic
from typing import Protocol

from coordinator.calendars import texts
from coordinator.calendars.visits import Party
from coordinator.errors import DeliveryFailed
from coordinator.models import Clinic

TIMEOUT_SECONDS = 90
"""For a whole try, from the first word to the last: less than a lease, more than a slow server takes to say yes."""
GOODBYE_SECONDS = 5
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What all messages of one installation share: the address of its pages, its sender, its secret."""

    base_url: str
    mail_from: str
    secret_key: str

    def sender(self, clinic: Clinic) -> Party:
        """Whom messages come from, and to whom calendars send answers. Raises Refusal for a bad address.

        ``mail_from`` may carry a name of its own, for a clinic whose name tells what it treats.
        """
        name, email = parseaddr(self.mail_from)
        return Party(email=email or clinic.email, name=name or clinic.name)


class Post(Protocol):
    """Whatever takes messages and sees that they leave; several threads may use it at once."""

    def send(self, message: EmailMessage) -> None:
        """Hand one message over. Raises DeliveryFailed."""

    def hang_up(self) -> None:
        """Nothing follows for now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpPost:
    """An SMTP server; ``security`` is ``none``, ``starttls`` or ``tls``. Connections serve many messages."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "none"
    timeout: float = TIMEOUT_SECONDS
    _kept: list[smtplib.SMTP] = field(default_factory=list, init=False, repr=False, compare=False)

    def send(self, message: EmailMessage) -> None:
        """Hand one message to the server, or give up after ``timeout`` seconds.

        Raises DeliveryFailed; a lasting refusal (5xx) of the message or its recipient is not tried again.
        """
        ends_at = monotonic() + self.timeout
        sender, recipient, octets = _parts(message)
        server = self._still_there(sender, ends_at) or self._new(sender, ends_at)
        try:
            with _cut_off(server, ends_at):
                _accepted(server.rcpt(recipient))
                _accepted(server.data(octets))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            server.close()
            raise DeliveryFailed(_reason(error), again=_may_help(error)) from error
        self._kept.append(server)

    def hang_up(self) -> None:
        """Say goodbye. What was accepted is on its way, however that turns out."""
        for server in self._all_kept():
            with suppress(smtplib.SMTPException, OSError), _cut_off(server, monotonic() + GOODBYE_SECONDS):
                server.quit()
            server.close()

    def _all_kept(self) -> Iterator[smtplib.SMTP]:
        with suppress(IndexError):  # another thread may take one, too
            while True:
                yield self._kept.pop()

    def _still_there(self, sender: str, ends_at: float) -> smtplib.SMTP | None:
        """A kept connection whose server takes one more message; those that have had enough of us are closed."""
        for server in self._all_kept():
            with suppress(smtplib.SMTPException, OSError), _cut_off(server, ends_at):
                _accepted(server.mail(sender))
                return server
            server.close()
        return None

    def _new(self, sender: str, ends_at: float) -> smtplib.SMTP:
        """A new connection whose server takes a message. Whatever fails here is not the message's fault."""
        try:
            return self._connected(sender, ends_at)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryFailed(_reason(error), again=True) from error

    def _connected(self, sender: str, ends_at: float) -> smtplib.SMTP:
        server = self._open()
        try:
            with _cut_off(server, ends_at):
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password)
                server.ehlo_or_helo_if_needed()
                _accepted(server.mail(sender))
        except BaseException:
            server.close()
            raise
        return server

    def _open(self) -> smtplib.SMTP:
        if self.security == "tls":
            secure = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=secure)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)


@contextmanager
def _cut_off(server: smtplib.SMTP, ends_at: float) -> Iterator[None]:
    """Cut the connection at ``ends_at`` (monotonic): a timeout of the socket begins anew with every octet."""
    left = ends_at - monotonic()
    if left <= 0:
        raise TimeoutError("the server took too long")
    timer = Timer(left, _cut, [server])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(server: smtplib.SMTP) -> None:
    with suppress(OSError, TypeError):  # closed meanwhile
        socket.socket.shutdown(server.sock, socket.SHUT_RDWR)  # type: ignore[arg-type]


def _parts(message: EmailMessage) -> tuple[str, str, bytes]:
    """From whom, to whom, and the message itself. Raises DeliveryFailed for one that cannot be sent."""
    try:
        return _only_address(message, "From"), _only_address(message, "To"), bytes(message)
    except ValueError as error:
        raise DeliveryFailed(_reason(error), again=False) from error


def _only_address(message: EmailMessage, header: str) -> str:
    addresses = getaddresses(message.get_all(header, []))
    if len(addresses) != 1:
        raise ValueError(f"a message goes from one to one, not {header} {len(addresses)}")
    return addresses[0][1]


def _accepted(answer: tuple[int, bytes]) -> None:
    """Go on only where the server said yes. Raises SMTPResponseException."""
    if answer[0] not in (250, 251):
        raise smtplib.SMTPResponseException(*answer)


def _may_help(error: Exception) -> bool:
    """Whether a later try can succeed: not after a lasting refusal (RFC 5321, 4.2.1), nor for a bad message."""
    if isinstance(error, smtplib.SMTPResponseException):
        return not 500 <= error.smtp_code < 600
    return not isinstance(error, ValueError)


def _reason(error: Exception) -> str:
    """What the server said, in characters that any database keeps."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
        return texts.one_line(f"{error.smtp_code} {words}", LONGEST_REASON)
    return texts.one_line(f"{type(error).__name__}: {error}", LONGEST_REASON)

"""The way out: who writes, and the SMTP server that takes the messages."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from io import BufferedReader, RawIOBase
from time import monotonic
from typing import Any, Protocol

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


class _Line(smtplib.SMTP):
    """A connection that gives up at ``ends_at`` (monotonic): a socket's own timeout begins anew with every octet."""

    def __init__(self, ends_at: float, *arguments: Any, **more: Any) -> None:
        self.ends_at = ends_at
        super().__init__(*arguments, **more)

    def send(self, s: Any) -> None:
        self.hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None:
            self.file = BufferedReader(_Ear(self))
        return super().getreply()

    def hurry(self) -> None:
        """Let the next step take no more time than is left. Raises TimeoutError where none is."""
        left = self.ends_at - monotonic()
        if left <= 0:
            raise TimeoutError("the server took too long")
        if self.sock is not None:
            self.sock.settimeout(left)


class _SecureLine(_Line, smtplib.SMTP_SSL):
    """The same, encrypted from the first word."""


class _Ear(RawIOBase):
    """What a server says, as long as there is time to listen."""

    def __init__(self, line: _Line) -> None:
        self.line = line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self.line.hurry()
        return self.line.sock.recv_into(buffer) if self.line.sock is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpPost:
    """An SMTP server; ``security`` is ``none``, ``starttls`` or ``tls``. Connections serve many messages."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "none"
    timeout: float = TIMEOUT_SECONDS
    _kept: list[_Line] = field(default_factory=list, init=False, repr=False, compare=False)

    def send(self, message: EmailMessage) -> None:
        """Hand one message to the server, or give up after ``timeout`` seconds.

        Raises DeliveryFailed; a lasting refusal (5xx) of the message or its recipient is not tried again.
        """
        ends_at = monotonic() + self.timeout
        sender, recipient, octets = _parts(message)
        server = self._still_there(sender, ends_at) or self._new(sender, ends_at)
        try:
            _accepted(server.rcpt(recipient))
            _accepted(server.data(octets))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            server.close()
            raise DeliveryFailed(_reason(error), again=_may_help(error)) from error
        self._kept.append(server)

    def hang_up(self) -> None:
        """Say goodbye. What was accepted is on its way, however that turns out."""
        for server in self._all_kept():
            server.ends_at = monotonic() + GOODBYE_SECONDS
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
            server.close()

    def _all_kept(self) -> Iterator[_Line]:
        with suppress(IndexError):  # another thread may take one, too
            while True:
                yield self._kept.pop()

    def _still_there(self, sender: str, ends_at: float) -> _Line | None:
        """A kept connection whose server takes one more message; those that have had enough of us are closed."""
        for server in self._all_kept():
            server.ends_at = ends_at
            with suppress(smtplib.SMTPException, OSError):
                _accepted(server.mail(sender))
                return server
            server.close()
        return None

    def _new(self, sender: str, ends_at: float) -> _Line:
        """A new connection whose server takes a message. Whatever fails here is not the message's fault."""
        try:
            return self._connected(sender, ends_at)
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryFailed(_reason(error), again=True) from error

    def _connected(self, sender: str, ends_at: float) -> _Line:
        server = self._open(ends_at)
        try:
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

    def _open(self, ends_at: float) -> _Line:
        if self.security == "tls":
            secure = ssl.create_default_context()
            return _SecureLine(ends_at, self.host, self.port, timeout=self.timeout, context=secure)
        return _Line(ends_at, self.host, self.port, timeout=self.timeout)


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

"""The way out: who writes, and the SMTP server that takes the messages."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import getaddresses, parseaddr
from typing import Protocol

from coordinator.calendars.visits import Party
from coordinator.errors import DeliveryFailed
from coordinator.models import Clinic

TIMEOUT_SECONDS = 30


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
    """Whatever takes a message and sees that it leaves."""

    def send(self, message: EmailMessage) -> None:
        """Hand one message over. Raises DeliveryFailed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpPost:
    """An SMTP server; ``security`` is ``none``, ``starttls`` or ``tls``."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "none"
    timeout: float = TIMEOUT_SECONDS

    def send(self, message: EmailMessage) -> None:
        """Hand one message to the server. Raises DeliveryFailed; a lasting refusal (5xx) is not tried again."""
        server = self._greet()
        try:
            server.sendmail(_only_address(message, "From"), [_only_address(message, "To")], bytes(message))
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryFailed(_reason(error), again=_may_help(error)) from error
        finally:
            # What was accepted is on its way, however the goodbye turns out.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()

    def _greet(self) -> smtplib.SMTP:
        """A connection that is ready to send. Whatever fails here is not the message's fault."""
        try:
            return self._connected()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise DeliveryFailed(_reason(error), again=True) from error

    def _connected(self) -> smtplib.SMTP:
        server = self._open()
        try:
            if self.security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if self.user:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    def _open(self) -> smtplib.SMTP:
        if self.security == "tls":
            secure = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout, context=secure)
        return smtplib.SMTP(self.host, self.port, timeout=self.timeout)


def _only_address(message: EmailMessage, header: str) -> str:
    addresses = getaddresses(message.get_all(header, []))
    if len(addresses) != 1:
        raise ValueError(f"a message goes from one to one, not {header} {len(addresses)}")
    return addresses[0][1]


def _may_help(error: Exception) -> bool:
    """Whether a later try can succeed: not after a lasting refusal (RFC 5321, 4.2.1), nor for a bad message."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return any(code < 500 for code, _ in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return not 500 <= error.smtp_code < 600
    return not isinstance(error, ValueError)


def _reason(error: Exception) -> str:
    """What the server said, without the address it said it about."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return f"{code} {_words(said)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_words(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"[:300]


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:300]

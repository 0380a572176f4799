"""The way in: an IMAP mailbox to which patients' calendars and mails answer."""

import imaplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

TIMEOUT_SECONDS = 30
MOST_AT_ONCE = 200
"""So many mails are read in one go; the rest waits for the next tick."""
MOST_FAILURES = 5
"""After so many it is not the mails: the database is away."""
LONGEST_MAIL = 10_000_000


class MailboxFailed(Exception):
    """The mailbox cannot be read now; what the server said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """An IMAP folder; ``security`` is ``none``, ``starttls`` or ``tls``. Read mails stay there, marked as seen."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    security: str = "tls"
    folder: str = "INBOX"

    def work_off(self, take_in: Callable[[bytes], object]) -> int:
        """Hand over each unread mail, and mark it as seen once it is taken in; says how many that were.

        A mail whose mark is lost is handed over again, so ``take_in`` has to know it. One that it fails over stays
        unread and holds up no other; its failure is raised at the end. Raises MailboxFailed.
        """
        done, failed = 0, list[Exception]()
        with self._opened() as server:
            for number in _unseen(server):
                try:
                    if (octets := _fetched(server, number)) is not None:
                        take_in(octets)
                        done += 1
                except (imaplib.IMAP4.error, OSError):
                    raise
                except Exception as error:  # whatever it is, the others are read
                    failed.append(error)
                    if len(failed) == MOST_FAILURES:
                        break
                    continue
                _done(server.uid("STORE", number, "+FLAGS.SILENT", r"(\Seen)"))
        if failed:
            raise failed[0]
        return done

    @contextmanager
    def _opened(self) -> Iterator[imaplib.IMAP4]:
        try:
            server = self._connected()
            try:
                _done(server.login(self.user, self.password))
                _done(server.select(f'"{self.folder}"'))
                yield server
            finally:
                with suppress(imaplib.IMAP4.error, OSError):
                    server.logout()
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxFailed(f"{type(error).__name__}: {error}"[:300]) from error

    def _connected(self) -> imaplib.IMAP4:
        secure = ssl.create_default_context()
        if self.security == "tls":
            return imaplib.IMAP4_SSL(self.host, self.port, ssl_context=secure, timeout=TIMEOUT_SECONDS)
        server = imaplib.IMAP4(self.host, self.port, timeout=TIMEOUT_SECONDS)
        if self.security == "starttls":
            server.starttls(ssl_context=secure)
        return server


def _unseen(server: imaplib.IMAP4) -> list[str]:
    found = _done(server.uid("SEARCH", "UNSEEN"))
    return [number.decode("ascii") for number in (found[0] or b"").split()][:MOST_AT_ONCE]


def _fetched(server: imaplib.IMAP4, number: str) -> bytes | None:
    """The mail, as far as it is not longer than any that we read; None where it is gone meanwhile."""
    for piece in _done(server.uid("FETCH", number, f"(BODY.PEEK[]<0.{LONGEST_MAIL + 1}>)")):
        if isinstance(piece, tuple):
            octets: bytes = piece[1]
            return octets
    return None


def _done(answer: tuple[str, list[Any]]) -> list[Any]:
    """What the server gave. Raises IMAP4.error where it did not say OK."""
    status, given = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {given[0] if given else ''!r}")
    return given

"""The way out to calendars of others: https alone, to public addresses alone, with little time and little patience.

Whoever may type an address could otherwise have this machine ask others behind the same wall for them (SSRF).
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

SECONDS = 10
MOST_OCTETS = 5_000_000
PORT = 443
REFUSED = "The calendar cannot be read from this address."
"""The same for every reason: what lies behind an address is nobody's business."""

Resolver = Callable[[str], Sequence[str]]


class NotFetched(Exception):
    """The calendar cannot be had; the text is ``REFUSED``, whatever the reason."""

    def __init__(self) -> None:
        super().__init__(REFUSED)


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was answered."""

    octets: bytes


def looks_like_one(address: str) -> bool:
    """Whether an address may be asked at all: https, a name or public number, the usual port, nobody signed in."""
    return _parts(address) is not None


def fetch(
    address: str,
    *,
    resolve: Resolver | None = None,
    context: ssl.SSLContext | None = None,
    port: int = PORT,
) -> Fetched:
    """The calendar at an address. Raises NotFetched.

    The name is looked up once, and what was found is what is asked: a name that changes its mind between a check and a
    connection gets nowhere. No redirect is followed.
    """
    parts = _parts(address)
    if parts is None:
        raise NotFetched
    host, path = parts
    try:
        found = (resolve or public_addresses)(host)
        if not found:
            raise NotFetched
        return Fetched(_asked(host, path, found[0], context or ssl.create_default_context(), port))
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise NotFetched from error


def public_addresses(host: str) -> list[str]:
    """The numbers of a host, if all of them are public; none otherwise. Raises OSError."""
    found = {str(info[4][0]) for info in socket.getaddrinfo(host, PORT, type=socket.SOCK_STREAM)}
    return sorted(found) if found and all(map(is_public, found)) else []


def is_public(number: str) -> bool:
    """Whether anybody on the internet has this address, whatever other address it carries within."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        carried = (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))
        if any(carried) or address in _TRANSLATED:
            return False
        if address.is_site_local:
            return False
    elif address in _ASSIGNED:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


_ASSIGNED = ipaddress.ip_network("192.0.0.0/24")
"""For protocols, not for hosts (RFC 6890)."""
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv4 addresses as IPv6 (RFC 6052): whatever lies behind the translator."""


def _parts(address: str) -> tuple[str, str] | None:
    """Host and path of an address that may be asked."""
    if address != address.strip() or not address.isascii() or any(c in address for c in "\r\n\t \\"):
        return None
    try:
        parts = urlsplit(address.replace("webcal://", "https://", 1))
        port = parts.port
    except ValueError:
        return None
    if (
        parts.scheme != "https"
        or not parts.hostname
        or port not in {None, PORT}
        or parts.username is not None
    ):
        return None
    return parts.hostname, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class _Connection(http.client.HTTPSConnection):
    """Connects to the number that was checked, and has the other side prove the name."""

    def __init__(self, host: str, number: str, context: ssl.SSLContext, port: int) -> None:
        super().__init__(host, port, timeout=SECONDS, context=context)
        self._number, self._own_context = number, context

    def connect(self) -> None:
        """Called by the library when it sends."""
        plain = socket.create_connection((self._number, self.port), self.timeout)
        self.sock = self._own_context.wrap_socket(plain, server_hostname=self.host)

    def hang_up(self) -> None:
        """End whatever is waited for; from another thread."""
        with suppress(OSError):
            if self.sock is not None:
                self.sock.shutdown(socket.SHUT_RDWR)


def _asked(host: str, path: str, number: str, context: ssl.SSLContext, port: int) -> bytes:
    connection = _Connection(host, number, context, port)
    # A socket's own timeout begins anew with every octet.
    clock = threading.Timer(SECONDS, connection.hang_up)
    clock.start()
    try:
        headers = {"User-Agent": "Coordinator", "Accept": "text/calendar", "Accept-Encoding": "identity"}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK or answer.getheader("Content-Encoding", "identity") != "identity":
            raise NotFetched
        octets = b""
        while piece := answer.read1(65_536):
            octets += piece
            if len(octets) > MOST_OCTETS:
                raise NotFetched
        if not clock.is_alive():  # what was heard until then is not all
            raise NotFetched
        return octets
    finally:
        clock.cancel()
        connection.close()

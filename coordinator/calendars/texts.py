"""What may stand in calendars and mails: texts made safe, addresses and links refused where they are none."""

import re
import unicodedata
from datetime import UTC, datetime

from coordinator.errors import Refusal

LONGEST_LINE = 200
LONGEST_TEXT = 4_000
_LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3
_LONGEST_LINK = 2_000

# Controls, marks that turn the reading direction of what follows, byte order marks, halves of characters.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*")
_DOMAIN = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_LINK = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+")
_UID = re.compile(r"[A-Za-z0-9!#$%&'*+./:=?@_~-]{1,255}")
_JOINER = "\u200d"


def one_line(text: str, longest: int = LONGEST_LINE) -> str:
    """A name or a title on one line: line ends become spaces, hidden characters go, too much is cut."""
    shown = _HIDDEN.sub("", " ".join(text.split()))
    return cut(" ".join(shown.split()), longest)


def paragraphs(text: str, longest: int = LONGEST_TEXT) -> str:
    """A longer text: every kind of line end becomes ``\\n``, hidden characters go, too much is cut."""
    lines = (_HIDDEN.sub("", line.replace("\t", " ")).rstrip() for line in text.splitlines())
    return cut("\n".join(lines).strip(), longest)


def cut(text: str, longest: int) -> str:
    """At most ``longest`` characters, with an ellipsis for what is gone; no emoji or accent is cut in two."""
    if len(text) <= longest:
        return text
    end = longest - 1
    while end > longest // 2 and _belongs_together(text[end - 1], text[end]):
        end -= 1
    return text[:end].rstrip() + "…"


def address(email: str) -> str:
    """An e-mail address as headers and ``mailto:`` carry it. Raises Refusal for whatever else.

    A domain in another script is written in its ASCII form (RFC 5890).
    """
    name, _, domain = email.rpartition("@")
    try:
        written = email if domain.isascii() else f"{name}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        written = ""
    if len(written) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(written):
        raise Refusal("“{email}” is not an e-mail address we can write to.", email=one_line(email, 80))
    return written


def link(url: str) -> str:
    """A web address. Raises Refusal for whatever else: spaces, line ends, other schemes."""
    if len(url) > _LONGEST_LINK or not _LINK.fullmatch(url):
        raise Refusal("“{url}” is not a web address.", url=one_line(url, 80))
    return url


def uid(text: str) -> str:
    """The name of an appointment for all calendars. Raises ValueError where it needs escaping."""
    if not _UID.fullmatch(text):
        raise ValueError(f"not a calendar UID: {text!r}")
    return text


def domain(text: str) -> str:
    """A host name in ASCII. Raises ValueError."""
    if not _DOMAIN.fullmatch(text):
        raise ValueError(f"not a domain: {text!r}")
    return text


def language(tag: str) -> str:
    """A language tag such as ``es`` or ``en-GB`` (RFC 5646). Raises ValueError."""
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", tag):
        raise ValueError(f"not a language tag: {tag!r}")
    return tag


def instant(moment: datetime) -> datetime:
    """The instant in UTC, to the second, a calendar's smallest unit. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"an instant needs its zone: {moment!r}")
    return moment.astimezone(UTC).replace(microsecond=0)


def _belongs_together(left: str, right: str) -> bool:
    extends = unicodedata.combining(right) or unicodedata.category(right) in {"Mn", "Me", "Sk"}
    return bool(extends) or _JOINER in (left, right)

"""Mails as MIME: a letter, and a letter that carries an invite."""

from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, quote
from hashlib import sha256

from coordinator.calendars import texts
from coordinator.calendars.visits import Party
from coordinator.errors import Refusal

# Headers are written here and left as they are: the standard library's own folding drops the quotes around a
# long name, and its commas then part it into addresses that nobody asked for.
_POLICY = SMTP.clone(refold_source="none")
_LINE = 76


def invite_message(
    *,
    sender: Party,
    recipient: Party,
    subject: str,
    text: str,
    html: str,
    calendar: bytes | None,
    method: str | None,
    message_id: str,
    sent_at: datetime,
    reply_to: str | None = None,
    language: str,
    domain: str,
) -> EmailMessage:
    """One mail to one person: the text twice, and with ``calendar`` the invite as alternative and as file.

    ``message_id`` may leave out ``@domain``. The same values give the same bytes, so a mail sent again is
    the same mail. Raises ValueError where ``method`` is not the calendar's own, Refusal for an address
    that is none.
    """
    _agree(calendar, method)
    named = _message_id(message_id, domain)
    message = EmailMessage(policy=_POLICY)
    headers = {
        "From": _person("From", sender),
        "To": _person("To", recipient),
        "Subject": _words("Subject", texts.one_line(subject)),
        "Date": format_datetime(texts.instant(sent_at)),
        "Message-ID": named,
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office answers to a machine
    }
    if reply_to is not None:
        headers["Reply-To"] = texts.address(reply_to)
    for name, value in headers.items():
        message.set_raw(name, value)
    _fill(message, text, html, calendar, method, mark=sha256(named.encode()).hexdigest()[:24])
    message["Content-Language"] = texts.language(language)
    return message


def _fill(
    message: EmailMessage, text: str, html: str, calendar: bytes | None, method: str | None, *, mark: str
) -> None:
    message.set_content(texts.paragraphs(text, len(text)) + "\n", cte="quoted-printable")
    message.make_alternative(boundary=f"=_{mark}_a")  # "=_" stands in no encoded part
    message.add_alternative(texts.paragraphs(html, len(html)) + "\n", subtype="html", cte="quoted-printable")
    if calendar is None:
        return
    told = {"method": method, "charset": "UTF-8"}
    # Last, as the richest: readers show their buttons for the last alternative that they understand.
    message.add_alternative(calendar, maintype="text", subtype="calendar", cte="base64", params=told)
    message.make_mixed(boundary=f"=_{mark}_m")
    name = "invite.ics"
    message.add_attachment(
        calendar, maintype="application", subtype="ics", filename=name, params={"name": name}
    )


def _agree(calendar: bytes | None, method: str | None) -> None:
    """Receivers drop a mail whose method is not its calendar's (RFC 6047, 2.4)."""
    if (calendar is None) != (method is None):
        raise ValueError("a calendar and its method come together")
    if calendar is not None and f"\r\nMETHOD:{method}\r\n".encode() not in calendar:
        raise ValueError(f"the calendar's own method is not {method}")


def _person(header: str, party: Party) -> str:
    name = texts.one_line(party.name)
    if not name:
        return party.email
    plain = _plain(name) and len(name) < _LINE - len(header) - 10
    words = f'"{quote(name)}"' if plain else _encoded(header, name)
    last = words.rpartition("\n")[2]
    fits = len(header) + len(last) + len(party.email) + 5 <= _LINE
    return f"{words}{' ' if fits else chr(10) + ' '}<{party.email}>"


def _words(header: str, words: str) -> str:
    fits = _plain(words) and len(header) + 2 + len(words) <= _LINE
    return words if fits else _encoded(header, words)


def _plain(words: str) -> bool:
    return words.isascii() and "=?" not in words  # "=?" would be read as encoded words (RFC 2047)


def _encoded(header: str, words: str) -> str:
    return Header(words, "utf-8", maxlinelen=_LINE, header_name=header).encode()


def _message_id(text: str, domain: str) -> str:
    bare = text.removeprefix("<").removesuffix(">")
    whole = bare if "@" in bare else f"{bare}@{texts.domain(domain)}"
    try:
        return f"<{texts.address(whole)}>"
    except Refusal as error:
        raise ValueError(f"not a Message-ID: {text!r}") from error

"""Mails go to the one person they are for, whatever their names hold."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.generator import BytesGenerator
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings

from coordinator.calendars.invites import cancellation, invite
from coordinator.calendars.mail_parts import invite_message
from coordinator.calendars.texts import one_line
from coordinator.calendars.visits import Party
from coordinator.errors import Refusal

from .builders import NASTY, a_spanish_visit, a_visit, agrees_with_golden, any_text

PATIENT = Party(email="ana@home.example", name="Ana García")


def a_mail(**changes: Any) -> EmailMessage:
    values: dict[str, Any] = {
        "sender": a_visit().organizer,
        "recipient": PATIENT,
        "subject": "Your appointment on 26 March 2027 at 09:00",
        "text": "You have an appointment.\nChange it: https://clinic.example/a/tok",
        "html": "<p>You have an appointment.</p>",
        "calendar": invite(a_visit()),
        "method": "REQUEST",
        "message_id": "notice-17.1",
        "sent_at": datetime(2027, 1, 5, 8, 0, tzinfo=UTC),
        "language": "en",
        "domain": "clinic.example",
    }
    return invite_message(**{**values, **changes})


def a_letter(**changes: Any) -> EmailMessage:
    return a_mail(**{"calendar": None, "method": None, **changes})


def received(mail: EmailMessage) -> EmailMessage:
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def decoded_name(mail: EmailMessage, header: str) -> str:
    """The name as RFC 2047 reads it: the newer parser puts spaces between the words of a long one."""
    (line,) = [value for name, value in mail.raw_items() if name == header]
    return str(make_header(decode_header(parseaddr(line)[0])))


def shape(mail: EmailMessage) -> list[str]:
    return [part.get_content_type() for part in mail.walk()]


@pytest.mark.parametrize(
    ("name", "mail"),
    [
        ("invite.en.eml", a_mail()),
        (
            "cancellation.es.eml",
            a_mail(
                calendar=cancellation(a_spanish_visit(sequence=1)),
                method="CANCEL",
                subject="Cita cancelada: 26 de marzo, 9:00",
                text="Su cita del 26 de marzo se ha cancelado.",
                html="<p>Su cita del 26 de marzo se ha cancelado. ¿Preguntas?</p>",
                language="es",
            ),
        ),
        ("letter.en.eml", a_letter(subject="Tomorrow at 09:00", reply_to="desk@clinic.example")),
    ],
)
def test_golden(name: str, mail: EmailMessage) -> None:
    assert agrees_with_golden(name, mail.as_bytes())


def test_the_calendar_is_the_last_alternative_and_the_same_file_once_more() -> None:
    mail = received(a_mail())
    assert shape(mail) == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/calendar",
        "application/ics",
    ]
    inline, file = [
        part for part in mail.walk() if part.get_content_type() in ("text/calendar", "application/ics")
    ]
    assert inline.get_payload(decode=True) == file.get_payload(decode=True) == invite(a_visit())
    assert (inline.get_param("method"), inline.get_param("charset")) == ("REQUEST", "UTF-8")
    assert inline["Content-Disposition"] is None
    assert file.get_filename() == "invite.ics"


def test_a_letter_has_only_its_two_texts() -> None:
    assert shape(received(a_letter())) == ["multipart/alternative", "text/plain", "text/html"]


def test_the_headers_say_who_when_and_that_a_machine_wrote() -> None:
    mail = received(a_mail(reply_to="desk@clinic.example", language="es"))
    wanted = {
        "Message-ID": "<notice-17.1@clinic.example>",
        "Date": "Tue, 05 Jan 2027 08:00:00 +0000",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "es",
        "Reply-To": "desk@clinic.example",
    }
    assert {name: str(mail[name]) for name in wanted} == wanted
    assert a_mail(message_id="<a.b@other.example>")["Message-ID"] == "<a.b@other.example>"


@settings(deadline=None)
@given(any_text)
def test_no_name_and_no_subject_changes_who_gets_a_mail(text: str) -> None:
    sender, recipient = (
        Party(email="visits@clinic.example", name=text),
        Party(email="ana@home.example", name=text),
    )
    mail = a_mail(sender=sender, recipient=recipient, subject=text)
    read = received(mail)
    assert read.keys() == received(a_mail()).keys()
    for header, party in (("From", sender), ("To", recipient)):
        assert [one.addr_spec for one in read[header].addresses] == [party.email]
        assert decoded_name(mail, header) == one_line(text)
    assert read["Subject"] == one_line(text)
    assert not read.defects


@settings(deadline=None)
@given(any_text)
def test_no_text_breaks_the_parts(text: str) -> None:
    read = received(a_mail(text=text, html=f"<p>{text}</p>"))
    assert shape(read) == shape(a_mail())
    assert all(not part.defects for part in read.walk())


@pytest.mark.parametrize("name", NASTY)
def test_lines_are_never_too_long_for_a_mail_server(name: str) -> None:
    party = Party(email="a" * 64 + "@" + "b" * 60 + ".example", name=NASTY[name])
    raw = a_mail(sender=party, recipient=party, subject=NASTY[name], text=NASTY[name]).as_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 200  # RFC 5322 allows 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    raw.decode("ascii")


def test_a_mail_sent_again_is_the_same_mail() -> None:
    assert a_mail().as_bytes() == a_mail().as_bytes()


def test_a_mail_leaves_as_it_was_written() -> None:
    mail = a_mail(recipient=Party(email="ana@home.example", name=NASTY["addresses"]))
    sent = BytesIO()
    BytesGenerator(sent).flatten(mail, linesep="\r\n")  # as smtplib does
    assert sent.getvalue() == mail.as_bytes()


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"method": "CANCEL"}, "own method is not CANCEL"),
        ({"method": None}, "come together"),
        ({"calendar": None}, "come together"),
        ({"sent_at": datetime(2027, 1, 5)}, "needs its zone"),
        ({"message_id": "a b"}, "Message-ID"),
        ({"message_id": "x>\r\nBcc: evil@elsewhere.example"}, "Message-ID"),
        ({"domain": "clinic.example\r\nX: 1"}, "domain"),
        ({"language": "en\r\nX: 1"}, "language"),
    ],
)
def test_what_would_be_no_mail_is_refused(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        a_mail(**wrong)


def test_an_address_with_a_line_end_is_refused() -> None:
    with pytest.raises(Refusal):
        a_mail(reply_to="desk@clinic.example\r\nBcc: evil@elsewhere.example")
    with pytest.raises(Refusal):
        Party(email="ana@home.example\r\nBcc: evil@elsewhere.example", name="Ana")

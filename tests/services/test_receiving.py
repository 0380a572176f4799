"""What comes by mail is kept once; an answer stands beside its appointment, and nothing else is changed by it."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from coordinator.calendars.incoming import reading
from coordinator.models import (
    Answer,
    Appointment,
    AppointmentState,
    AuditLine,
    IncomingMail,
    Notice,
    NoticeState,
    Outcome,
    Reply,
    Why,
)
from coordinator.notices import outbox
from coordinator.services import receiving
from coordinator.services.trail import COMMAND
from tests.notices.builders import DELAY, NOW, STARTS_AT, Booked, a_booked_clinic

CALENDAR = """BEGIN:VCALENDAR
PRODID:-//Somebody//Calendar//EN
VERSION:2.0
METHOD:{method}
BEGIN:VEVENT
UID:{uid}
SEQUENCE:{sequence}
DTSTAMP:{dtstamp}
DTSTART:20261210T140000Z
DTEND:20261210T144500Z
{more}ATTENDEE;PARTSTAT={partstat}{parameter}:mailto:ana@home.example
END:VEVENT
END:VCALENDAR
"""


def answered(method: str = "REPLY", **changes: str) -> str:
    values = {
        "uid": "uid1@clinic.example",
        "sequence": "0",
        "dtstamp": "20261124T080000Z",
        "partstat": "ACCEPTED",
        "parameter": "",
        "more": "",
    }
    return CALENDAR.format(method=method, **{**values, **changes})


def mail(calendar: str | None = None, **headers: str) -> bytes:
    message = EmailMessage()
    values = {
        "From": "Ana <Ana@Home.example>",
        "To": "visits@clinic.example",
        "Message-ID": "<one@home.example>",
    }
    for name, value in {
        **values,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }.items():
        message[name] = value
    message.set_content("I am late.\n\nOn Monday Harbour Clinic wrote:\n> Hello Ana")
    if calendar is not None:
        message.add_alternative(calendar.encode(), "text", "calendar", params={"method": "REPLY"})
    return bytes(message)


@pytest.fixture
def clinic(db: Session) -> Booked:
    made = a_booked_clinic(db)
    visit = made.visit()
    outbox.announce(db, [visit], clinic=made.clinic, delay_seconds=DELAY, now=NOW)
    db.commit()
    return made


def receive(db: Session, octets: bytes, now: datetime = NOW) -> IncomingMail:
    return receiving.receive(db, octets, now=now, reader=reading.read)


def visit(db: Session) -> Appointment:
    db.rollback()
    return db.scalars(select(Appointment).execution_options(populate_existing=True)).one()


def count(db: Session, kind: type[Any]) -> int:
    return db.scalar(select(func.count()).select_from(kind)) or 0


@pytest.mark.parametrize(("partstat", "reply"), [("ACCEPTED", Reply.YES), ("DECLINED", Reply.NO)])
def test_an_answer_stands_beside_its_appointment_and_moves_nothing(
    db: Session, clinic: Booked, partstat: str, reply: Reply
) -> None:
    kept = receive(db, mail(answered(partstat=partstat)))
    found = visit(db)
    assert (kept.outcome, found.reply) == (Outcome.TAKEN, reply)
    assert (found.state, found.starts_at, found.sequence) == (AppointmentState.BOOKED, STARTS_AT, 0)
    (answer,) = db.scalars(select(Answer))
    assert (answer.door, answer.said_at) == ("mail", datetime(2026, 11, 24, 8, tzinfo=UTC))
    assert (answer.settled_at is None) == (reply is Reply.NO)


def test_it_is_read_in_a_process_of_its_own(db: Session, clinic: Booked) -> None:
    kept = receiving.receive(db, mail(answered(partstat="DECLINED")), now=NOW)
    assert (kept.outcome, kept.sender, visit(db).reply) == (Outcome.TAKEN, "ana@home.example", Reply.NO)


def test_the_same_mail_counts_once(db: Session, clinic: Booked) -> None:
    first = receive(db, mail(answered(partstat="DECLINED")))
    again = receive(db, mail(answered(partstat="DECLINED")), NOW + timedelta(hours=1))
    assert again.id == first.id
    assert (count(db, IncomingMail), count(db, Answer)) == (1, 1)


def test_a_mail_without_a_name_counts_once_too(db: Session, clinic: Booked) -> None:
    octets = mail(answered()).replace(b"Message-ID: <one@home.example>\n", b"")
    assert receive(db, octets).id == receive(db, octets).id


PROPOSALS = {
    "by COUNTER": answered(
        "COUNTER", dtstamp="20261124T080000Z", more="COMMENT:After work please\n", partstat="TENTATIVE"
    ).replace("20261210T14", "20261211T16"),
    "as Outlook does": answered(
        "COUNTER",
        more="X-MS-OLK-ORIGINALSTART:20261210T140000Z\nX-MS-OLK-ORIGINALEND:20261210T144500Z\n"
        "COMMENT:After work please\n",
        partstat="TENTATIVE",
    )
    .replace("DTSTART:20261210T14", "DTSTART:20261211T16")
    .replace("DTEND:20261210T14", "DTEND:20261211T16"),
    "as iOS does": answered(
        parameter=";TO-ALL-PROPOSED-NEW-TIME=20261211T160000Z",
        more="X-CALENDARSERVER-PRIVATE-COMMENT:After work please\n",
        partstat="DECLINED",
    ),
}


@pytest.mark.parametrize("calendar", PROPOSALS.values(), ids=PROPOSALS)
def test_a_proposal_in_every_dialect_waits_for_the_coordinator(
    db: Session, clinic: Booked, calendar: str
) -> None:
    kept = receive(db, mail(calendar))
    (answer,) = db.scalars(select(Answer))
    other = datetime(2026, 12, 11, 16, 0, tzinfo=UTC)
    assert (kept.outcome, answer.reply, answer.settled_at) == (Outcome.TAKEN, Reply.MOVE, None)
    assert (answer.proposed_starts_at, answer.proposed_ends_at) == (other, other + timedelta(minutes=45))
    assert answer.comment == "After work please"
    assert visit(db).starts_at == STARTS_AT


def test_an_answer_without_an_organizer_in_a_badly_labelled_part_is_taken(
    db: Session, clinic: Booked
) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "ana@home.example", "visits@clinic.example"
    message.add_attachment(answered().encode(), "application", "octet-stream", filename="reply.ICS")
    assert receive(db, bytes(message)).outcome is Outcome.TAKEN


def test_an_answer_to_an_earlier_time_changes_nothing(db: Session, clinic: Booked) -> None:
    visit(db).sequence = 2
    db.commit()
    kept = receive(db, mail(answered(partstat="DECLINED", sequence="1")))
    assert (kept.outcome, kept.why, visit(db).reply) == (Outcome.STALE, Why.OLDER, Reply.OPEN)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"state": AppointmentState.CANCELLED}, Why.CANCELLED),
        ({"patient_starts_at": NOW - timedelta(hours=1)}, Why.BEGUN),
    ],
)
def test_an_answer_that_comes_too_late_is_for_a_person(
    db: Session, clinic: Booked, change: dict[str, Any], why: Why
) -> None:
    for name, value in change.items():
        setattr(visit(db), name, value)
    db.commit()
    kept = receive(db, mail(answered()))
    assert (kept.outcome, kept.why, visit(db).reply) == (Outcome.PARKED, why, Reply.OPEN)


def test_maybe_is_for_a_person(db: Session, clinic: Booked) -> None:
    kept = receive(db, mail(answered(partstat="TENTATIVE")))
    assert (kept.outcome, kept.why, visit(db).reply) == (Outcome.PARKED, Why.MAYBE, Reply.OPEN)


def test_whoever_was_not_invited_changes_nothing(db: Session, clinic: Booked) -> None:
    kept = receive(db, mail(answered(partstat="DECLINED"), From="mallory@elsewhere.example"))
    assert (kept.outcome, kept.why) == (Outcome.PARKED, Why.NOT_INVITED)
    assert (visit(db).reply, count(db, Answer)) == (Reply.OPEN, 0)


def test_an_answer_to_nothing_of_ours_from_a_stranger_is_left_alone(db: Session, clinic: Booked) -> None:
    kept = receive(db, mail(answered(uid="null"), From="mallory@elsewhere.example"))
    assert (kept.outcome, kept.words) == (Outcome.IGNORED, "")


def test_plain_words_of_a_patient_are_for_a_person_and_forgotten_when_settled(
    db: Session, clinic: Booked
) -> None:
    kept = receive(db, mail())
    assert (kept.outcome, kept.why, kept.words) == (Outcome.PARKED, Why.TO_READ, "I am late.")
    assert kept.patient_id == clinic.patient.id
    receiving.settle(db, kept.id, COMMAND, NOW)
    db.rollback()
    assert db.scalars(select(IncomingMail.words)).one() == ""


@pytest.mark.parametrize(
    "headers", [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"}]
)
def test_who_is_out_of_office_says_nothing(db: Session, clinic: Booked, headers: dict[str, str]) -> None:
    assert receive(db, mail(**headers)).outcome is Outcome.IGNORED


REPORT = """From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: visits@clinic.example
Message-ID: <report@mx.example>
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Your mail did not arrive.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ana@home.example
Action: {action}
Status: 5.1.1

--b
Content-Type: message/rfc822

From: visits@clinic.example
To: ana@home.example
Message-ID: <{name}@clinic.example>
Content-Type: text/calendar; method=REQUEST

{calendar}
--b--
"""


def test_a_mail_that_came_back_lies_on_the_desk_and_is_not_applied(db: Session, clinic: Booked) -> None:
    notice = db.scalars(select(Notice).where(Notice.kind == "invite")).one()
    notice.state, notice.sent_at = NoticeState.SENT, NOW
    db.commit()
    octets = REPORT.format(action="failed", name=notice.message_id, calendar=answered(partstat="DECLINED"))
    kept = receive(db, octets.encode())
    db.rollback()
    dead = db.scalars(select(Notice).where(Notice.kind == "invite")).one()
    assert (kept.outcome, dead.state, visit(db).reply) == (Outcome.BOUNCED, NoticeState.DEAD, Reply.OPEN)
    assert "ana@home.example" in (dead.problem or "")


def test_a_mail_that_is_only_late_is_no_news(db: Session, clinic: Booked) -> None:
    octets = REPORT.format(action="delayed", name="x", calendar="")
    assert receive(db, octets.encode()).outcome is not Outcome.BOUNCED


@pytest.mark.parametrize(
    "octets",
    [
        b"From: ana@home.example\nMessage-ID: <a\x00b\xff@x>\nSubject: \xff\x00 hello\n\nI am \x00 late \xfe",
        b"From: \xff\x00 <ana@home.example>\nMessage-ID: <c@x>\n\n\x00",
        mail(answered(uid="uid1\x00", more="COMMENT:so \x00 sorry\n")),
        mail(answered(uid="\x00")),
    ],
)
def test_what_no_database_can_keep_stops_nothing(db: Session, clinic: Booked, octets: bytes) -> None:
    kept = receive(db, octets)
    db.rollback()
    assert db.get_one(IncomingMail, kept.id).sender == "ana@home.example"


def test_of_what_was_received_the_trail_says_no_words(db: Session, clinic: Booked) -> None:
    receive(db, mail())
    line = db.scalars(select(AuditLine).where(AuditLine.deed == "received")).one()
    assert line.facts == {"outcome": "parked"}


def test_our_own_invite_coming_back_as_a_request_changes_nothing(db: Session, clinic: Booked) -> None:
    kept = receive(db, mail(answered("REQUEST")))
    assert (kept.outcome, visit(db).reply) == (Outcome.PARKED, Reply.OPEN)


def test_what_was_said_again_since_is_not_overtaken_by_what_was_said_between(
    db: Session, clinic: Booked
) -> None:
    for number, (minute, partstat) in enumerate([(10, "ACCEPTED"), (30, "ACCEPTED"), (20, "DECLINED")]):
        calendar = answered(partstat=partstat, dtstamp=f"20261124T08{minute}00Z")
        kept = receive(db, mail(calendar, Message_ID=f"<{number}@home.example>"))
    assert (kept.why, visit(db).reply) == (Why.OVERTAKEN, Reply.YES)


SAID = st.tuples(
    st.integers(0, 2), st.integers(0, 59), st.sampled_from(["ACCEPTED", "DECLINED"]), st.booleans()
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(said=st.lists(SAID, min_size=1, max_size=6))
def test_in_whatever_order_answers_come_the_last_that_was_said_of_this_time_stands(
    db: Session, said: list[tuple[int, int, str, bool]]
) -> None:
    """By SEQUENCE, then DTSTAMP; duplicates and older revisions do nothing."""
    for kind in (Answer, IncomingMail, AuditLine):
        for row in db.scalars(select(kind)):
            db.delete(row)
    db.commit()
    found = db.scalars(select(Appointment)).one_or_none()
    if found is None:
        a_booked_clinic(db).visit()
        db.commit()
    found = visit(db)
    found.sequence, found.reply = 1, Reply.OPEN
    db.commit()
    expected, latest = Reply.OPEN, -1
    for number, (sequence, minute, partstat, twice) in enumerate(said):
        calendar = answered(partstat=partstat, sequence=str(sequence), dtstamp=f"20261124T08{minute:02}00Z")
        for _ in range(1 + twice):
            receive(db, mail(calendar, Message_ID=f"<{number}@home.example>"))
        if sequence >= 1 and minute >= latest:
            expected, latest = receiving.REPLIES[partstat], minute
    assert visit(db).reply is expected

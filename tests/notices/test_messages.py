"""Each mail: held against golden files and the independent judge, in both languages; what it tells, and what not."""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from icalendar import Calendar

from coordinator.language import CATALOGS, LANGUAGES
from coordinator.models import (
    Appointment,
    AppointmentState,
    Channel,
    Clinic,
    Notice,
    NoticeKind,
    NoticeState,
    PlanStep,
)
from coordinator.models.patients import Disclosure
from coordinator.notices import links
from coordinator.notices.messages import message
from tests.calendars.test_judge import found

from .builders import (
    LETTERHEAD,
    NOW,
    SEEN_TOO,
    SENSITIVE,
    STARTS_AT,
    a_clinic,
    a_location,
    a_patient,
    a_therapy,
)

GOLDEN = Path(__file__).parent / "golden"
CALENDAR_KINDS = (NoticeKind.INVITE, NoticeKind.UPDATE, NoticeKind.CANCELLATION, NoticeKind.DECLINED)


def a_visit(**changes: Any) -> Appointment:
    """A booked visit that no database knows."""
    patient = changes.pop("patient", None) or a_patient(timezone="America/New_York")
    step = PlanStep(
        key="block-4", title={"en": "Nerve block"}, number=4, of=12, remote=changes.pop("remote", False)
    )
    step.therapy = changes.pop("therapy", None) or a_therapy()
    values: dict[str, Any] = {
        "id": 1,
        "uid": "uid1",
        "state": AppointmentState.BOOKED,
        "starts_at": STARTS_AT - timedelta(minutes=15),
        "ends_at": STARTS_AT + timedelta(minutes=45),
        "patient_starts_at": STARTS_AT,
        "patient_ends_at": STARTS_AT + timedelta(minutes=45),
        "sequence": 1,
        "revised_at": NOW,
    }
    visit = Appointment(**{**values, **changes})
    visit.patient, visit.location, visit.step = patient, a_location(), step
    return visit


def a_notice(kind: NoticeKind = NoticeKind.INVITE, **changes: Any) -> Notice:
    values: dict[str, Any] = {
        "kind": kind,
        "channel": Channel.MAIL,
        "state": NoticeState.WAITING,
        "recipient": "patient",
        "address": "ana@home.example",
        "name": "Ana Núñez",
        "language": "en",
        "sequence": 1,
        "lead_hours": 48 if kind is NoticeKind.PREPARATION else 0,
        "message_id": "uid1.patient.a-kind.mail.0.1",
    }
    return Notice(**{**values, **changes})


def a_mail(
    notice: Notice | None = None, visit: Appointment | None = None, clinic: Clinic | None = None
) -> EmailMessage:
    return message(notice or a_notice(), visit or a_visit(), clinic or a_clinic(), LETTERHEAD, sent_at=NOW)


def everything(mail: EmailMessage) -> str:
    """All that can be read in a mail, calendars unfolded."""
    parts = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    text = "\n".join(part.decode() for part in parts if isinstance(part, bytes))
    return str(mail["Subject"]) + text.replace("\r\n ", "").replace("&#39;", "'")


def calendar(mail: EmailMessage) -> Any:
    (part,) = [part for part in mail.walk() if part.get_content_type() == "text/calendar"]
    return Calendar.from_ical(part.get_payload(decode=True)).walk("VEVENT")[0]


def judged(written: bytes, kind: NoticeKind, folder: Path) -> list[object]:
    """The judge's errors and warnings."""
    options = [] if kind in CALENDAR_KINDS else ["--kind", "letter"]
    return found(written, folder, *options, "--phi", "nerve", "blood", "glasses")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", NoticeKind)
def test_each_mail_is_what_was_found_good(kind: NoticeKind, language: str) -> None:
    """COORDINATOR_GOLDEN=write renews the files."""
    if language != "en" and not (CATALOGS / language).exists():
        pytest.skip("no translations yet")
    written = a_mail(a_notice(kind, language=language)).as_bytes()
    path = GOLDEN / f"{kind}.{language}.eml"
    if os.environ.get("COORDINATOR_GOLDEN") == "write":
        path.write_bytes(written)
    assert path.read_bytes() == written


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", NoticeKind)
def test_each_mail_passes_the_judge(kind: NoticeKind, language: str, tmp_path: Path) -> None:
    assert judged(a_mail(a_notice(kind, language=language)).as_bytes(), kind, tmp_path) == []


NASTY = 'Ana\r\nBcc: evil@x.example\r\n"\\;:,\x00\u202e👩‍👩‍👧 <script>alert(1)</script> {name} {{ 7*7 }}'


@pytest.mark.parametrize("kind", [NoticeKind.INVITE, NoticeKind.REMINDER])
def test_a_nasty_name_adds_nothing(kind: NoticeKind, tmp_path: Path) -> None:
    visit = a_visit(patient=a_patient(name=NASTY))
    visit.location.name = visit.location.address = NASTY
    mail = a_mail(a_notice(kind, name=NASTY, recipient="carer"), visit, a_clinic(name=NASTY))
    assert judged(mail.as_bytes(), kind, tmp_path) == []
    assert "\nBcc:" not in mail.as_bytes().decode()
    assert "<script>" not in (mail.get_body(("html",)) or mail).get_content()


class TestWhatIsTold:
    @pytest.mark.parametrize("kind", NoticeKind)
    def test_time_and_place_only(self, kind: NoticeKind) -> None:
        said = everything(a_mail(a_notice(kind)))
        assert "Thursday 10 December 2026, 15:00 to 15:45 (Central European Standard Time)" in said
        assert "Northside" in said
        for word in ("Nerve", "Check-up", "Ruiz", SEEN_TOO, SENSITIVE, "of 12"):
            assert word not in said

    @pytest.mark.parametrize(
        ("level", "read", "behind_the_link"),
        [
            (Disclosure.TIME, set(), True),
            (Disclosure.NEUTRAL, {SEEN_TOO, "Check-up (4 of 12)"}, True),
            (Disclosure.FULL, {SEEN_TOO, SENSITIVE, "Check-up (4 of 12)"}, False),
        ],
    )
    def test_more_where_the_patient_allows_it(
        self, level: Disclosure, read: set[str], behind_the_link: bool
    ) -> None:
        said = everything(a_mail(visit=a_visit(patient=a_patient(disclosure=level))))
        assert {words for words in (SEEN_TOO, SENSITIVE, "Check-up (4 of 12)") if words in said} == read
        assert ("/p/" in said) is behind_the_link
        assert "Nerve" not in said

    def test_the_clinics_level_holds_where_the_patient_has_none(self) -> None:
        assert SENSITIVE in everything(a_mail(clinic=a_clinic(disclosure="full")))

    def test_the_patients_level_goes_before_the_clinics(self) -> None:
        visit = a_visit(patient=a_patient(disclosure=Disclosure.TIME))
        assert SEEN_TOO not in everything(a_mail(visit=visit, clinic=a_clinic(disclosure="full")))

    def test_what_nobody_marked_is_sensitive(self) -> None:
        therapy = a_therapy(preparations=[{"lead_days": 2, "text": {"en": "Eat nothing."}}])
        visit = a_visit(therapy=therapy, patient=a_patient(disclosure=Disclosure.NEUTRAL))
        assert "Eat nothing." not in everything(a_mail(visit=visit))

    def test_a_preparation_notice_tells_of_its_own_days_only(self) -> None:
        visit = a_visit(patient=a_patient(disclosure=Disclosure.FULL))
        said = everything(a_mail(a_notice(NoticeKind.PREPARATION, lead_hours=120), visit))
        assert SENSITIVE in said
        assert SEEN_TOO not in said

    @pytest.mark.parametrize("level", Disclosure)
    def test_calendars_never_say_how_to_prepare(self, level: Disclosure) -> None:
        event = str(calendar(a_mail(visit=a_visit(patient=a_patient(disclosure=level)))).to_ical())
        assert "glasses" not in event
        assert "blood" not in event

    def test_a_carer_reads_whom_it_is_about(self) -> None:
        said = everything(a_mail(a_notice(recipient="carer", name="Leo", address="leo@x.example")))
        assert "Hello Leo," in said
        assert "about Ana Núñez" in said

    def test_who_comes_by_phone_is_told_no_way(self) -> None:
        said = everything(a_mail(visit=a_visit(remote=True)))
        assert "By phone or video" in said
        assert "Tram" not in said

    def test_a_clinic_may_write_under_a_neutral_name(self) -> None:
        neutral = replace(LETTERHEAD, mail_from="Harbour <visits@clinic.example>")
        clinic = a_clinic(name="Harbour Pain Clinic")
        mail = message(a_notice(), a_visit(), clinic, neutral, sent_at=NOW)
        assert mail["From"] == "Harbour <visits@clinic.example>"
        assert "Pain" not in everything(mail)


class TestTimes:
    def test_the_same_time_at_home_is_told(self) -> None:
        said = everything(a_mail())
        assert "In your time zone: Thursday 10 December 2026, 09:00 to 09:45 (Eastern Standard Time)" in said

    def test_zones_that_show_the_same_time_are_not_named(self) -> None:
        said = everything(a_mail(visit=a_visit(patient=a_patient(timezone="Europe/Berlin"))))
        assert "Thursday 10 December 2026, 15:00 to 15:45\n" in said
        assert "time zone" not in said

    def test_the_week_in_which_only_one_of_them_has_changed_its_clocks(self) -> None:
        starts_at = datetime(2027, 3, 18, 14, 0, tzinfo=UTC)  # New York has summer time, Madrid not yet
        visit = a_visit(patient_starts_at=starts_at, patient_ends_at=starts_at + timedelta(minutes=45))
        visit.patient.timezone = "America/New_York"
        assert "10:00 to 10:45 (Eastern Daylight Time)" in everything(a_mail(visit=visit))


class TestTheCalendar:
    def test_it_is_the_same_visit_for_ever(self) -> None:
        for kind in CALENDAR_KINDS:
            event = calendar(a_mail(a_notice(kind), a_visit(sequence=3)))
            assert (event["UID"], event["SEQUENCE"], event.decoded("DTSTAMP")) == (
                "uid1@clinic.example",
                3,
                NOW,
            )
            assert event.decoded("DTSTART") == STARTS_AT

    def test_it_is_from_us_to_one_person(self) -> None:
        mail = a_mail()
        assert calendar(mail)["ORGANIZER"] == "mailto:visits@clinic.example"
        assert calendar(mail)["ATTENDEE"] == "mailto:ana@home.example"
        assert mail["Reply-To"] is None

    def test_the_same_notice_is_the_same_mail(self) -> None:
        assert a_mail().as_bytes() == a_mail().as_bytes()
        assert a_mail()["Message-ID"] == "<uid1.patient.a-kind.mail.0.1@clinic.example>"

    def test_its_link_answers_it(self) -> None:
        token = str(calendar(a_mail())["URL"]).rpartition("/")[2]
        assert links.uid_of(LETTERHEAD.secret_key, token) == "uid1"

"""The letter of a whole plan: held against golden files and the judge, and what it may tell."""

import os
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from coordinator.language import LANGUAGES
from coordinator.models import Appointment, Disclosure, Notice, NoticeKind
from coordinator.notices.messages import plan_message
from tests.calendars.test_judge import found

from .builders import LETTERHEAD, NOW, SEEN_TOO, SENSITIVE, STARTS_AT, a_clinic, a_patient
from .test_messages import GOLDEN, NASTY, a_notice, a_visit, everything

KINDS = (NoticeKind.INVITE, NoticeKind.UPDATE, NoticeKind.CANCELLATION)
PHI = ("--kind", "letter", "--phi", "nerve", "blood", "glasses")
NIGHTS = [datetime(2027, 3, 28, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)]
LONG = "Ana María de los Ángeles " * 8
RTL = "מרפאת הנמל \u202eלכאב"


def visits(*, disclosure: Disclosure | None = None, starts_at: datetime = STARTS_AT) -> list[Appointment]:
    made = []
    for n in range(3):
        begins = starts_at + timedelta(weeks=n)
        ends = begins + timedelta(minutes=45)
        patient = a_patient(timezone="America/New_York", disclosure=disclosure)
        times = {"patient_starts_at": begins, "patient_ends_at": ends}
        made.append(a_visit(id=n, uid=f"uid{n}", patient=patient, **times))
    return made


def a_letter(told: list[Appointment], notice: Notice | None = None) -> EmailMessage:
    return plan_message(notice or a_notice(), told, a_clinic(), LETTERHEAD, sent_at=NOW)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_each_letter_is_what_was_found_good(kind: NoticeKind, language: str, tmp_path: Path) -> None:
    """COORDINATOR_GOLDEN=write renews the files."""
    written = a_letter(visits(), a_notice(kind, language=language)).as_bytes()
    path = GOLDEN / f"plan-{kind}.{language}.eml"
    if os.environ.get("COORDINATOR_GOLDEN") == "write":
        path.write_bytes(written)
    assert path.read_bytes() == written
    assert found(written, tmp_path, *PHI) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("night", NIGHTS)
@pytest.mark.parametrize("name", [NASTY, LONG, RTL], ids=["nasty", "long", "right-to-left"])
def test_any_name_on_any_night_passes_the_judge(
    name: str, night: datetime, language: str, tmp_path: Path
) -> None:
    told = visits(starts_at=night)
    for each in told:
        each.location.name = each.location.address = each.patient.name = name
    mail = a_letter(told, a_notice(name=name, recipient="carer", language=language))
    assert found(mail.as_bytes(), tmp_path, *PHI) == []
    assert "<script>" not in (mail.get_body(("html",)) or mail).get_content()


@pytest.mark.parametrize(
    ("level", "read"),
    [
        (Disclosure.TIME, set()),
        (Disclosure.NEUTRAL, {SEEN_TOO, "Check-up (4 of 12)"}),
        (Disclosure.FULL, {SEEN_TOO, SENSITIVE, "Check-up (4 of 12)"}),
    ],
)
def test_it_tells_no_more_than_is_allowed(level: Disclosure, read: set[str]) -> None:
    said = everything(a_letter(visits(disclosure=level)))
    assert {words for words in (SEEN_TOO, SENSITIVE, "Check-up (4 of 12)") if words in said} == read
    assert "Nerve" not in said


def test_every_date_is_in_both_its_texts_with_its_own_link() -> None:
    mail = a_letter(visits())
    for kind in ("plain", "html"):
        said = (mail.get_body((kind,)) or mail).get_content()
        for day in ("10 December", "17 December", "24 December"):
            assert f"Thursday {day} 2026, 15:00 to 15:45" in said
        assert said.count("/a/") == 3
        assert said.count("/p/") == 1


def test_a_cancelled_plan_asks_for_no_answer() -> None:
    said = everything(a_letter(visits(), a_notice(NoticeKind.CANCELLATION)))
    assert "None of these appointments will take place." in said
    assert "/a/" not in said

"""Reading: a value, or every mistake with file, line and field."""

from datetime import date
from pathlib import Path

import pytest

from coordinator import files
from coordinator.errors import FileProblems
from coordinator.files.clinics import Clinic
from coordinator.files.patients import PatientsFile
from coordinator.files.values import DayPart
from tests.files.builders import CLINIC, ON, PATIENTS, problems


def clinic(text: str = CLINIC) -> Clinic:
    value = files.load(text.encode(), file="c.yaml", on=ON).value
    assert isinstance(value, Clinic)
    return value


def test_a_clinic_is_read_from_a_path(tmp_path: Path) -> None:
    path = tmp_path / "clinic.yaml"
    path.write_text(CLINIC, encoding="utf-8")
    assert files.read(path, on=ON) == clinic()


def test_hours_are_minutes_of_the_wall_clock() -> None:
    assert clinic().practitioners[0].hours[0].days.on(0) == (DayPart(480, 720), DayPart(780, 1020))
    assert clinic().practitioners[0].hours[0].days.on(1) == ()


def test_days_count_from_the_day_of_reading() -> None:
    absence = clinic().practitioners[0].absences[0]
    assert (absence.first_day, absence.last_day) == (date(2026, 12, 6), date(2026, 12, 12))


def test_one_sentence_stands_for_both_languages() -> None:
    name = clinic().capabilities[1].name
    assert (name.en, name.es) == ("Exam room", "Exam room")
    assert clinic().capabilities[0].name.in_language("es-MX") == "Enfermera"


def test_a_pool_spells_out_its_rooms() -> None:
    assert clinic().rooms[0].each() == (("exam-1", "Exam 1"), ("exam-2", "Exam 2"))


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("kind: clinic", "kind: clinics", 1, "kind", "must be one of clinic, pathway, patients"),
        ("kind: clinic\n", "", 1, "kind", "is missing"),
        ("name: Testfield\n", "", 1, "name", "is missing"),
        ("name: Testfield", "name: 5", 2, "name", "must be text"),
        ("name: Testfield", "name: [a]", 2, "name", "must be text"),
        ("name: Testfield", "name: '  '", 2, "name", "must not be empty"),
        ("name: Testfield", f"name: {'x' * 201}", 2, "name", "longer than 200 characters"),
        ("name: Testfield", 'name: "a\\r\\nBcc: b"', 2, "name", "U+000D"),
        ("name: Testfield", 'name: "a\\0b"', 2, "name", "U+0000"),
        ("name: Testfield", 'name: "a\\u202eb"', 2, "name", "U+202E"),
        ("name: Testfield", "name: |\n  a\n  b", 2, "name", "U+000A"),
        ("phone: +1 202 555 0100", "phone: call me", 3, "phone", "is not a phone number"),
        ("desk@example.org", "desk", 4, "email", "is not an e-mail address"),
        ("desk@example.org", '"a@example.org\\nBcc: b@example.org"', 4, "email", "is not an e-mail"),
        ("country: US", "country: US\nwebsite: javascript:alert(1)", 6, "website", "not a web address"),
        ("country: US", "country: usa", 5, "country", "two capital letters"),
        ("kind: role", "kind: job", 7, "capabilities[0].kind", "must be one of 'role', 'skill'"),
        ("key: nurse,", "key: Pain Nurse,", 7, "capabilities[0].key", "small letters"),
        ("America/New_York", "America/Nowhere", 13, "locations[0].timezone", "no time zone"),
        ('mon: ["08:00-18:00"]', 'mon: ["18:00-08:00"]', 16, "locations[0].opening.mon[0]", "before it ends"),
        ('mon: ["08:00-18:00"]', 'mon: ["8-18"]', 16, "locations[0].opening.mon[0]", "08:00-12:00"),
        ('mon: ["08:00-18:00"]', 'mon: ["08:00-24:30"]', 16, "locations[0].opening.mon[0]", "24:00"),
        ('mon: ["08:00-18:00"]', 'mon: ["08:00-18:75"]', 16, "locations[0].opening.mon[0]", "59"),
        ('mon: ["08:00-18:00"]', 'monday: ["08:00-18:00"]', 16, "locations[0].opening.monday", "belongs"),
        (
            '"08:00-12:00", "13:00',
            '"08:00-14:00", "13:00',
            28,
            "practitioners[0].hours[0].days.mon",
            "overlap",
        ),
        ("from: +14d", "from: soon", 30, "practitioners[0].absences[0].from", "is not a date"),
        ("from: +14d", "from: 2026-02-30", 30, "practitioners[0].absences[0].from", "is not a date"),
        ("from: +14d", "from: +99999d", 30, "practitioners[0].absences[0].from", "is not a date"),
        ("from: +14d", "from: 20261201", 30, "practitioners[0].absences[0].from", "is not a date"),
        ("from: +14d", "from: 9999-01-01", 30, "practitioners[0].absences[0].from", "1890 to 2200"),
        ("from: +14d", "from: +30d", 30, "practitioners[0].absences[0]", "ends (2026-12-12) before"),
        ("count: 2", "count: two", 32, "rooms[0].count", "whole number"),
        ("count: 2", "count: 2.5", 32, "rooms[0].count", "whole number"),
        ("count: 2", "count: true", 32, "rooms[0].count", "whole number"),
        ("count: 2", "count: 0", 32, "rooms[0].count", "at least 1"),
        ("count: 2", "count: 999999999999", 32, "rooms[0].count", "at most 200"),
        ("minutes: 30", "minutes: 0", 46, "therapies[0].phases[0].minutes", "at least 1"),
        (
            "{all: [nurse]}",
            "{all: [nurse], as: x}, {all: [nurse], as: x}",
            46,
            "therapies[0].phases[0]",
            "twice",
        ),
        (
            "needs: [{all: [nurse]}, {all: [exam-room]}]}]",
            "needs: []}, {name: More, minutes: 1430}]",
            43,
            "therapies[0]",
            "longer than a day",
        ),
        ("capabilities: [nurse]", "capabilities: nurse", 26, "practitioners[0].capabilities", "a list"),
        ("capabilities: [nurse]", "capabilities: []", 26, "practitioners[0].capabilities", "at least 1"),
    ],
)
def test_a_mistake_is_named_with_line_and_field(
    old: str, new: str, line: int, field: str, words: str
) -> None:
    assert old in CLINIC
    found = problems(CLINIC.replace(old, new, 1), "c.yaml")
    assert [(one.file, one.line, one.field) for one in found] == [("c.yaml", line, field)]
    assert words in found[0].text


def test_a_field_that_is_misspelt_is_missing_too() -> None:
    missing, unknown = problems(CLINIC.replace("name: Testfield", "nam: Testfield"))
    assert (missing.field, missing.text) == ("name", "is missing")
    assert (unknown.field, unknown.line) == ("nam", 2)
    assert unknown.text.endswith("did you mean 'name'?")


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    text = (
        CLINIC.replace("country: US", "country: us")
        .replace("count: 2", "count: x")
        .replace("America", "Amerika")
    )
    assert [one.line for one in problems(text)] == [5, 32]


def test_very_many_mistakes_are_cut_short() -> None:
    found = problems("kind: clinic\n" + "".join(f"k{number}: 1\n" for number in range(500)))
    assert len(found) == 201
    assert found[-1].text == "and 306 more"


def test_a_mistake_reads_as_one_line() -> None:
    (found,) = problems(CLINIC.replace("count: 2", "count: x"), "c.yaml")
    assert str(found) == "c.yaml:32: rooms[0].count: must be a whole number"


@pytest.mark.parametrize("text", ["just words", "- a\n- b", "5", "null"])
def test_a_file_that_is_no_fields_is_refused(text: str) -> None:
    assert "must be fields" in problems(text)[0].text


@pytest.mark.parametrize("name", ["missing.yaml", "folder", "nul\0.yaml"])
def test_what_cannot_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(FileProblems, match="cannot be opened"):
        files.read(str(tmp_path / name), on=ON)


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ("    email: pat@example.org\n", "", "patients[0]", "no way to reach"),
        ("email: pat@example.org", "carer: {name: Kim}", "patients[0]", "no way to reach"),
        (
            "pat@example.org",
            "pat@example.org\n    carer: {name: Kim, instead: true}",
            "patients[0].carer",
            "told",
        ),
        ("1970-05-05", "+1d", "patients[0].birth_date", "in the future"),
        ("1970-05-05", "1895-05-05", "patients[0].birth_date", "130 years"),
        (
            "pat@example.org",
            "pat@example.org\n    timezone: Mars/Olympus",
            "patients[0].timezone",
            "time zone",
        ),
        ("pat@example.org", "pat@example.org\n    language: English", "patients[0].language", "such as en"),
    ],
)
def test_a_patient_has_to_be_possible_and_reachable(old: str, new: str, field: str, words: str) -> None:
    (found,) = problems(PATIENTS.replace(old, new))
    assert found.field == field
    assert words in found.text
    assert "Pat" not in found.text


def test_a_patient_without_electronics_may_be_reached_by_post_or_carer() -> None:
    by_post = PATIENTS.replace("email: pat@example.org", "address: 1 Street")
    by_carer = PATIENTS.replace("email: pat@example.org", "carer: {name: Kim, phone: +1 202 555 0103}")
    for text in (by_post, by_carer):
        assert isinstance(files.load(text.encode(), file="p", on=ON).value, PatientsFile)


def test_two_patients_with_one_key_are_refused() -> None:
    twice = PATIENTS + PATIENTS.split("patients:\n")[1]
    (found,) = problems(twice)
    assert found.field == "patients[1].key"


def test_a_text_is_both_languages_wherever_it_is_handed_on() -> None:
    assert clinic().capabilities[1].name.model_dump() == {"en": "Exam room", "es": "Exam room"}

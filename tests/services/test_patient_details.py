"""What is asked of a patient: what may be typed, and what is said of the rest."""

from datetime import date

import pytest

from coordinator.models import Disclosure
from coordinator.services.patient_details import Allowed, PatientDetails, read

TODAY = date(2026, 11, 23)
ALLOWED = Allowed(["north", "south"], ["es"], ["warfarin"], "US")
WHOLE = {"name": "Vera Lind", "birth_date": "1971-02-03", "email": "vera@example.org", "language": "es"}


def faults(lists: dict[str, list[str]] | None = None, **other: str) -> list[str]:
    details, wrong = read(WHOLE | other, lists or {}, ALLOWED, today=TODAY)
    assert (details is None) == bool(wrong)
    return [fault.name for fault in wrong]


def right(lists: dict[str, list[str]] | None = None, **other: str) -> PatientDetails:
    details, wrong = read(WHOLE | other, lists or {}, ALLOWED, today=TODAY)
    assert wrong == []
    assert details is not None
    return details


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 201),
        ("name", "Vera\r\nBcc: all@example.org"),
        ("name", "Vera\u202e"),
        ("birth_date", ""),
        ("birth_date", "3 February 1971"),
        ("birth_date", "2026-11-24"),
        ("birth_date", "1895-01-01"),
        ("email", "vera"),
        ("email", "vera@example.org, all@example.org"),
        ("email", "vera@example.org\nBcc: all@example.org"),
        ("email", f"{'x' * 200}@example.org"),
        ("phone", "call me"),
        ("phone", "12"),
        ("address", "x" * 501),
        ("address", "1 North Street\x07"),
        ("language", "xx"),
        ("disclosure", "everything"),
        ("interpreter_language", "de"),
        ("can_come_mon", "always"),
        ("can_come_mon", "12-9"),
        ("can_come_mon", "9-12, 11-13"),
        ("can_come_sun", "9-25"),
        ("carer_email", "ola"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(field: str, typed: str):
    assert faults(**{field: typed}) == [field]


def test_everything_wrong_is_said_at_once_in_the_order_of_the_form():
    assert faults(name="", birth_date="soon", email="vera", can_come_fri="x") == [
        "name",
        "birth_date",
        "email",
        "can_come_fri",
    ]


def test_choices_are_those_of_the_clinic():
    assert faults({"preferred_locations": ["west"]}) == ["preferred_locations"]
    assert faults({"conditions": ["gout"]}) == ["conditions"]
    details = right({"preferred_locations": ["south", "", "north", "south"], "conditions": ["warfarin"]})
    assert details.preferred_locations == ["south", "north"]
    assert details.conditions == ["warfarin"]


@pytest.mark.parametrize(
    "way",
    [
        {"email": "vera@example.org"},
        {"phone": "510 555 0142"},
        {"address": "1 North Street\r\nOakland"},
        {"carer_name": "Ola", "carer_email": "ola@example.org"},
    ],
)
def test_one_way_to_be_reached_is_enough(way: dict[str, str]):
    right(**{"email": ""} | way)


def test_none_is_not_enough():
    assert faults(email="") == ["email"]


def test_a_carer_who_is_told_instead_needs_an_address_and_a_name():
    assert faults(carer_instead="1") == ["carer_email"]
    assert faults(carer_email="ola@example.org") == ["carer_name"]
    assert right(carer_instead="1", carer_name="Ola", carer_phone="+34 912 345 678").carer_instead


def test_what_is_typed_comes_out_in_one_form():
    details = right(
        phone="(510) 555-0142",
        can_come_mon="9-12; 14:30 – 17.15",
        disclosure="neutral",
        address=" 1 North Street\r\nOakland ",
        name="  Vera Lind ",
    )
    assert details.phone == "+1 510-555-0142"
    assert details.can_come == {"mon": ["09:00-12:00", "14:30-17:15"]}
    assert details.disclosure is Disclosure.NEUTRAL
    assert details.address == "1 North Street\nOakland"
    assert details.name == "Vera Lind"


def test_no_hours_at_all_is_any_time():
    assert right().can_come is None

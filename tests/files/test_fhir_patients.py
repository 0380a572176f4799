"""Patients out of FHIR R4."""

import contextlib
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coordinator.errors import FileProblem, FileProblems
from coordinator.files import fhir_patients
from coordinator.files.patients import Patient
from tests.files.builders import ON, shared

RESOURCE: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "Pat.1",
    "name": [{"use": "official", "family": "Doe", "given": ["Pat", "Q."]}],
    "birthDate": "1970-05-05",
    "telecom": [{"system": "phone", "value": "+1 202 555 0100"}],
}


def load(content: object) -> fhir_patients.FhirPatients:
    text = content if isinstance(content, str) else json.dumps(content, indent=1)
    return fhir_patients.load(text.encode(), file="f.json", on=ON)


def patient(**changes: object) -> Patient:
    (found,) = load(RESOURCE | changes).patients
    return found


def problems(content: object) -> list[FileProblem]:
    with pytest.raises(FileProblems) as refused:
        load(content)
    return refused.value.problems


def test_a_patient_is_read_from_a_single_resource() -> None:
    found = patient()
    assert (found.key, found.name, found.birth_date) == ("pat-1", "Pat Q. Doe", date(1970, 5, 5))
    assert (found.phone, found.email, found.language) == ("+1 202 555 0100", None, "en")


def test_a_bundle_gives_its_patients_and_counts_the_rest() -> None:
    others = [{"resource": {"resourceType": kind}} for kind in ("Condition", "Condition", "Device")]
    bundle = {"resourceType": "Bundle", "entry": [{"resource": RESOURCE}, {"fullUrl": "x"}, *others]}
    found = load(bundle)
    assert [one.key for one in found.patients] == ["pat-1"]
    assert found.skipped == {"Condition": 2, "Device": 1}


def test_lines_of_resources_are_read_one_by_one() -> None:
    lines = "\n".join(json.dumps(RESOURCE | {"id": key}) for key in "abc") + "\n\n"
    assert [one.key for one in load(lines).patients] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"deceasedBoolean": True}, "Patient (deceased)"),
        ({"deceasedDateTime": "2020-01-01"}, "Patient (deceased)"),
        ({"active": False}, "Patient (inactive)"),
    ],
)
def test_who_has_died_or_left_is_only_counted(change: dict[str, object], kind: str) -> None:
    found = load(RESOURCE | change)
    assert (found.patients, found.skipped) == ((), {kind: 1})


def test_the_official_name_of_today_is_taken() -> None:
    names = [{"use": "maiden", "family": "Roe"}, {"use": "usual", "given": ["Patty"]}, RESOURCE["name"][0]]
    assert patient(name=names).name == "Pat Q. Doe"
    assert patient(name=[{"text": "张无忌"}]).name == "张无忌"
    assert (
        patient(name=[{"text": "Pat", "family": "Doe", "given": ["Pat"], "suffix": ["Jr"]}]).name
        == "Pat Doe Jr"
    )


def test_the_best_way_to_reach_someone_is_taken() -> None:
    telecom = [
        {"system": "phone", "value": "111 1111", "use": "old"},
        {"system": "phone", "value": "222 2222", "period": {"end": "2020"}},
        {"system": "phone", "value": "333 3333", "use": "home"},
        {"system": "phone", "value": "444 4444", "use": "mobile"},
        {"system": "fax", "value": "555 5555"},
        {"system": "email", "value": "b@example.org", "rank": 2},
        {"system": "email", "value": "a@example.org", "rank": 1},
    ]
    assert (patient(telecom=telecom).phone, patient(telecom=telecom).email) == ("444 4444", "a@example.org")


def test_the_preferred_language_is_taken() -> None:
    def speaks(code: str, **more: object) -> dict[str, object]:
        return {"language": {"coding": [{"code": code}]}, **more}

    assert patient(communication=[speaks("en-US"), speaks("es", preferred=True)]).language == "es"
    assert patient(communication=[speaks("en-US"), speaks("es")]).language == "en-US"


def test_an_address_becomes_lines_for_a_letter() -> None:
    address = {
        "line": ["1 Street", "Floor 2"],
        "city": "Town",
        "state": "MD",
        "postalCode": "20999",
        "country": "US",
    }
    assert (
        patient(address=[{"use": "old", "text": "gone"}, address]).address
        == "1 Street\nFloor 2\nTown MD 20999\nUS"
    )
    assert patient(address=[{"text": "somewhere"}]).address == "somewhere"


def test_a_contact_who_can_be_reached_becomes_the_carer() -> None:
    contact = [
        {"organization": {"reference": "Organization/1"}},
        {"name": {"family": "Doe", "given": ["Kim"]}, "telecom": [{"system": "phone", "value": "333 3333"}]},
    ]
    carer = patient(contact=contact, telecom=[]).carer
    assert carer is not None
    assert (carer.name, carer.phone, carer.instead) == ("Kim Doe", "333 3333", False)


def test_numbers_that_a_booking_has_no_use_for_stay_out() -> None:
    social = {"system": "s", "value": "1", "type": {"coding": [{"code": "SS"}]}}
    record = {"system": "r", "value": "2", "type": {"coding": [{"code": "MR"}]}}
    identifiers = patient(identifier=[social, record, record, {"value": "3"}]).identifiers
    assert [(one.system, one.value) for one in identifiers] == [("r", "2")]


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"birthDate": "1970"}, "birthDate", "is not a date"),
        ({"birthDate": "2100-01-01"}, "birthDate", "in the future"),
        ({"birthDate": "today-9000"}, "birthDate", "is not a date"),
        ({"birthDate": 5}, "birthDate", "is not a date"),
        ({"name": [{"family": "x" * 300}]}, "name", "longer than 200"),
        ({"name": [{"text": "a\r\nBcc: b"}]}, "name", "U+000D"),
        ({"name": []}, "name", "is missing"),
        ({"id": ""}, "id", "is missing"),
        ({"telecom": [{"system": "email", "value": "nowhere"}]}, "telecom", "not an e-mail"),
        ({"telecom": [{"system": "phone", "value": {"a": 1}}]}, "telecom", "must be text"),
        ({"telecom": []}, "", "no way to reach"),
        ({"communication": [{"language": {"coding": [{"code": "English"}]}}]}, "communication", "such as en"),
    ],
)
def test_a_mistake_names_the_element(change: dict[str, object], field: str, words: str) -> None:
    (found,) = problems(RESOURCE | change)
    assert found.field == field
    assert words in found.text


def test_a_mistake_in_a_bundle_has_its_line_and_entry() -> None:
    bundle = {
        "resourceType": "Bundle",
        "entry": [{"resource": RESOURCE}, {"resource": RESOURCE | {"birthDate": "x"}}],
    }
    (found,) = problems(bundle)
    lines = json.dumps(bundle, indent=1).splitlines()
    assert found.line is not None
    assert lines[found.line - 1].strip() == '"birthDate": "x",'
    assert found.field == "entry[1].resource.birthDate"


def test_very_many_mistakes_are_cut_short() -> None:
    entries = [{"resource": RESOURCE | {"id": f"p{number}", "birthDate": "x"}} for number in range(300)]
    found = problems({"resourceType": "Bundle", "entry": entries})
    assert (len(found), found[-1].text) == (201, "and 100 more")


def test_a_mistake_in_lines_has_its_line() -> None:
    lines = [json.dumps(RESOURCE), "", json.dumps(RESOURCE | {"id": "b", "birthDate": None})]
    (found,) = problems("\n".join(lines))
    assert (found.line, found.field) == (3, "birthDate")


def test_a_patient_twice_in_a_file_is_refused() -> None:
    (found,) = problems(f"{json.dumps(RESOURCE)}\n{json.dumps(RESOURCE)}")
    assert (found.line, found.field, found.text) == (2, "id", "is there twice")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "is not JSON"),
        ('{\n"a": }', 2, "is not JSON"),
        ('{"resourceType": "Device"}\n{"a": ', 2, "is not JSON"),
        ("[]", 1, "not a FHIR resource"),
        ('{"id": "x"}', 1, "not a FHIR resource"),
        ('{"resourceType": "Patient", "id": "a", "id": "b"}', 1, "'id' is there twice"),
        ('{"resourceType": "Patient", "x": NaN}', 1, "NaN is not a number"),
        ('{"resourceType": "Patient", "x": ' + "[" * 60 + "]" * 60 + "}", 1, "deeper than 50"),
        ("[" * 200_000, 1, "deeper than 50"),
        ('{"resourceType": "Patient", "x": "\x00"}', 1, "U+0000"),
    ],
)
def test_what_is_not_fhir_is_refused(text: str, line: int, words: str) -> None:
    (found,) = problems(text)
    assert found.line == line
    assert words in found.text


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileProblems, match="cannot be opened"):
        fhir_patients.read(tmp_path / "none.json", on=ON)


leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 5), st.sampled_from(["", "official", "phone", "1970-01-01"])
)
anything = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                ["use", "text", "given", "family", "system", "value", "coding", "code", "type", "period"]
            )
            | st.sampled_from(["end", "rank", "line", "language", "name", "telecom", "city"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["id", "name", "birthDate", "telecom", "address", "communication", "contact", "identifier"]
        ),
        anything,
    )
)
def test_any_patient_is_read_or_refused(fields: dict[str, object]) -> None:
    with contextlib.suppress(FileProblems):
        load(RESOURCE | fields)


def test_ten_synthetic_people_are_read() -> None:
    found = fhir_patients.read(shared("fhir", "samples", "synthea-10", "Patient.ndjson"), on=ON)
    assert len(found.patients) + sum(found.skipped.values()) == 8
    assert set(found.skipped) == {"Patient (deceased)"}
    assert all(one.phone and one.address and one.identifiers for one in found.patients)


def test_every_published_example_is_read_or_refused_with_its_line() -> None:
    read: list[Patient] = []
    refused: list[FileProblem] = []
    for path in sorted(shared("fhir", "samples").rglob("*.json")):
        try:
            read.extend(fhir_patients.read(path, on=ON).patients)
        except FileProblems as problem:
            refused.extend(problem.problems)
    assert len(read) >= 10
    assert len(refused) >= 8
    assert all(one.line for one in refused)

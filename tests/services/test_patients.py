"""Patients: found in pages, added, changed, their studies and links; each deed written down."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.errors import NotFound
from coordinator.models import AuditLine, Patient
from coordinator.services import patient_details, patients
from coordinator.services.patient_details import Allowed, PatientDetails
from coordinator.services.trail import COMMAND, account

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ALLOWED = Allowed(["north"], ["es"], ["warfarin"], "US")


def details(**other: str) -> PatientDetails:
    given = {"name": "Vera Lind", "birth_date": "1971-02-03", "email": "vera@example.org"} | other
    read, wrong = patient_details.read(given, {}, ALLOWED, today=NOW.date())
    assert wrong == []
    assert read is not None
    return read


def add(db: Session, **other: str) -> Patient:
    return patients.add(db, details(**other), by=COMMAND, now=NOW)


def test_a_patient_is_kept_as_written(db: Session):
    number = add(db, can_come_tue="9-12", carer_name="Ola Lind", carer_phone="(510) 555-0142").id
    db.expire_all()
    patient = patients.one(db, number)
    assert (patient.name, patient.birth_date) == ("Vera Lind", date(1971, 2, 3))
    assert patient.can_come == {"tue": ["09:00-12:00"]}
    assert patient.carer_phone == "+1 510-555-0142"
    assert len(patient.link_key) >= 22


def test_a_long_list_comes_in_pages(db: Session):
    for number in range(27):
        add(db, name=f"Person {number:02}")
    first, second = patients.find(db, "person"), patients.find(db, "person", 2)
    assert (first.total, first.last, len(first.rows), len(second.rows)) == (27, 2, 25, 2)
    assert [row.name for row in (*first.rows, *second.rows)] == sorted(f"Person {n:02}" for n in range(27))
    assert patients.find(db, "person", 99).number == 2
    assert patients.find(db, "person", -1).number == 1


@pytest.mark.parametrize("words", ["lind vera", "VERA", "3.2.1971", "03/02/1971", "1971-02-03", ""])
def test_words_and_birth_dates_find(db: Session, words: str):
    add(db)
    add(db, name="Olaf Berg", birth_date="1950-01-01")
    found = [row.name for row in patients.find(db, words).rows]
    assert found == (["Vera Lind"] if words else ["Olaf Berg", "Vera Lind"])


@pytest.mark.parametrize("words", ["%", "_era", "lind olaf", "31.2.1971", "\\", "'; drop table patient"])
def test_other_words_do_not(db: Session, words: str):
    add(db)
    assert patients.find(db, words).total == 0


def test_every_deed_is_written_down_with_its_account(db: Session):
    number = add(db).id
    by = account(_an_account(db))
    patients.open_record(db, number, by=by, now=NOW)
    patients.change(db, number, details(name="Vera Berg"), by=by, now=NOW)
    patients.add_study(db, number, "mri", date(2026, 1, 2), reviewed=True, by=by, now=NOW)
    patients.renew_link(db, number, by=by, now=NOW)
    lines = db.scalars(select(AuditLine).where(AuditLine.account_id == by.account_id)).all()
    assert [line.deed for line in lines] == ["open", "change", "add-study", "renew-link"]
    assert {line.subject_id for line in lines} == {number}
    assert "Vera" not in str([line.facts for line in lines])
    assert [(study.study, study.reviewed) for study in patients.one(db, number).studies] == [("mri", True)]


def _an_account(db: Session) -> int:
    from coordinator.models import Account, Role

    made = Account(email="a@b.example", name="Sam", role=Role.COORDINATOR, password_hash="!", stamp="s")
    db.add(made)
    db.commit()
    return made.id


def test_a_new_link_is_another_one(db: Session):
    patient = add(db)
    old = patient.link_key
    patients.renew_link(db, patient.id, by=COMMAND, now=NOW)
    assert patients.one(db, patient.id).link_key != old


def test_nobody_is_opened_who_is_not_there(db: Session):
    with pytest.raises(NotFound):
        patients.open_record(db, 987654, by=COMMAND, now=NOW)
    assert db.scalars(select(AuditLine)).all() == []


def test_signs_that_cannot_be_printed_separate_words(db: Session):
    add(db)
    assert [patient.name for patient in patients.find(db, "Vera\0Lind").rows] == ["Vera Lind"]

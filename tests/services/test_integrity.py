"""Each thing that can be wrong is named, with its numbers; nothing is named where all is well."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert, make_url, select, text
from sqlalchemy.orm import Session

from coordinator import database
from coordinator.models import Appointment, Attendance, Block, Claim, Hold, Notice, Room
from coordinator.services import cancelling, holding, integrity
from coordinator.services.trail import COMMAND
from tests.conftest import PostgresServer, SqliteFiles
from tests.services import a_pain_clinic as clinic

PERSONAL = re.compile("Rosa|Mendez|Tom|Hill|@|esi|physio|injection", re.I)


@pytest.fixture
def booked(db: Session) -> Sequence[Appointment]:
    """A booked plan with mails that wait."""
    clinic.set_up(db)
    appointments = clinic.booked(db)
    assert integrity.findings(db) == []
    return appointments


@pytest.fixture
def called(db: Session, booked: Sequence[Appointment]) -> Sequence[Appointment]:
    """A booked plan of somebody who has no mail: one call waits for all of it."""
    appointments = clinic.booked(db, "tom")
    assert integrity.findings(db) == []
    return appointments


def broken(db: Session, *statements: str) -> list[str]:
    """What is found after it was broken, by hand and past the program."""
    for statement in statements:
        db.execute(text(statement))
    db.commit()
    found = integrity.findings(db)
    assert not any(map(PERSONAL.search, found))
    assert not any("\n" in line for line in found)
    return found


def a_claim(db: Session, appointment: Appointment) -> Claim:
    return db.scalars(select(Claim).where(Claim.appointment_id == appointment.id).order_by(Claim.id)).all()[0]


def unguarded(db: Session) -> None:
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("ALTER TABLE claim DROP CONSTRAINT claim_no_overlap"))
    else:
        db.execute(text("DROP TRIGGER claim_no_overlap_insert"))


def test_what_was_cancelled_and_held_properly_is_in_order(db: Session, booked: Sequence[Appointment]):
    options = {"delay_seconds": 0, "by": COMMAND, "now": clinic.NOW}
    cancelling.cancel(db, booked[-1].id, **options)  # type: ignore[arg-type]
    plan = clinic.approved(db, clinic.a_draft(db, "tom"))
    search = clinic.found(db, plan)
    proposal = search.proposals[0].id
    for _ in range(2):
        holding.hold(db, proposal, version=plan.version, by=COMMAND, now=clinic.NOW)
    assert integrity.findings(db) == []
    db.info["now"] = booked[0].ends_at
    cancelling.cancel_plan(db, booked[0].plan_id, delay_seconds=0, by=COMMAND, now=booked[0].ends_at)
    assert integrity.findings(db) == []


def test_overlapping_claims_are_named_in_pairs(db: Session):
    unguarded(db)
    day = clinic.NOW
    room, block = (
        Room(key="room", name="Room"),
        Block(title="Busy", starts_at=day, ends_at=day + timedelta(days=1)),
    )
    db.add_all([room, block])
    db.flush()
    spans = [(0, 100), (10, 20), (30, 40), (100, 110), (105, 120), (120, 130)]
    for begin, end in spans:
        db.execute(
            insert(Claim).values(
                resource_id=room.id,
                block_id=block.id,
                active=True,
                starts_at=day + timedelta(minutes=begin),
                ends_at=day + timedelta(minutes=end),
            )
        )
    found = broken(db)
    pairs = [tuple(map(int, re.findall(r"(\d+) \(block", line))) for line in found]
    first = min(map(min, pairs))
    assert [(one - first, other - first) for one, other in pairs] == [(0, 1), (0, 2), (3, 4)]
    assert all(f"resource {room.id} at once" in line for line in found)


def cancel_for_good(db: Session, appointment: Appointment) -> None:
    """Its time is not kept for an undo any more."""
    cancelling.cancel(db, appointment.id, delay_seconds=0, by=COMMAND, now=clinic.NOW)
    db.info["now"] = clinic.NOW + timedelta(hours=1)
    assert holding.release_expired(db) == 1


def test_a_claim_for_a_cancelled_appointment(db: Session, booked: Sequence[Appointment]):
    appointment = booked[-1]
    claim = a_claim(db, appointment)
    cancel_for_good(db, appointment)
    (said,) = broken(db, f"UPDATE claim SET active = true WHERE id = {claim.id}")
    assert said.startswith(
        f"Claim {claim.id} keeps resource {claim.resource_id} for appointment {appointment.id}, which is"
    )


def test_what_a_finding_says_to_do_mends_it(db: Session, booked: Sequence[Appointment]):
    claim = a_claim(db, booked[-1])
    cancel_for_good(db, booked[-1])
    (said,) = broken(db, f"UPDATE claim SET active = true WHERE id = {claim.id}")
    assert broken(db, said.partition(": ")[2].rstrip(".")) == []


def test_a_claim_for_a_released_hold(db: Session, booked: Sequence[Appointment]):
    plan = clinic.approved(db, clinic.a_draft(db, "tom"))
    search = clinic.found(db, plan)
    holding.hold(db, search.proposals[0].id, version=plan.version, by=COMMAND, now=clinic.NOW)
    hold = db.scalars(select(Hold)).one()
    planned = len(db.scalars(select(Claim.id).where(Claim.hold_id == hold.id)).all())
    found = broken(db, "UPDATE hold SET released_at = expires_at")
    assert len(found) == planned
    assert all(f"for hold {hold.id}, which is" in line for line in found)


def test_a_booked_appointment_without_a_claim(db: Session, booked: Sequence[Appointment]):
    attendance = db.scalars(select(Attendance).order_by(Attendance.id)).all()[0]
    (said,) = broken(
        db,
        f"DELETE FROM claim WHERE appointment_id = {attendance.appointment_id}"
        f" AND resource_id = {attendance.resource_id}",
    )
    appointment, resource = attendance.appointment_id, attendance.resource_id
    assert said.startswith(f"Appointment {appointment} is booked, but resource {resource} is not kept for it")


def test_a_booked_appointment_whose_claim_is_too_short(db: Session, booked: Sequence[Appointment]):
    attendance = db.scalars(select(Attendance).order_by(Attendance.id)).all()[0]
    claim = db.scalars(
        select(Claim).where(
            Claim.appointment_id == attendance.appointment_id, Claim.resource_id == attendance.resource_id
        )
    ).all()[0]
    claim.ends_at = attendance.ends_at - timedelta(minutes=1)
    assert f"resource {attendance.resource_id} is not kept for it" in broken(db)[0]


def test_a_booked_appointment_without_the_patient_s_own_time(db: Session, booked: Sequence[Appointment]):
    appointment = booked[0]
    (said,) = broken(
        db,
        f"UPDATE claim SET active = false WHERE appointment_id = {appointment.id}"
        f" AND resource_id = {appointment.patient_id}",
    )
    assert f"Appointment {appointment.id} is booked, but resource {appointment.patient_id} is not" in said


@pytest.mark.parametrize("change", ["state = 'cancelled'", "sequence = sequence + 1"])
def test_a_mail_about_what_is_no_longer_so(db: Session, booked: Sequence[Appointment], change: str):
    visit = booked[0]
    found = broken(
        db,
        f"UPDATE appointment SET {change} WHERE id = {visit.id}",
        f"UPDATE claim SET active = false WHERE appointment_id IN"
        f" (SELECT id FROM appointment WHERE id = {visit.id} AND state = 'cancelled')",
    )
    waiting = db.scalars(select(Notice.id).where(Notice.appointment_id == visit.id).order_by(Notice.id)).all()
    starts = [
        f"Notice {notice} waits to tell of appointment {visit.id}, which was cancelled or moved since"
        for notice in waiting
    ]
    assert waiting
    assert [line.partition(":")[0] for line in found] == starts


def test_a_call_about_a_plan_of_which_nothing_is_booked(db: Session, called: Sequence[Appointment]):
    plan = called[0].plan_id
    (said,) = broken(
        db,
        f"UPDATE claim SET active = false WHERE appointment_id IN"
        f" (SELECT id FROM appointment WHERE plan_id = {plan})",
        f"UPDATE appointment SET state = 'cancelled' WHERE plan_id = {plan}",
    )
    assert f"waits to tell of plan {plan}, of which nothing is booked" in said


def test_a_plan_that_lacks_an_appointment(db: Session, booked: Sequence[Appointment]):
    visit = booked[-1]
    (said,) = broken(
        db,
        f"DELETE FROM notice WHERE appointment_id = {visit.id}",
        f"DELETE FROM claim WHERE appointment_id = {visit.id}",
        f"DELETE FROM attendance WHERE appointment_id = {visit.id}",
        f"DELETE FROM appointment WHERE id = {visit.id}",
    )
    assert said.startswith(f"Plan {visit.plan_id} is booked, but its step {visit.step_id} has no appointment")


@pytest.mark.parametrize("state", ["draft", "approved", "cancelled"])
def test_appointments_of_a_plan_that_is_not_booked(db: Session, booked: Sequence[Appointment], state: str):
    found = broken(db, f"UPDATE treatment_plan SET state = '{state}'")
    assert [line.partition(":")[0] for line in found] == [
        f"Plan {visit.plan_id} is not booked, but its appointment {visit.id} is"
        for visit in sorted(booked, key=lambda each: each.id)
    ]


def test_many_of_one_sort_are_not_all_named(
    db: Session, booked: Sequence[Appointment], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(integrity, "MOST", 2)
    found = broken(db, "UPDATE treatment_plan SET state = 'draft'")
    assert len(found) == 3
    assert found[-1] == "There are more than 2 of this sort; the others are not named."


def unkept(db: Session, engine: Engine, statement: str) -> list[str]:
    """What is found after references were broken in a database that was told not to look."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = replica"))
        else:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(text(statement))
        connection.commit()
        connection.invalidate()
    return broken(db)


def test_a_block_that_is_gone(db: Session, engine: Engine):
    block = Block(title="Busy", starts_at=clinic.NOW, ends_at=clinic.NOW + timedelta(days=1))
    room = Room(key="room", name="Room")
    db.add_all([room, block])
    db.flush()
    times = {"starts_at": block.starts_at, "ends_at": block.ends_at}
    db.add(Claim(resource_id=room.id, block_id=block.id, **times))
    db.commit()
    (said,) = unkept(db, engine, "DELETE FROM block")
    claim = db.scalars(select(Claim.id)).one()
    expected = {
        "sqlite": f"Row {claim} of claim refers to a row of block that is gone",
        "postgresql": f"Claim {claim} keeps resource {room.id} for block {block.id}, which is cancelled",
    }
    assert said.startswith(expected[engine.dialect.name])


def test_a_notice_of_an_appointment_that_is_gone(db: Session, engine: Engine, booked: Sequence[Appointment]):
    visit = booked[0].id
    notice = db.scalars(select(Notice.id).where(Notice.appointment_id == visit).order_by(Notice.id)).all()[0]
    found = unkept(db, engine, f"DELETE FROM appointment WHERE id = {visit}")
    expected = {
        "sqlite": f"Row {notice} of notice refers to a row of appointment that is gone",
        "postgresql": f"Notice {notice} waits to tell of appointment {visit}, which was",
    }
    assert any(line.startswith(expected[engine.dialect.name]) for line in found)


def test_a_file_that_breaks_its_own_rules(sqlite_files: SqliteFiles):
    engine = database.make_engine(sqlite_files.migrated())
    with database.make_sessions(engine)() as db:
        clinic.set_up(db)
        clinic.a_draft(db)
        found = broken(
            db,
            "PRAGMA ignore_check_constraints=ON",
            "UPDATE treatment_plan SET state = 'lost'",
            "PRAGMA ignore_check_constraints=OFF",
        )
    engine.dispose()
    damaged = "The database is damaged (CHECK constraint failed in treatment_plan): restore the newest backup"
    assert len(found) == 1
    assert found[0].startswith(damaged)


def test_a_file_with_a_torn_page(sqlite_files: SqliteFiles):
    url = sqlite_files.migrated()
    engine = database.make_engine(url)
    with database.make_sessions(engine)() as db:
        clinic.set_up(db)
        root = db.execute(text("SELECT rootpage FROM sqlite_master WHERE name = 'resource'")).scalar_one()
        size = db.execute(text("PRAGMA page_size")).scalar_one()
    engine.dispose()
    with open(str(make_url(url).database), "r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"torn" * 200)
    with database.make_sessions(database.make_engine(url))() as db:
        found = integrity.findings(db)
        db.get_bind().dispose()
    assert all(line.startswith("The database is damaged (") for line in found)
    assert found


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "ALTER TABLE claim DROP CONSTRAINT ck_claim_order;"
            " ALTER TABLE claim ADD CONSTRAINT ck_claim_order CHECK (ends_at > starts_at) NOT VALID",
            "The constraint ck_claim_order of claim is not kept: ALTER TABLE claim VALIDATE CONSTRAINT ck_claim_order.",
        ),
        (
            "UPDATE pg_index SET indisvalid = false WHERE indexrelid = CAST('ix_claim_hold_id' AS regclass)",
            "The index ix_claim_hold_id of claim is not in use: REINDEX INDEX ix_claim_hold_id.",
        ),
        (
            "ALTER TABLE closure DISABLE TRIGGER ALL",
            "2 triggers of closure are switched off: ALTER TABLE closure ENABLE TRIGGER ALL.",
        ),
    ],
)
def test_what_postgresql_was_told_not_to_look_at(postgres: PostgresServer, statement: str, said: str):
    engine = database.make_engine(url := postgres.migrated())
    with database.make_sessions(engine)() as db:
        assert broken(db) == []
        assert broken(db, *statement.split("; ")) == [said]
        assert broken(db, said.partition(": ")[2].rstrip(".")) == []
    engine.dispose()
    postgres.drop(url)

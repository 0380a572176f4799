"""Signing in: who is let in, how long a "no" takes, what is written down."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import Account, AuditLine, Role
from coordinator.services import signing_in

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PASSWORD = "a long enough password"


@pytest.fixture
def account(db: Session) -> Account:
    made = Account(
        email="Desk@Clinic.example",
        name="Sam",
        role=Role.COORDINATOR,
        password_hash=signing_in.hashed(PASSWORD),
        stamp=signing_in.new_stamp(),
    )
    db.add(made)
    db.commit()
    return made


def deeds(db: Session) -> list[str]:
    return list(db.scalars(select(AuditLine.deed).order_by(AuditLine.id)))


def test_the_right_password_lets_in_whatever_the_letters_of_the_address(db: Session, account: Account):
    welcome = signing_in.sign_in(db, " desk@CLINIC.example ", PASSWORD, now=NOW)
    assert welcome is not None
    assert (welcome.id, welcome.last_seen_at) == (account.id, NOW)
    assert deeds(db) == ["sign-in"]


@pytest.mark.parametrize("password", ["", "another password", PASSWORD.upper(), "x" * 10_000])
def test_any_other_does_not_and_that_is_written_down(db: Session, account: Account, password: str):
    assert signing_in.sign_in(db, account.email, password, now=NOW) is None
    assert deeds(db) == ["sign-in-failed"]


def test_an_unknown_address_costs_a_hash_too(db: Session, account: Account, monkeypatch: pytest.MonkeyPatch):
    tried: list[str] = []
    monkeypatch.setattr(signing_in, "_fits", lambda kept, password: tried.append(kept))
    signing_in.sign_in(db, account.email, PASSWORD, now=NOW)
    signing_in.sign_in(db, "nobody@clinic.example", PASSWORD, now=NOW)
    assert [kept.rsplit("$", 2)[0] for kept in tried] == [account.password_hash.rsplit("$", 2)[0]] * 2
    assert deeds(db) == ["sign-in-failed"]


def test_an_account_out_of_use_is_shut_out_at_once(db: Session, account: Account):
    assert signing_in.account_of(db, account.id, account.stamp) is account
    account.active = False
    db.commit()
    assert signing_in.account_of(db, account.id, account.stamp) is None
    assert signing_in.sign_in(db, account.email, PASSWORD, now=NOW) is None


def test_signing_out_ends_all_sign_ins(db: Session, account: Account):
    old = account.stamp
    signing_in.sign_out(db, account.id, now=NOW)
    assert signing_in.account_of(db, account.id, old) is None
    assert signing_in.account_of(db, account.id, account.stamp) is account


def test_a_hash_that_nobody_can_read_lets_nobody_in(db: Session, account: Account):
    account.password_hash = "!"
    db.commit()
    assert signing_in.sign_in(db, account.email, PASSWORD, now=NOW) is None


def test_an_address_that_cannot_be_one_lets_nobody_in(db: Session, account: Account):
    assert signing_in.sign_in(db, "desk\0@clinic.example", PASSWORD, now=NOW) is None


def test_no_transaction_waits_while_a_password_is_hashed(
    db: Session, account: Account, monkeypatch: pytest.MonkeyPatch
):
    waiting = []

    def fits(*_: str) -> bool:
        waiting.append(db.in_transaction())
        return True

    monkeypatch.setattr(signing_in, "_fits", fits)
    assert signing_in.sign_in(db, account.email, PASSWORD, now=NOW)
    assert waiting == [False]

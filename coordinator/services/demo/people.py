"""The demo's accounts: an administrator, two coordinators and every practitioner."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator.models import Clinic, Practitioner, Role
from coordinator.services.accounts import account
from coordinator.services.planning import APPROVERS
from coordinator.services.signing_in import hashed

KNOWN = {
    Role.ADMINISTRATOR: "quiet-harbour-7",
    Role.COORDINATOR: "early-bird-12",
    Role.PRACTITIONER: "warm-hands-3",
}
"""Known to all who read this: for a demo that listens on its own machine alone."""
OFFICE = (
    (Role.ADMINISTRATOR, "admin@example.org", "Administrator"),
    (Role.COORDINATOR, "coordinator@example.org", "First coordinator"),
    (Role.COORDINATOR, "coordinator2@example.org", "Second coordinator"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How to sign in as somebody."""

    role: str
    email: str
    password: str
    name: str


def passwords(*, known: bool) -> dict[Role, str]:
    """A password for each role: easy to remember, or nobody's guess where others can reach the demo."""
    return KNOWN if known else {role: secrets.token_urlsafe(12) for role in KNOWN}


def add(session: Session, given: Mapping[Role, str]) -> list[SignIn]:
    """Add all accounts, and the physician whose standing order approves plans at the command line. Flushes."""
    kept = {role: hashed(password) for role, password in given.items()}
    accounts = [account(email, name, role, kept[role]) for role, email, name in OFFICE]
    query = select(Practitioner).options(selectinload(Practitioner.capabilities))
    practitioners = session.scalars(query.order_by(Practitioner.position)).all()
    physicians = [each for each in practitioners if _approves(each)]
    session.scalars(select(Clinic)).one().standing_approver_id = physicians[0].id if physicians else None
    for each in sorted(practitioners, key=lambda each: not _approves(each)):
        email = each.email or f"{each.key}@example.org"
        accounts.append(
            account(email, each.name, Role.PRACTITIONER, kept[Role.PRACTITIONER], practitioner_id=each.id)
        )
    session.add_all(accounts)
    session.flush()
    return [
        SignIn(role=each.role.value, email=each.email, password=given[each.role], name=each.name)
        for each in accounts
    ]


def _approves(practitioner: Practitioner) -> bool:
    return any(capability.key in APPROVERS for capability in practitioner.capabilities)

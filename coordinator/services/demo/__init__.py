"""The demo clinic: example files, accounts to sign in with, plans, and a calendar that is in use."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import files
from coordinator.database import begin_writing
from coordinator.errors import Refusal
from coordinator.models import Account, Clinic, Location, Pathway, Patient
from coordinator.services import importing, lists, trail
from coordinator.services.demo import blocks, courses, people
from coordinator.services.demo.people import SignIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What somebody needs to try the demo: where it is, how to sign in, and the numbers of what is there."""

    url: str
    accounts: Sequence[SignIn]
    patients: Sequence[int]
    pathways: Sequence[int]
    locations: Sequence[int]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        return asdict(self)


def is_empty(session: Session) -> bool:
    """Whether nobody has put anything into this database yet."""
    return all(session.scalar(select(kind.id).limit(1)) is None for kind in (Clinic, Account))


def is_unfinished(session: Session) -> bool:
    """Whether somebody stopped the program while it made a demo here."""
    clinic = lists.clinic(session)
    return clinic is not None and clinic.facts.get("demo") is False


def make_demo(
    session: Session,
    *,
    examples: Path,
    on: date,
    now: datetime,
    base_url: str,
    known_passwords: bool = True,
) -> Demo:
    """Fill an empty database with the example clinic, as it might look on a day.

    The same day gives the same calendar. Its plans are booked first, by the services that everybody's are booked by
    and in their transactions; the earlier calendar fills what they leave. Without ``known_passwords`` they are made
    up, for a demo that others can reach. Raises Refusal where the database is not empty.
    """
    readings = [files.load(path.read_bytes(), file=path.name, on=on) for path in _paths(examples)]
    begin_writing(session)
    if not is_empty(session):
        raise Refusal("The demo needs an empty database; this one is in use.")
    importing.take(session, readings, now=now)
    accounts = people.add(session, people.passwords(known=known_passwords))
    _mark(session, finished=False)
    session.commit()
    courses.make(session, on, now)
    begin_writing(session)
    blocks.lay(session, on)
    _mark(session, finished=True)
    trail.record(session, trail.COMMAND, "make", "demo", None, now)
    session.commit()
    return Demo(
        url=base_url,
        accounts=accounts,
        patients=list(session.scalars(select(Patient.id).order_by(Patient.id))),
        pathways=list(session.scalars(select(Pathway.id).order_by(Pathway.key))),
        locations=list(session.scalars(select(Location.id).order_by(Location.position))),
    )


def _mark(session: Session, *, finished: bool) -> None:
    """Note with the clinic that it is a demo; an import over it takes the note away."""
    clinic = session.scalars(select(Clinic)).one()
    clinic.facts = clinic.facts | {"demo": finished}


def _paths(examples: Path) -> list[Path]:
    found = sorted(examples.glob("*.yaml")) + sorted(examples.glob("pathways/*.yaml"))
    if not found:
        raise Refusal("The example files are not there: {folder}.", folder=examples)
    return found

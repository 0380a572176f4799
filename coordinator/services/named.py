"""What somebody names at the command line, by its number or its key."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator import times
from coordinator.errors import NotFound
from coordinator.models import Clinic, Location, Pathway, Patient, Practitioner
from coordinator.services import appointing


def patient(session: Session, name: str) -> int:
    """The number of a patient. Raises NotFound."""
    return _number(session, Patient, name, "There is no patient {name}.")


def pathway(session: Session, name: str) -> int:
    """The number of a pathway. Raises NotFound."""
    return _number(session, Pathway, name, "There is no pathway {name}.")


def practitioner(session: Session, name: str) -> int:
    """The number of a practitioner. Raises NotFound."""
    return _number(session, Practitioner, name, "There is no practitioner {name}.")


def location(session: Session, name: str) -> str:
    """The key of a location. Raises NotFound."""
    number = _number(session, Location, name, "There is no location {name}.")
    return session.get_one(Location, number).key


def standing_approver(session: Session) -> int:
    """The physician whose standing order approves plans at the command line. Raises NotFound where there is none."""
    found = session.scalar(select(Clinic.standing_approver_id).limit(1))
    if found is None:
        raise NotFound("Nobody approves plans by a standing order here. Name a physician with --approved-by.")
    return found


def zone_of(session: Session, appointment_id: int) -> times.Zone:
    """The time zone of the place of an appointment. Raises NotFound."""
    return times.zone(appointing.one(session, appointment_id).location.timezone)


def _number(
    session: Session,
    kind: type[Patient] | type[Pathway] | type[Practitioner] | type[Location],
    name: str,
    sentence: str,
) -> int:
    found = session.scalar(select(kind.id).where(kind.key == name))
    if found is None and name.isascii() and name.isdecimal() and len(name) < 10:
        found = session.scalar(select(kind.id).where(kind.id == int(name)))
    if found is None:
        raise NotFound(sentence, name=name)
    return found


def location_row(session: Session, location_id: int) -> Location:
    """A location by its number."""
    return session.get_one(Location, location_id)

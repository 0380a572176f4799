"""What set-up pages show: clinic, locations, staff, rooms, devices, therapies, pathways, audit trail."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from coordinator.models import Clinic


def clinic(session: Session) -> Clinic | None:
    """The one clinic of this database; nothing where none was imported yet."""
    return session.scalar(select(Clinic).order_by(Clinic.id).limit(1))

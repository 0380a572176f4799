"""What came by mail: each once, with what was made of it and no more of its words than a coordinator needs."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.database import Base
from coordinator.models.appointments import Appointment
from coordinator.models.columns import choice
from coordinator.models.patients import Patient


class Outcome(StrEnum):
    """What was made of a mail."""

    TAKEN = "taken"
    """It is an answer, and stands beside its appointment now."""
    STALE = "stale"
    """It answers a time that is not the appointment's any more, or was overtaken by a later answer."""
    PARKED = "parked"
    """A person has to read it: it lies on the coordinator's desk."""
    BOUNCED = "bounced"
    """One of ours came back."""
    IGNORED = "ignored"
    """Nothing for us: out-of-office answers, strangers, advertisements."""


class Why(StrEnum):
    """Why an answer changed nothing, or why a person has to read a mail."""

    NOTHING = ""
    NOT_INVITED = "not-invited"
    """Somebody answers who was not written to about this appointment."""
    UNKNOWN = "unknown"
    """It answers an appointment that is not ours."""
    UNREADABLE = "unreadable"
    MAYBE = "maybe"
    """The patient's calendar says neither yes nor no."""
    TO_READ = "to-read"
    """Plain words, or something that no program can answer."""
    CANCELLED = "cancelled"
    BEGUN = "begun"
    OLDER = "older"
    """It answers an earlier time of the appointment."""
    OVERTAKEN = "overtaken"
    """A later answer was here before it."""


class IncomingMail(Base):
    """One mail that came, by its Message-ID: however often it is read, it counts once."""

    __tablename__ = "incoming_mail"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(250), unique=True)
    """As the mail says; for one without, a hash of all of it."""
    came_at: Mapped[datetime]
    sender: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome))
    why: Mapped[str] = mapped_column(String(20), default="")
    """One of ``Why``."""
    words: Mapped[str] = mapped_column(String(500), default="")
    """What a parked mail says; nothing is kept of others."""
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"), index=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patient.id"), index=True)
    settled_at: Mapped[datetime | None]

    appointment: Mapped[Appointment | None] = relationship(lazy="raise")
    patient: Mapped[Patient | None] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "ix_incoming_mail_parked",
            "came_at",
            sqlite_where=text("outcome = 'parked' AND settled_at IS NULL"),
            postgresql_where=text("outcome = 'parked' AND settled_at IS NULL"),
        ),
    )

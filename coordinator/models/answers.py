"""Answers: what came back from patients, each kept as it was given."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.database import Base
from coordinator.models.appointments import Appointment, Reply
from coordinator.models.columns import choice


class Answer(Base):
    """One answer to one appointment. A "no" or a wish to move stays on the coordinator's desk until settled."""

    __tablename__ = "answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), index=True)
    reply: Mapped[Reply] = mapped_column(choice(Reply))
    sequence: Mapped[int]
    """The revision of the appointment that was answered."""
    door: Mapped[str] = mapped_column(String(20))
    """``link``, ``page``, ``phone``, ``mail``."""
    comment: Mapped[str] = mapped_column(String(500), default="")
    given_at: Mapped[datetime]
    said_at: Mapped[datetime | None]
    """When the patient's calendar wrote it; mails come in any order."""
    proposed_starts_at: Mapped[datetime | None]
    """Another time that the patient's calendar proposes."""
    proposed_ends_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]

    appointment: Mapped[Appointment] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "ix_answer_open",
            "appointment_id",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

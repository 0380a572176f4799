"""Practitioners' own calendars, and when they say that their owner is busy; never with what."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base


class BusyCalendar(Base):
    """A calendar that is read again and again from an address, or was uploaded once as a file."""

    __tablename__ = "busy_calendar"

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioner.id"), index=True)
    address: Mapped[str | None] = mapped_column(Text)
    """Whoever has it can read the calendar: never shown in full, never in a log. Missing: a file was uploaded."""
    added_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    """When it was read last with success: so old are its times."""
    next_try_at: Mapped[datetime | None]
    """When a worker reads it again; whoever does pushes this ahead first."""
    failures: Mapped[int] = mapped_column(default=0)
    """How often in a row it could not be read."""
    problem: Mapped[str] = mapped_column(String(200), default="")
    """What was wrong with it when it was tried last."""
    assumed_zone: Mapped[bool] = mapped_column(default=False)
    """Whether times in it name no zone that is known, and the practitioner's was assumed."""

    __table_args__ = (Index("ix_busy_calendar_next_try_at", "next_try_at"),)


class BusyTime(Base):
    """A stretch in which the owner is busy, or perhaps so."""

    __tablename__ = "busy_time"

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("busy_calendar.id"), index=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioner.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    tentative: Mapped[bool]

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        Index("ix_busy_time_practitioner_ends", "practitioner_id", "ends_at"),
    )

"""The clinic itself: its name, how to reach it, and its policy."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base
from coordinator.models.columns import Facts, Json


class Clinic(Base):
    """The one clinic of this database (a single row)."""

    __tablename__ = "clinic"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str] = mapped_column(String(50))
    email: Mapped[str] = mapped_column(String(200))
    website: Mapped[str | None] = mapped_column(String(200))
    country: Mapped[str] = mapped_column(String(2))
    language: Mapped[str] = mapped_column(String(10), default="en")
    reminder_lead_hours: Mapped[list[int]] = mapped_column(Json)
    quiet_hours: Mapped[str] = mapped_column(String(11), default="21:00-08:00", server_default="21:00-08:00")
    """In which nobody is reminded, by the reader's clocks; empty: reminders leave at any hour."""
    weights: Mapped[dict[str, int]] = mapped_column(Json)
    grid_minutes: Mapped[int] = mapped_column(default=5)
    horizon_days: Mapped[int] = mapped_column(default=270)
    hold_minutes: Mapped[int] = mapped_column(default=15)
    disclosure: Mapped[str] = mapped_column(String(20), default="time")
    standing_approver_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"))
    """The physician whose standing order approves plans that are booked at the command line."""
    facts: Mapped[Facts] = mapped_column(Json, default=dict)

    @property
    def is_demo(self) -> bool:
        """Whether it is the invented one, there to be tried."""
        return bool(self.facts.get("demo"))

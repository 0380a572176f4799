"""Deeds: what was done to plans and can be undone for some minutes, with what was before."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base
from coordinator.models.columns import Facts, Json, choice


class DeedKind(StrEnum):
    """What can be undone; a swap and a shift are moves."""

    BOOKING = "booking"
    MOVE = "move"
    CANCELLATION = "cancellation"


class Deed(Base):
    """One booking, move or cancellation."""

    __tablename__ = "deed"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[DeedKind] = mapped_column(choice(DeedKind))
    plan_id: Mapped[int] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    other_plan_id: Mapped[int | None] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    """The second plan of a swap."""
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id"), index=True)
    """What keeps the time of cancelled appointments, in case the cancellation is undone."""
    done_at: Mapped[datetime]
    until: Mapped[datetime]
    """When it can no longer be undone, by the database's clock."""
    undone_at: Mapped[datetime | None]
    before: Mapped[Facts] = mapped_column(Json)
    """What was before it, as ``services/deeds.py`` remembers it: ids, states and times only."""

    @property
    def plan_ids(self) -> list[int]:
        """The plans that it changed, in the order in which they are locked."""
        return sorted({each for each in (self.plan_id, self.other_plan_id) if each is not None})

    @property
    def appointment_ids(self) -> set[int]:
        """The appointments that it changed or made."""
        return {int(each) for each in self.before["appointments"]}

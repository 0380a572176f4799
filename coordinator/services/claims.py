"""Claims as values: what somebody wants to take, and who has taken something."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_

from coordinator.models import Claim


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Stretch:
    """One resource taken from one instant to another, turnover included; ``of`` says for which step."""

    resource_id: int
    starts_at: datetime
    ends_at: datetime
    appointment_id: int | None = None
    hold_id: int | None = None
    block_id: int | None = None
    of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owners:
    """Appointments and holds, by id, as those who have taken something."""

    appointments: Sequence[int] = ()
    holds: Sequence[int] = ()

    def condition(self) -> ColumnElement[bool]:
        """Their claims that are still active."""
        theirs = or_(Claim.appointment_id.in_(self.appointments), Claim.hold_id.in_(self.holds))
        return Claim.active & theirs

    def __add__(self, other: "Owners") -> "Owners":
        return Owners(
            appointments=[*self.appointments, *other.appointments], holds=[*self.holds, *other.holds]
        )

    def __bool__(self) -> bool:
        return bool(self.appointments or self.holds)


NOBODY = Owners()

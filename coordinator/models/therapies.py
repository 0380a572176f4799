"""Therapies: what a step does, in phases, and what the patient is told of it."""

from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base
from coordinator.models.columns import Facts, Json, Words


class Therapy(Base):
    """Something that steps do.

    ``phases``: ``[{"name", "minutes", "patient", "needs": [{"all", "as", "before", "after"}]}]``, one need a resource;
    ``preparations``: ``[{"lead_days", "text": words, "sensitive"}]``.
    """

    __tablename__ = "therapy"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[Words] = mapped_column(Json)
    patient_name: Mapped[Words] = mapped_column(Json)
    """The neutral name that patients read in messages."""
    discipline: Mapped[str] = mapped_column(String(50), default="")
    phases: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    preparations: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    remote: Mapped[bool] = mapped_column(default=False)
    facts: Mapped[Facts] = mapped_column(Json, default=dict)

    @property
    def minutes(self) -> int:
        """How long the step lasts, from its first phase to its last."""
        return sum(phase["minutes"] for phase in self.phases)

"""Searches for times, and the proposals they found."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.database import Base
from coordinator.models.columns import Facts, Json


class Search(Base):
    """One search for times: the problem as it was given (gzipped JSON) and how the search ended."""

    __tablename__ = "search"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    plan_version: Mapped[int]
    problem: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    begins_at: Mapped[datetime]
    """The instant from which the problem and its proposals count minutes."""
    status: Mapped[str] = mapped_column(String(20))
    seconds: Mapped[float]
    reasons: Mapped[list[Facts]] = mapped_column(Json, default=list)
    searched_at: Mapped[datetime]

    proposals: Mapped[list["Proposal"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="Proposal.rank", back_populates="search"
    )


class Proposal(Base):
    """A whole plan with times and resources, not yet booked."""

    __tablename__ = "proposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    search_id: Mapped[int] = mapped_column(ForeignKey("search.id"), index=True)
    rank: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    """``best``, or what it is the best of: ``location``, ``sooner``, ``fewer-visits``, ``practitioner``, ``days``."""
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    cost: Mapped[int]
    bound: Mapped[int | None]
    parts: Mapped[dict[str, int]] = mapped_column(Json)
    steps: Mapped[Facts] = mapped_column(Json)
    """As in an answer file: step key -> ``{"start", "uses"}``."""
    better: Mapped[list[Facts]] = mapped_column(Json, default=list)
    worse: Mapped[list[Facts]] = mapped_column(Json, default=list)
    booked_at: Mapped[datetime | None]
    """When the plan was booked as this says, or moved to it; the newest is what is booked now."""

    search: Mapped[Search] = relationship(lazy="raise", back_populates="proposals")

"""Claims: resources taken for stretches of time; the database refuses two that overlap."""

from datetime import datetime

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base


class Claim(Base):
    """One resource taken for one stretch, turnover included, by an appointment, a hold or a block.

    Written only by ``services/claiming.py``. The guard against overlaps is made by the migrations.
    """

    __tablename__ = "claim"

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    active: Mapped[bool] = mapped_column(Boolean(create_constraint=True, name="active"), default=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"), index=True)
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("hold.id"), index=True)
    block_id: Mapped[int | None] = mapped_column(ForeignKey("block.id"), index=True)

    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint(
            "(appointment_id IS NOT NULL AND hold_id IS NULL AND block_id IS NULL)"
            " OR (appointment_id IS NULL AND hold_id IS NOT NULL AND block_id IS NULL)"
            " OR (appointment_id IS NULL AND hold_id IS NULL AND block_id IS NOT NULL)",
            name="one_reason",
        ),
        Index(
            "ix_claim_resource_starts",
            "resource_id",
            "starts_at",
            sqlite_where=text("active = 1"),
            postgresql_where=text("active"),
        ),
    )


class Hold(Base):
    """A proposal kept for some minutes."""

    __tablename__ = "hold"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime]
    released_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "ix_hold_kept",
            "expires_at",
            sqlite_where=text("released_at IS NULL"),
            postgresql_where=text("released_at IS NULL"),
        ),
    )


class Block(Base):
    """Time that is taken for something that is not a step: a booking made before, a meeting, maintenance."""

    __tablename__ = "block"

    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    title: Mapped[str] = mapped_column(String(200))
    discipline: Mapped[str] = mapped_column(String(50), default="")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    __table_args__ = (CheckConstraint("ends_at > starts_at", name="order"),)

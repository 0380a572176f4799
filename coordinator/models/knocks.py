"""Knocks: tries that count against a limit, whichever node they came to."""

from datetime import datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base


class Knock(Base):
    """One try that still counts; who tried, and for what, is kept as a hash only."""

    __tablename__ = "knock"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(index=True)

    __table_args__ = (Index("ix_knock_counted", "key_hash", "expires_at"),)

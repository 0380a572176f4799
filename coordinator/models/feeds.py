"""Feeds: calendar addresses of practitioners, rooms, devices and locations, known only by the hash of their token."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base


class Feed(Base):
    """One calendar address, of one resource or of a whole location; revoked, it is gone."""

    __tablename__ = "feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"), index=True)
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (CheckConstraint("(resource_id IS NULL) <> (location_id IS NULL)", name="one_subject"),)

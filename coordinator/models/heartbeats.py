"""Heartbeats: the signs of life of workers, where every node can see them."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base


class Heartbeat(Base):
    """When a worker was last seen, by the database's clock."""

    __tablename__ = "heartbeat"

    worker: Mapped[str] = mapped_column(String(32), primary_key=True)
    """A name that the worker made up when it started."""
    beat_at: Mapped[datetime]

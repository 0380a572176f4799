"""Accounts: who may sign in, and as what."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base
from coordinator.models.columns import choice


class Role(StrEnum):
    """What an account may do. Patients have no account: they have a link."""

    COORDINATOR = "coordinator"
    PRACTITIONER = "practitioner"
    ADMINISTRATOR = "administrator"


class Account(Base):
    """Somebody who signs in with a password."""

    __tablename__ = "account"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(choice(Role))
    password_hash: Mapped[str] = mapped_column(String(200))
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"))
    language: Mapped[str] = mapped_column(String(10), default="en")
    active: Mapped[bool] = mapped_column(default=True)
    stamp: Mapped[str] = mapped_column(String(40))
    """Part of every sign-in; a new one (at sign-out, at a new password) ends all that were made with the old."""
    last_seen_at: Mapped[datetime | None]

"""Notices: messages to one person each, written with the booking and worked off by the worker."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base
from coordinator.models.columns import choice


class NoticeKind(StrEnum):
    """What a notice tells."""

    INVITE = "invite"
    UPDATE = "update"
    CANCELLATION = "cancellation"
    DECLINED = "declined"
    """The patient's calendar proposed another time; the appointment stays."""
    REMINDER = "reminder"
    PREPARATION = "preparation"


class Channel(StrEnum):
    """How it is told. A call or a letter stands on the coordinator's list until somebody has done it."""

    MAIL = "mail"
    CALL = "call"
    LETTER = "letter"


class NoticeState(StrEnum):
    """Where a notice stands."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    """No longer true when its time came: nothing was sent."""
    DEAD = "dead"
    """Could not be delivered; a coordinator or an administrator decides."""


class Notice(Base):
    """One message to one person, with a due time."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind))
    channel: Mapped[Channel] = mapped_column(choice(Channel))
    state: Mapped[NoticeState] = mapped_column(choice(NoticeState), default=NoticeState.WAITING)
    plan_id: Mapped[int] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointment.id"), index=True)
    """Missing: the notice is about the whole plan (one call for all its appointments)."""
    recipient: Mapped[str] = mapped_column(String(20))
    """``patient`` or ``carer``."""
    address: Mapped[str] = mapped_column(String(500))
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(10))
    sequence: Mapped[int] = mapped_column(default=0)
    """The appointment's calendar revision that this notice tells of."""
    lead_hours: Mapped[int] = mapped_column(default=0)
    """How long before the appointment a reminder is due; of a declined proposal, which one (from 0); else 0."""
    unique_key: Mapped[str] = mapped_column(String(200), unique=True)
    """Whom, of what, how, which revision: the same message cannot be planned twice."""
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    lease: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    problem: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_notice_waiting", "state", "due_at"),)

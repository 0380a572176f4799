"""Audit lines: who did or looked at what, and when. Only ever added."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base
from coordinator.models.columns import Facts, Json


class AuditLine(Base):
    """One deed or one look. Facts hold ids and times, never names or therapies."""

    __tablename__ = "audit_line"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    actor: Mapped[str] = mapped_column(String(50))
    """``account``, ``patient-link``, ``command``, ``worker``."""
    deed: Mapped[str] = mapped_column(String(50))
    subject: Mapped[str] = mapped_column(String(50))
    subject_id: Mapped[int | None]
    facts: Mapped[Facts] = mapped_column(Json, default=dict)
    request_key: Mapped[str | None] = mapped_column(String(100))
    """What names the request that did it: sent again, it does nothing twice."""

    __table_args__ = (
        Index("ix_audit_line_subject", "subject", "subject_id"),
        Index("ix_audit_line_request_key", "request_key", unique=True),
    )

"""Pathways: templates of plans, kept as the checked document of their file."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from coordinator.database import Base
from coordinator.models.columns import Facts, Json, Words


class Pathway(Base):
    """A template of a plan. ``document`` is the pathway file's content; plans copy from it when they are drafted."""

    __tablename__ = "pathway"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    title: Mapped[Words] = mapped_column(Json)
    document: Mapped[Facts] = mapped_column(Json)
    version: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)
    updated_at: Mapped[datetime]

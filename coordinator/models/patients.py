"""Patients: how to reach them, when and where they can come, what may be told, what is on file."""

from datetime import date
from enum import StrEnum

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.database import Base
from coordinator.models.columns import Json, Weekly, choice
from coordinator.models.resources import Resource, ResourceKind


class Disclosure(StrEnum):
    """What messages may tell, each level more than the one before."""

    TIME = "time"
    """Time and place only."""
    NEUTRAL = "neutral"
    """Also the therapy's neutral name and preparations that are not sensitive."""
    FULL = "full"
    """Also sensitive preparations."""


class Patient(Resource):
    """A patient; one resource among others, since a patient is in one place at a time."""

    __tablename__ = "patient"

    id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    birth_date: Mapped[date]
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(50))
    address: Mapped[str | None] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(10), default="en")
    timezone: Mapped[str | None] = mapped_column(String(64))
    can_come: Mapped[Weekly | None] = mapped_column(Json)
    """Wall-time hours at the location; missing: at any time."""
    preferred_locations: Mapped[list[str]] = mapped_column(Json, default=list)
    """Keys of locations, most wanted first; empty: any."""
    disclosure: Mapped[Disclosure | None] = mapped_column(choice(Disclosure))
    interpreter_language: Mapped[str | None] = mapped_column(String(10))
    needs_step_free: Mapped[bool] = mapped_column(default=False)
    needs_transport: Mapped[bool] = mapped_column(default=False)
    conditions: Mapped[list[str]] = mapped_column(Json, default=list)
    """What pathways ask for: ``warfarin``, ``mri-contraindicated``."""
    carer_name: Mapped[str | None] = mapped_column(String(200))
    carer_email: Mapped[str | None] = mapped_column(String(200))
    carer_phone: Mapped[str | None] = mapped_column(String(50))
    carer_instead: Mapped[bool] = mapped_column(default=False)
    """The carer is written to instead of the patient; otherwise as well."""
    identifiers: Mapped[list[dict[str, str]]] = mapped_column(Json, default=list)
    link_key: Mapped[str] = mapped_column(String(64), unique=True)
    """Opaque; the patient's own link carries it. A new one ends all old links."""

    studies: Mapped[list["Study"]] = relationship(lazy="raise", cascade="all, delete-orphan")

    __mapper_args__ = {"polymorphic_identity": ResourceKind.PATIENT}


class Study(Base):
    """An earlier study on file, with its date; recent enough, it spares the patient a new one."""

    __tablename__ = "study"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    study: Mapped[str] = mapped_column(String(200))
    done_on: Mapped[date]
    reviewed: Mapped[bool] = mapped_column(default=False)

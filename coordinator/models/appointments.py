"""Appointments: booked steps, who attends them, and what the patient said."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.database import Base
from coordinator.models.columns import choice
from coordinator.models.locations import Location
from coordinator.models.patients import Patient
from coordinator.models.plans import PlanStep, TreatmentPlan
from coordinator.models.resources import Resource


class AppointmentState(StrEnum):
    """Booked until it is cancelled."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class Reply(StrEnum):
    """What the patient last said about the time."""

    OPEN = "open"
    YES = "yes"
    NO = "no"
    MOVE = "move"


class Appointment(Base):
    """A booked step. A task without a place starts and ends at the same instant and claims nothing."""

    __tablename__ = "appointment"

    id: Mapped[int] = mapped_column(primary_key=True)
    uid: Mapped[str] = mapped_column(String(64), unique=True, insert_sentinel=True)
    """Opaque and for ever: the calendar UID and what the answer link is made of.

    By it the rows of a plan find their numbers again when they are inserted all at once."""
    plan_id: Mapped[int] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("plan_step.id"), unique=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    state: Mapped[AppointmentState] = mapped_column(choice(AppointmentState), default=AppointmentState.BOOKED)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    patient_starts_at: Mapped[datetime | None]
    """When the patient is to be there; missing where the patient has no part (a team conference)."""
    patient_ends_at: Mapped[datetime | None]
    sequence: Mapped[int] = mapped_column(default=0)
    """The calendar revision: goes up with every change of time or place, and with the cancellation."""
    revised_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    reply: Mapped[Reply] = mapped_column(choice(Reply), default=Reply.OPEN)
    replied_at: Mapped[datetime | None]

    plan: Mapped[TreatmentPlan] = relationship(lazy="raise")
    step: Mapped[PlanStep] = relationship(lazy="raise")
    patient: Mapped[Patient] = relationship(lazy="raise", foreign_keys=patient_id)
    location: Mapped[Location] = relationship(lazy="raise")
    attendances: Mapped[list["Attendance"]] = relationship(
        lazy="raise",
        cascade="all, delete-orphan",
        order_by="(Attendance.phase, Attendance.need)",
        back_populates="appointment",
    )

    __table_args__ = (CheckConstraint("ends_at >= starts_at", name="order"),)

    @property
    def awaits_answer(self) -> bool:
        """The patient has a part in it and has not answered; nobody answers for a team conference."""
        return self.reply is Reply.OPEN and self.patient_starts_at is not None


class Attendance(Base):
    """One resource in one phase of an appointment (turnover not counted: that is the claim's)."""

    __tablename__ = "attendance"

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointment.id"), index=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"))
    used_as: Mapped[str] = mapped_column(String(200))
    """The resource's name in the search (a practitioner has one for each location and each sort of hours)."""
    phase: Mapped[int]
    need: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    appointment: Mapped[Appointment] = relationship(lazy="raise", back_populates="attendances")
    resource: Mapped[Resource] = relationship(lazy="raise")

    __table_args__ = (Index("ix_attendance_resource_starts", "resource_id", "starts_at"),)

"""Treatment plans: one patient's instance of a pathway, or made by hand."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.database import Base
from coordinator.models.columns import Facts, Json, Words, choice
from coordinator.models.pathways import Pathway
from coordinator.models.patients import Patient, Study
from coordinator.models.resources import Practitioner
from coordinator.models.therapies import Therapy


class PlanState(StrEnum):
    """Drafted, then approved by a physician, then booked; or cancelled."""

    DRAFT = "draft"
    APPROVED = "approved"
    BOOKED = "booked"
    CANCELLED = "cancelled"


class GroupKind(StrEnum):
    """What the steps of a group have in common."""

    SAME_DAY = "same_day"
    NOT_SAME_DAY = "not_same_day"
    SERIES_SAME = "series_same"
    SERIES_WISHED = "series_wished"


class TreatmentPlan(Base):
    """A graph of steps for one patient, booked into one location."""

    __tablename__ = "treatment_plan"

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    pathway_id: Mapped[int | None] = mapped_column(ForeignKey("pathway.id"))
    title: Mapped[Words] = mapped_column(Json)
    state: Mapped[PlanState] = mapped_column(choice(PlanState), default=PlanState.DRAFT, index=True)
    version: Mapped[int] = mapped_column(default=1)
    """Goes up with every change; what a page says that was read before is refused."""
    earliest: Mapped[date]
    """No step before this date."""
    locations: Mapped[list[str]] = mapped_column(Json, default=list)
    """Keys of acceptable locations, most wanted first."""
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"))
    """Where it is booked."""
    max_day_minutes: Mapped[int | None]
    cost: Mapped[int | None]
    created_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"))
    approved_at: Mapped[datetime | None]
    booked_at: Mapped[datetime | None]

    patient: Mapped[Patient] = relationship(lazy="raise", foreign_keys=patient_id)
    pathway: Mapped[Pathway | None] = relationship(lazy="raise")
    approved_by: Mapped[Practitioner | None] = relationship(lazy="raise", foreign_keys=approved_by_id)
    steps: Mapped[list["PlanStep"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="PlanStep.position", back_populates="plan"
    )
    links: Mapped[list["PlanLink"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="PlanLink.id"
    )
    groups: Mapped[list["PlanGroup"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="PlanGroup.id"
    )
    notes: Mapped[list["PlanNote"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by="PlanNote.id"
    )


class PlanStep(Base):
    """One thing to be booked; a step without phases is a task without a place."""

    __tablename__ = "plan_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    therapy_id: Mapped[int | None] = mapped_column(ForeignKey("therapy.id"))
    """Missing: a task."""
    key: Mapped[str] = mapped_column(String(100))
    pathway_step: Mapped[str | None] = mapped_column(String(100))
    """The key of the pathway's step; the twelve of a series share it."""
    title: Mapped[Words] = mapped_column(Json)
    position: Mapped[int]
    number: Mapped[int | None]
    """Its place in a series: step 4 of 12."""
    of: Mapped[int | None]
    optional: Mapped[bool] = mapped_column(default=False)
    task: Mapped[bool] = mapped_column(default=False)
    remote: Mapped[bool] = mapped_column(default=False)
    weekdays_only: Mapped[bool] = mapped_column(default=False)
    not_before: Mapped[date | None]
    not_after: Mapped[date | None]
    preferred_id: Mapped[int | None] = mapped_column(ForeignKey("practitioner.id"))
    waived_by_id: Mapped[int | None] = mapped_column(ForeignKey("study.id"))
    waived_until: Mapped[date | None]
    left_out: Mapped[str | None] = mapped_column(String(20))
    """Why this step is not booked: ``condition`` (not this patient's) or ``choice`` (the coordinator left it out)."""
    preparations: Mapped[list[Facts] | None] = mapped_column(Json)
    """In place of the therapy's, where the pathway says so."""
    facts: Mapped[Facts] = mapped_column(Json, default=dict)
    """What is only shown: who does a task (``by``), region, side, joint, for how long it holds, a note."""

    plan: Mapped[TreatmentPlan] = relationship(lazy="raise", back_populates="steps")
    therapy: Mapped[Therapy | None] = relationship(lazy="raise")
    waived_by: Mapped[Study | None] = relationship(lazy="raise")
    preferred: Mapped[Practitioner | None] = relationship(lazy="raise", foreign_keys=preferred_id)

    __table_args__ = (UniqueConstraint("plan_id", "key"),)

    @property
    def to_book(self) -> bool:
        """Neither waived nor left out."""
        return self.waived_by_id is None and self.left_out is None


class PlanLink(Base):
    """Order and gap between two steps: calendar days from date to date, or minutes from end to start."""

    __tablename__ = "plan_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    before_key: Mapped[str] = mapped_column(String(100))
    after_key: Mapped[str] = mapped_column(String(100))
    min_days: Mapped[int | None]
    max_days: Mapped[int | None]
    min_minutes: Mapped[int | None]
    max_minutes: Mapped[int | None]
    gate: Mapped[Words | None] = mapped_column(Json)
    """A condition on the outcome of the first step; shown, not yet enforced."""


class PlanGroup(Base):
    """Steps that share a day, must not share one, or share a practitioner."""

    __tablename__ = "plan_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    kind: Mapped[GroupKind] = mapped_column(choice(GroupKind))
    capability: Mapped[str | None] = mapped_column(String(100))
    step_keys: Mapped[list[str]] = mapped_column(Json)


class PlanNote(Base):
    """A rule that is not enforced, or something to know, for the coordinator to keep in mind."""

    __tablename__ = "plan_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("treatment_plan.id"), index=True)
    kind: Mapped[str] = mapped_column(String(50))
    step_key: Mapped[str | None] = mapped_column(String(100))
    text: Mapped[Words] = mapped_column(Json)
    facts: Mapped[Facts] = mapped_column(Json, default=dict)

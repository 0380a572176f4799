"""Resources: what one step books at a time - practitioners, rooms, devices, places in a group, and patients."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.database import Base
from coordinator.models.columns import Facts, Json, Weekly, Words, choice


class ResourceKind(StrEnum):
    """What sort of thing a resource is."""

    PRACTITIONER = "practitioner"
    ROOM = "room"
    DEVICE = "device"
    PLACE = "place"
    PATIENT = "patient"


resource_capability = Table(
    "resource_capability",
    Base.metadata,
    Column("resource_id", ForeignKey("resource.id"), primary_key=True),
    Column("capability_key", ForeignKey("capability.key"), primary_key=True, index=True),
)


class Capability(Base):
    """What a resource can do or be used as: a role, a skill, a kind of room or device, a language."""

    __tablename__ = "capability"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[Words] = mapped_column(Json)


class Resource(Base):
    """One thing that is used by one step at a time; claims are on resources."""

    __tablename__ = "resource"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[ResourceKind] = mapped_column(choice(ResourceKind))
    name: Mapped[str] = mapped_column(String(200))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("location.id"), index=True)
    """Where a room, device or place is; practitioners go where their hours are."""
    setup_minutes: Mapped[int] = mapped_column(default=0)
    cleaning_minutes: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int] = mapped_column(default=0)
    facts: Mapped[Facts] = mapped_column(Json, default=dict)

    capabilities: Mapped[list[Capability]] = relationship(
        secondary=resource_capability, lazy="raise", order_by=Capability.key
    )
    hours: Mapped[list["WorkingHours"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", back_populates="resource"
    )
    exceptions: Mapped[list["HoursException"]] = relationship(lazy="raise", cascade="all, delete-orphan")
    absences: Mapped[list["Absence"]] = relationship(lazy="raise", cascade="all, delete-orphan")

    __mapper_args__ = {"polymorphic_on": "kind"}


class Practitioner(Resource):
    """A member of the care team; may work at several locations."""

    __tablename__ = "practitioner"

    id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    title: Mapped[str] = mapped_column(String(100), default="")
    email: Mapped[str | None] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(50))
    language: Mapped[str] = mapped_column(String(10), default="en")

    __mapper_args__ = {"polymorphic_identity": ResourceKind.PRACTITIONER}


class Room(Resource):
    """A room or bay."""

    __mapper_args__ = {"polymorphic_identity": ResourceKind.ROOM}


class Device(Resource):
    """A machine or a set of equipment."""

    __mapper_args__ = {"polymorphic_identity": ResourceKind.DEVICE}


class Group(Base):
    """A class held at weekly hours by its leaders in a room, with a number of places."""

    __tablename__ = "therapy_group"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    capability_key: Mapped[str] = mapped_column(ForeignKey("capability.key"))
    capacity: Mapped[int]
    hours: Mapped[Weekly] = mapped_column(Json)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id"))
    leader_ids: Mapped[list[int]] = mapped_column(Json, default=list)

    __table_args__ = (CheckConstraint("capacity > 0", name="capacity"),)


class Place(Resource):
    """One place in a group."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("therapy_group.id"), index=True)

    __mapper_args__ = {"polymorphic_identity": ResourceKind.PLACE}


class WorkingHours(Base):
    """Weekly wall-time hours of a resource at a location; a room without any keeps the location's opening hours."""

    __tablename__ = "working_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), index=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    days: Mapped[Weekly] = mapped_column(Json)
    only: Mapped[list[str]] = mapped_column(Json, default=list)
    """Capabilities for which alone these hours hold (procedures on Tuesday mornings); empty: for all."""
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    resource: Mapped[Resource] = relationship(lazy="raise", back_populates="hours")


class HoursException(Base):
    """Other hours on one date, in place of the weekly ones; no spans: not there that day."""

    __tablename__ = "hours_exception"

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), index=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"))
    on_date: Mapped[date]
    spans: Mapped[list[str]] = mapped_column(Json, default=list)


class Absence(Base):
    """A stretch in which a resource is gone: leave, sickness, a fault."""

    __tablename__ = "absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resource.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    why: Mapped[str] = mapped_column(String(200), default="")

    __table_args__ = (CheckConstraint("ends_at > starts_at", name="order"),)

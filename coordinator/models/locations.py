"""Locations: sites with a time zone, opening hours and closures."""

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from coordinator.database import Base
from coordinator.models.columns import Json, Weekly, Words


class Location(Base):
    """A site with a time zone and opening hours; has rooms and devices."""

    __tablename__ = "location"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    timezone: Mapped[str] = mapped_column(String(64))
    address: Mapped[str] = mapped_column(String(500))
    directions: Mapped[Words] = mapped_column(Json, default=dict)
    phone: Mapped[str] = mapped_column(String(50))
    step_free: Mapped[bool] = mapped_column(default=True)
    opening: Mapped[Weekly] = mapped_column(Json)
    holiday_country: Mapped[str | None] = mapped_column(String(2))
    holiday_subdivision: Mapped[str | None] = mapped_column(String(10))
    position: Mapped[int] = mapped_column(default=0)

    closures: Mapped[list["Closure"]] = relationship(
        lazy="raise", cascade="all, delete-orphan", back_populates="location"
    )


class Closure(Base):
    """Whole dates on which a location is closed, both ends included."""

    __tablename__ = "closure"

    id: Mapped[int] = mapped_column(primary_key=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("location.id"), index=True)
    first_date: Mapped[date]
    last_date: Mapped[date]
    why: Mapped[str] = mapped_column(String(200))

    location: Mapped[Location] = relationship(lazy="raise", back_populates="closures")

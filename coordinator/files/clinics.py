"""A clinic file: locations, people, rooms, devices, groups, therapies and the clinic's own rules."""

from typing import Annotated, Literal

from pydantic import Field

from coordinator.files.therapies import Therapy
from coordinator.files.values import (
    Absence,
    Day,
    DayHours,
    Email,
    Entry,
    Key,
    Language,
    Minutes,
    Name,
    Phone,
    Text,
    Website,
    WeekHours,
    Words,
)

Disclosure = Literal["time", "neutral", "full"]
CapabilityKind = Literal["role", "skill", "room", "device", "place", "language"]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
QuietHours = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$")]
Weight = Literal[
    "finish_day",
    "visit_day",
    "wait_minute",
    "preference",
    "continuity",
    "location_rank",
    "moved",
    "reassigned",
    "unplaced",
]


class Capability(Entry):
    """What a resource can do or be used as."""

    key: Key
    kind: CapabilityKind
    name: Text


class Policy(Entry):
    """The clinic's own rules: reminders, weights of the search, how far ahead to plan, what letters say."""

    reminder_lead_hours: tuple[Annotated[int, Field(ge=1, le=24 * 90)], ...] = (168, 24)
    quiet_hours: QuietHours | None = "21:00-08:00"
    """In which nobody is reminded, by the reader's clocks; ``null``: reminders leave at any hour."""
    weights: dict[Weight, Annotated[int, Field(ge=0, le=1_000_000)]] = Field(default_factory=dict)
    grid_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    horizon_days: Annotated[int, Field(ge=7, le=730)] = 270
    disclosure: Disclosure = "time"
    hold_minutes: Annotated[int, Field(ge=1, le=24 * 60)] = 15


class Holidays(Entry):
    """Public holidays on which a location is closed: an ISO 3166 country and, if need be, a part of it."""

    country: Country
    subdivision: Name | None = None


class Location(Entry):
    """A site with its own time zone and opening hours."""

    key: Key
    name: Name
    timezone: Name
    address: Words
    directions: Text | None = None
    phone: Phone
    step_free: bool = False
    holidays: Holidays | None = None
    opening: WeekHours
    closures: tuple[Absence, ...] = ()


class WorkingHours(Entry):
    """Hours at one location, between two dates where they are given.

    With ``only`` the practitioner has just these capabilities in these hours; without, all of their own.
    """

    location: Key
    days: WeekHours
    only: tuple[Key, ...] = ()
    first_day: Day | None = Field(default=None, alias="from")
    last_day: Day | None = Field(default=None, alias="until")


class HoursException(Entry):
    """Other hours than usual at one location on one date; no hours: not there."""

    day: Day = Field(alias="date")
    location: Key
    hours: DayHours = ()


class Practitioner(Entry):
    """Someone who treats patients, with roles, skills and languages as capabilities."""

    key: Key
    name: Name
    title: Name | None = None
    email: Email | None = None
    phone: Phone | None = None
    language: Language = "en"
    capabilities: Annotated[tuple[Key, ...], Field(min_length=1)]
    hours: tuple[WorkingHours, ...]
    exceptions: tuple[HoursException, ...] = ()
    absences: tuple[Absence, ...] = ()
    setup_minutes: Minutes = 0
    cleaning_minutes: Minutes = 0


class Room(Entry):
    """A room, or ``count`` rooms alike (``key-1`` to ``key-n``); open like the location, or in own hours."""

    key: Key
    name: Name
    location: Key
    capabilities: Annotated[tuple[Key, ...], Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=200)] | None = None
    step_free: bool = False
    hours: WeekHours | None = None
    closures: tuple[Absence, ...] = ()
    setup_minutes: Minutes = 0
    cleaning_minutes: Minutes = 0

    def each(self) -> tuple[tuple[str, str], ...]:
        """Key and name of every room that this entry stands for."""
        if self.count is None:
            return ((self.key, self.name),)
        return tuple((f"{self.key}-{n}", f"{self.name} {n}") for n in range(1, self.count + 1))


class Device(Room):
    """A device, or ``count`` devices alike."""


class Group(Entry):
    """A group that is held every week in ``hours`` by all its leaders in one room, with ``capacity`` places.

    Each place is booked as a resource with ``capability``; leaders and room are kept free for the group.
    """

    key: Key
    name: Name
    location: Key
    capability: Key
    capacity: Annotated[int, Field(ge=1, le=500)]
    hours: WeekHours
    led_by: tuple[Key, ...]
    room: Key | None = None

    def places(self) -> tuple[str, ...]:
        """The keys of the places, ``key-1`` to ``key-n``."""
        return tuple(f"{self.key}-{n}" for n in range(1, self.capacity + 1))


class Clinic(Entry):
    """All that a clinic file says."""

    kind: Literal["clinic"] = "clinic"
    name: Name
    phone: Phone
    email: Email
    website: Website | None = None
    country: Country
    language: Language = "en"
    capabilities: tuple[Capability, ...]
    policy: Policy = Policy()
    locations: Annotated[tuple[Location, ...], Field(min_length=1)]
    practitioners: tuple[Practitioner, ...] = ()
    rooms: tuple[Room, ...] = ()
    devices: tuple[Device, ...] = ()
    groups: tuple[Group, ...] = ()
    therapies: tuple[Therapy, ...] = ()
    sources: dict[Name, Words] = Field(default_factory=dict)

"""What is to be booked: locations, resources and plans, as frozen values without a clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from coordinator.scheduling.openings import Openings

__all__ = ["Gap", "Interval", "Link", "Location", "Need", "Phase", "Placement", "Plan", "Problem", "Resource",
           "Series", "Step", "Weights"]  # fmt: skip

Interval: TypeAlias = tuple[int, int]  # half open, in minutes since the problem's start


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The price of each unit of cost."""

    finish_day: int = 0
    visit_day: int = 0
    wait_minute: int = 0
    preference: int = 0
    continuity: int = 0
    location_rank: int = 0
    moved: int = 0
    reassigned: int = 0
    unplaced: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A site; ``timezone`` is an IANA name and says when its days begin."""

    key: str
    timezone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What one step at a time can use. Resources with the same ``same_as`` are one thing under several names."""

    key: str
    location: str
    capabilities: frozenset[str]
    free: tuple[Interval, ...]
    same_as: str | None = None

    @property
    def thing(self) -> tuple[str, str]:
        """What is never used twice at once."""
        return ("id", self.key) if self.same_as is None else ("is", self.same_as)


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One resource with all ``capabilities``; ``before`` and ``after`` are minutes of set-up and cleaning."""

    capabilities: tuple[str, ...]
    label: str | None = None
    before: int = 0
    after: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A stretch of a step with its own needs, ``minutes`` long."""

    minutes: int
    needs: tuple[Need, ...] = ()
    patient: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing to be booked. Without phases it is a task: it has a start and no length."""

    key: str
    phases: tuple[Phase, ...] = ()
    prefer: tuple[str, ...] = ()
    windows: tuple[Interval, ...] | None = None
    remote: bool = False

    @property
    def minutes(self) -> int:
        """From the first phase's begin to the last one's end."""
        return sum(phase.minutes for phase in self.phases)

    def offsets(self) -> list[int]:
        """The minute at which each phase begins, counted from the step's start."""
        made, minute = [], 0
        for phase in self.phases:
            made.append(minute)
            minute += phase.minutes
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """At least ``least``, at most ``most`` (None: as long as you like)."""

    least: int
    most: int | None = None

    def holds(self, value: int) -> bool:
        """Whether ``value`` keeps to it."""
        return value >= self.least and (self.most is None or value <= self.most)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Step ``then`` starts at or after the end of ``first``.

    ``days`` is from start date to start date, ``minutes`` from the end of the one to the start of the other.
    """

    first: str
    then: str
    days: Gap | None = None
    minutes: Gap | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Steps whose resources of one capability are one and the same: always (``same``), or as a wish."""

    steps: tuple[str, ...]
    capability: str
    same: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """When a step starts, and the resource for each need of each phase."""

    start: int
    uses: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One patient's steps, all of them to be booked in one of ``locations`` (most wanted first)."""

    key: str
    locations: tuple[str, ...]
    steps: tuple[Step, ...]
    patient: str | None = None
    free: tuple[Interval, ...] | None = None
    earliest: int = 0
    max_day_minutes: int | None = None
    links: tuple[Link, ...] = ()
    series: tuple[Series, ...] = ()
    same_day: tuple[tuple[str, ...], ...] = ()
    not_same_day: tuple[tuple[str, ...], ...] = ()
    booked: Mapping[str, Placement] = field(default_factory=dict)
    booked_location: str | None = None
    pinned: tuple[str, ...] = ()

    @property
    def person(self) -> tuple[str, str]:
        """Who is in one place at a time: the patient, or whoever this plan is for."""
        return ("plan", self.key) if self.patient is None else ("patient", self.patient)

    def step(self, key: str) -> Step:
        """The step of that key."""
        return next(step for step in self.steps if step.key == key)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Everything one answer is computed from; minute 0 is ``start``, every step starts on a multiple of ``grid``."""

    start: datetime
    minutes: int
    grid: int
    weights: Weights = field(default_factory=Weights)
    locations: tuple[Location, ...]
    resources: tuple[Resource, ...]
    plans: tuple[Plan, ...]

    @cached_property
    def resource(self) -> Mapping[str, Resource]:
        """Resources by key."""
        return {resource.key: resource for resource in self.resources}

    @cached_property
    def openings(self) -> "Openings":
        """When each resource is free, as every search needs it."""
        from coordinator.scheduling.openings import Openings  # a file that is refused need not wait for it

        return Openings(self.grid, self.minutes)

    @cached_property
    def things(self) -> Mapping[str, tuple[str, str]]:
        """What each resource's name stands for."""
        return {resource.key: resource.thing for resource in self.resources}

    @cached_property
    def able(self) -> Mapping[tuple[str, str], tuple[Resource, ...]]:
        """The resources at a location that have a capability, in the problem's order."""
        found: dict[tuple[str, str], list[Resource]] = {}
        for resource in self.resources:
            for capability in resource.capabilities:
                found.setdefault((resource.location, capability), []).append(resource)
        return {asked: tuple(resources) for asked, resources in found.items()}

    @cached_property
    def location(self) -> Mapping[str, Location]:
        """Locations by key."""
        return {location.key: location for location in self.locations}

    @cached_property
    def plan(self) -> Mapping[str, Plan]:
        """Plans by key."""
        return {plan.key: plan for plan in self.plans}

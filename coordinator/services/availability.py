"""A plan as a problem for the scheduling core: its steps, its patient, and the free time of all who could serve it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator import times
from coordinator.errors import Refusal
from coordinator.models import Clinic, GroupKind, Location, PlanStep, TreatmentPlan
from coordinator.scheduling import problem as core
from coordinator.services import deeds, free_time, step_needs
from coordinator.services.free_time import Own, resource_key
from coordinator.services.hours import Horizon, SiteCalendar
from coordinator.services.stretches import Stretch, joined

SOONEST = timedelta(hours=2)
"""How far ahead the first step of a search lies: nobody can come at once."""
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What of a booked plan the next search keeps: all steps but those in ``moving``, at their times from ``start``."""

    start: datetime
    location: str
    steps: Mapping[str, core.Placement]
    moving: frozenset[str]
    claimed: Mapping[str, Sequence[Stretch]]
    """What the steps that stay have taken, by name in the search: free for them, even where hours have changed since.

    All minutes count from ``start``, which is the start of the problem too."""

    @property
    def pinned(self) -> tuple[str, ...]:
        """The steps that stay as they are."""
        return tuple(key for key in self.steps if key not in self.moving)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The part of a problem that one proposal touches: resources, by key, and dates, by the location's clocks.

    Enough to hold the proposal against hours and rules as they are now; what is taken, the database refuses.
    """

    resources: frozenset[str]
    dates: frozenset[date]


def the_clinic(session: Session) -> Clinic:
    """The one clinic. Raises Refusal where none has been set up."""
    clinic = session.scalars(select(Clinic)).first()
    if clinic is None:
        raise Refusal("No clinic has been set up yet. Import a clinic file first.")
    return clinic


def locations_of(session: Session, plan: TreatmentPlan) -> list[Location]:
    """The plan's acceptable locations, most wanted first; none named: all, the patient's wishes first."""
    query = select(Location).options(selectinload(Location.closures)).order_by(Location.position, Location.id)
    known = {location.key: location for location in session.scalars(query)}
    keys = plan.locations or [*plan.patient.preferred_locations, *known]
    wanted = [known[key] for key in dict.fromkeys(keys) if key in known]
    if not wanted:
        raise Refusal("This plan has no location that the clinic knows.")
    return wanted


def problem(
    session: Session,
    plan: TreatmentPlan,
    *,
    now: datetime,
    kept: Kept | None = None,
    part: Part | None = None,
    lead: timedelta = SOONEST,
) -> core.Problem:
    """The problem of booking ``plan`` (loaded by ``planning.load``); its own claims count as free.

    No step starts sooner than ``lead`` from now. With ``kept``, the plan is booked and some of its steps are to move;
    with ``part``, the problem has only what a proposal touches, and nothing in it is taken.
    Raises Refusal where there is nothing to book.
    """
    return _Asking(session, plan, now, kept, part, lead).problem()


@dataclass(frozen=True)
class _Asking:
    """All that one problem is made from."""

    session: Session
    plan: TreatmentPlan
    now: datetime
    kept: Kept | None
    part: Part | None
    lead: timedelta

    @cached_property
    def clinic(self) -> Clinic:
        return the_clinic(self.session)

    @cached_property
    def locations(self) -> list[Location]:
        found = locations_of(self.session, self.plan)
        return [each for each in found if self.kept is None or each.key == self.kept.location]

    @cached_property
    def horizon(self) -> Horizon:
        """From the start of the plan's first possible day, as long as the clinic plans ahead."""
        zones = [times.zone(location.timezone) for location in self.locations]
        if self.part:
            return _dates_alone(self.part.dates, zones, self.plan.earliest)
        first = max(self.plan.earliest, min(times.local_date(self.now, zone) for zone in zones))
        start = min(times.day_start(first, zone) for zone in zones).astimezone(UTC)
        end = start + self.clinic.horizon_days * DAY
        if self.kept:
            return Horizon(start=self.kept.start, minutes=(end - self.kept.start) // MINUTE)
        return Horizon(start=start, minutes=(end - start) // MINUTE, first_day=self.plan.earliest)

    @cached_property
    def earliest(self) -> int:
        """The first minute at which a step may start, on the grid."""
        if self.kept:
            return 0
        grid = self.clinic.grid_minutes
        return -(-max(0, self.horizon.minute(self.now + self.lead)) // grid) * grid

    @cached_property
    def office_hours(self) -> tuple[Stretch, ...]:
        """When somebody is there at one location or another: a task is for a working day too."""
        calendars = (SiteCalendar(location, self.horizon) for location in self.locations)
        return tuple(joined(stretch for calendar in calendars for stretch in calendar.open))

    @cached_property
    def steps(self) -> list[PlanStep]:
        steps = [step for step in self.plan.steps if step.to_book]
        if self.kept:
            steps = [step for step in steps if step.key in self.kept.steps]
        if not steps:
            raise Refusal("There is nothing to book: every step is waived or left out.")
        return steps

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(step.key for step in self.steps)

    @cached_property
    def needs(self) -> step_needs.Phases:
        return step_needs.phases_of(self.session, self.plan.patient, self.steps)

    @cached_property
    def own(self) -> Own:
        return Own(
            plan_id=self.plan.id,
            holds=deeds.kept_for(self.session, self.plan.patient_id),
            keep=self.kept.claimed if self.kept else {},
        )

    @cached_property
    def among(self) -> frozenset[str] | None:
        return self.part.resources if self.part else None

    @cached_property
    def resources(self) -> list[core.Resource]:
        wanted = step_needs.capabilities(self.needs)
        return free_time.resources(
            self.session, self.locations, wanted, self.horizon, own=self.own, among=self.among
        )

    def problem(self) -> core.Problem:
        phases = step_needs.with_turnover(self.session, self.needs, self.locations)
        return core.Problem(
            start=self.horizon.start,
            minutes=self.horizon.minutes,
            grid=self.clinic.grid_minutes,
            weights=core.Weights(**self.clinic.weights),
            locations=tuple(core.Location(key=each.key, timezone=each.timezone) for each in self.locations),
            resources=tuple(self.resources),
            plans=(self._plan(phases),),
        )

    def _plan(self, phases: step_needs.Phases) -> core.Plan:
        plan, kept = self.plan, self.kept
        own = None if self.part else self.own
        free = free_time.of_patient(self.session, plan.patient, self.locations[0], self.horizon, own=own)
        return core.Plan(
            key=str(plan.id),
            patient=plan.patient.key,
            locations=tuple(location.key for location in self.locations),
            free=None if free is None else tuple(free),
            earliest=self.earliest,
            max_day_minutes=plan.max_day_minutes,
            steps=tuple(self._step(step, phases[step.key]) for step in self.steps),
            links=tuple(self._links()),
            series=tuple(self._series()),
            same_day=self._together(GroupKind.SAME_DAY),
            not_same_day=self._together(GroupKind.NOT_SAME_DAY),
            booked=dict(kept.steps) if kept else {},
            booked_location=kept.location if kept else None,
            pinned=kept.pinned if kept else (),
        )

    def _step(self, step: PlanStep, phases: tuple[core.Phase, ...]) -> core.Step:
        liked = step.preferred.key if step.preferred else None
        return core.Step(
            key=step.key,
            phases=phases,
            prefer=tuple(each.key for each in self.resources if resource_key(each.key) == liked),
            windows=self._windows(step),
            remote=step.remote,
        )

    def _windows(self, step: PlanStep) -> tuple[core.Interval, ...] | None:
        """The dates that a step may lie on, by the clocks of the most wanted location."""
        if self.kept and step.key not in self.kept.moving:
            return None
        if step.task:
            return self.office_hours
        if not (step.not_before or step.not_after or step.weekdays_only):
            return None
        days = ("mon", "tue", "wed", "thu", "fri") if step.weekdays_only else times.WEEKDAYS
        week = {day: [f"{time():%H:%M}-24:00"] for day in days}
        calendar = SiteCalendar(self.locations[0], self.horizon)
        return tuple(calendar.weekly(week, first=step.not_before, last=step.not_after))

    def _links(self) -> Iterator[core.Link]:
        for link in self.plan.links:
            if link.before_key in self.keys and link.after_key in self.keys:
                yield core.Link(
                    first=link.before_key,
                    then=link.after_key,
                    days=_gap(link.min_days, link.max_days),
                    minutes=_gap(link.min_minutes, link.max_minutes),
                )

    def _series(self) -> Iterator[core.Series]:
        for group in self.plan.groups:
            steps = tuple(key for key in group.step_keys if key in self.keys)
            if group.capability and len(steps) > 1:
                same = group.kind == GroupKind.SERIES_SAME
                yield core.Series(steps=steps, capability=group.capability, same=same)

    def _together(self, kind: GroupKind) -> tuple[tuple[str, ...], ...]:
        groups = (
            [key for key in group.step_keys if key in self.keys]
            for group in self.plan.groups
            if group.kind == kind
        )
        return tuple(tuple(keys) for keys in groups if len(keys) > 1)


def _dates_alone(dates: frozenset[date], zones: Sequence[times.Zone], earliest: date) -> Horizon:
    """Some dates and their neighbours only: steps reach over midnight, with their turnover, and zones differ."""
    wanted = frozenset(day + n * DAY for day in dates for n in (-1, 0, 1))
    start = min(times.day_start(min(wanted), zone) for zone in zones).astimezone(UTC)
    end = max(times.day_start(max(wanted) + DAY, zone) for zone in zones)
    return Horizon(start=start, minutes=(end - start) // MINUTE, first_day=earliest, dates=wanted)


def _gap(least: int | None, most: int | None) -> core.Gap | None:
    return None if least is None and most is None else core.Gap(least=least or 0, most=most)

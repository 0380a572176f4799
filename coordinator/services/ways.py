"""The ways to book a plan that a search found, side by side: dates, trips, waiting, people, days."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from coordinator import times
from coordinator.models import Location, Proposal, Search
from coordinator.services import finding
from coordinator.services.finding import ProposedStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One step in the picture of a day: which discipline, how long, how far down the pile."""

    discipline: str
    minutes: int
    under: int
    """Minutes of the steps below it on the same day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week (from Monday) with its marks by weekday; or some weeks without any, told by ``quiet``."""

    monday: date
    days: tuple[tuple[Mark, ...], ...]
    quiet: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One proposal with all that a coordinator compares."""

    letter: str
    proposal: Proposal
    location: Location
    zone: times.Zone
    steps: tuple[ProposedStep, ...]
    weeks: tuple[Week, ...]
    first: date
    last: date

    @property
    def trips(self) -> int:
        """How often the patient comes."""
        return self.proposal.parts.get("visit_day", 0)

    @property
    def wait_minutes(self) -> int:
        """How long the patient waits between the steps of a day, in all."""
        return self.proposal.parts.get("wait_minute", 0)

    @property
    def tallest(self) -> int:
        """Minutes of the fullest day, for the scale of the pictures; at least two hours."""
        piles = (marks[-1] for week in self.weeks for marks in week.days if marks)
        return max([120, *(mark.under + mark.minutes for mark in piles)])

    @property
    def proven(self) -> bool:
        """Whether nothing of its kind costs less."""
        return self.proposal.bound == self.proposal.cost


def ways(session: Session, search: Search | None) -> list[Way]:
    """What a search found, the best first."""
    if search is None or not search.proposals:
        return []
    ids = {each.location_id for each in search.proposals}
    query = select(Location).where(Location.id.in_(ids)).options(selectinload(Location.closures))
    locations = {each.id: each for each in session.scalars(query)}
    itineraries = finding.itineraries(session, search, search.proposals)
    return [
        _way(proposal, locations[proposal.location_id], steps)
        for proposal, steps in zip(search.proposals, itineraries, strict=True)
    ]


def _way(proposal: Proposal, location: Location, steps: Sequence[ProposedStep]) -> Way:
    zone = times.zone(location.timezone)
    placed = [each for each in steps if not each.task] or steps
    days = [times.local_date(each.starts_at, zone) for each in placed]
    return Way(
        letter=chr(ord("A") + proposal.rank),
        proposal=proposal,
        location=location,
        zone=zone,
        steps=tuple(steps),
        weeks=tuple(weeks(placed, zone)),
        first=min(days),
        last=max(days),
    )


def weeks(steps: Iterable[ProposedStep], zone: times.Zone) -> list[Week]:
    """The steps as pictures of weeks; long stretches without a visit are folded."""
    by_day: defaultdict[date, list[ProposedStep]] = defaultdict(list)
    for step in steps:
        by_day[times.local_date(step.starts_at, zone)].append(step)
    if not by_day:
        return []
    monday, last = min(by_day) - timedelta(days=min(by_day).weekday()), max(by_day)
    made: list[Week] = []
    while monday <= last:
        days = tuple(_marks(by_day.get(monday + timedelta(days=n), ())) for n in range(7))
        made.append(Week(monday=monday, days=days, quiet=0 if any(days) else 1))
        monday += timedelta(days=7)
    return _folded(made)


def _marks(steps: Sequence[ProposedStep]) -> tuple[Mark, ...]:
    made: list[Mark] = []
    for step in steps:
        under = made[-1].under + made[-1].minutes if made else 0
        minutes = (step.ends_at - step.starts_at) // timedelta(minutes=1)
        made.append(Mark(discipline=step.discipline, minutes=minutes, under=under))
    return tuple(made)


def _folded(every: Iterable[Week]) -> list[Week]:
    made: list[Week] = []
    for week in every:
        if week.quiet and made and made[-1].quiet:
            before = made.pop()
            week = Week(monday=before.monday, days=(), quiet=before.quiet + 1)
        made.append(week)
    return made

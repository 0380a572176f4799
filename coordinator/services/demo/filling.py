"""Filling a clinic's calendar with earlier bookings: whole teams at a time, never twice, the nearer the fuller."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from random import Random

from coordinator.scheduling.problem import Resource
from coordinator.services.demo import units

FULL_DAYS, HORIZON_DAYS = 21, 182
NEAR, FAR = 0.60, 0.30
MOST = 0.65
"""No room or device is taken for more of a day than this, so that there are gaps everywhere."""


@dataclass(frozen=True, slots=True)
class Work:
    """One phase of a therapy: how long, and the capabilities of each resource that it takes."""

    discipline: str
    minutes: int
    needs: tuple[frozenset[str], ...]

    @property
    def units(self) -> int:
        """How many units it takes."""
        return -(-self.minutes // units.UNIT_MINUTES)


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier booking: minutes since the start, and the names of what it takes."""

    location: str
    discipline: str
    starts: int
    ends: int
    takes: tuple[str, ...]


@dataclass(slots=True)
class _Calendar:
    """What is free of one thing on one day, at one location."""

    resource: Resource
    whole: int
    free: int = field(init=False)

    def __post_init__(self) -> None:
        self.free = self.whole

    def load(self) -> float:
        """The part of its day that is taken."""
        return 1 - self.free.bit_count() / self.whole.bit_count()


def share(day: int) -> float:
    """How much of a practitioner's time is taken on a day: much in the next weeks, thinning out after."""
    after = max(0, day - FULL_DAYS) / (HORIZON_DAYS - FULL_DAYS)
    return NEAR + (FAR - NEAR) * min(1.0, after)


def fill(
    resources: Sequence[Resource], people: set[str], work: Sequence[Work], seed: int
) -> Iterator[Earlier]:
    """Earlier bookings for all people (names in the search) in whatever work they can do."""
    random = Random(seed)
    days = {resource.key: units.by_day(resource.free) for resource in resources}
    for location in sorted({resource.location for resource in resources}):
        here = [resource for resource in resources if resource.location == location]
        for day in range(HORIZON_DAYS):
            present = [_Calendar(each, bits) for each in here if (bits := days[each.key].get(day))]
            if present:
                yield from _Day(location, day, present, people, work, random).fill()


@dataclass(slots=True)
class _Day:
    """One day of one location."""

    location: str
    day: int
    present: list[_Calendar]
    people: set[str]
    work: Sequence[Work]
    random: Random

    def fill(self) -> Iterator[Earlier]:
        wanted = share(self.day)
        staff = [each for each in self.present if each.resource.key in self.people]
        self.random.shuffle(staff)
        for person in staff:
            mine = [each for each in self.work if _fits_any(person.resource, each)]
            for _ in range(12 if mine else 0):
                if person.load() >= wanted:
                    break
                if booking := self._book(person, self.random.choice(mine), wanted):
                    yield booking

    def _book(self, person: _Calendar, work: Work, wanted: float) -> Earlier | None:
        """Take a whole team for one piece of work, at a time when all are free."""
        pools = [
            [each for each in self.present if need <= each.resource.capabilities and self._may(each, wanted)]
            for need in work.needs
        ]
        own = next(n for n, need in enumerate(work.needs) if need <= person.resource.capabilities)
        pools[own] = [person]
        times = -1
        for pool in pools:
            times &= _any(units.starts(each.free, work.units) for each in pool)
        if times <= 0:
            return None
        start = self.random.choice(units.members(times))
        team = self._team(pools, units.taken(start, work.units))
        return self._take(work, start, team) if team else None

    def _may(self, each: _Calendar, wanted: float) -> bool:
        return each.load() < (wanted if each.resource.key in self.people else MOST)

    def _team(self, pools: list[list[_Calendar]], bits: int) -> list[_Calendar]:
        """One of each pool that is free for all of the bits; nobody twice."""
        team: list[_Calendar] = []
        for pool in pools:
            things = {each.resource.thing for each in team}
            free = (each for each in pool if each.free & bits == bits and each.resource.thing not in things)
            if (found := next(free, None)) is None:
                return []
            team.append(found)
        return team

    def _take(self, work: Work, start: int, team: list[_Calendar]) -> Earlier:
        bits = units.taken(start, work.units)
        things = {each.resource.thing for each in team}
        for each in self.present:
            if each.resource.thing in things:
                each.free &= ~bits
        begin = (self.day * units.DAY_UNITS + start) * units.UNIT_MINUTES
        takes = tuple(each.resource.key for each in team)
        return Earlier(self.location, work.discipline, begin, begin + work.units * units.UNIT_MINUTES, takes)


def _any(sets: Iterable[int]) -> int:
    bits = 0
    for each in sets:
        bits |= each
    return bits


@cache
def _fits_any(resource: Resource, work: Work) -> bool:
    return any(need <= resource.capabilities for need in work.needs)

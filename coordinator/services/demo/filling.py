"""Filling a clinic's calendar with earlier bookings: whole teams at a time, never twice, the nearer the fuller."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from coordinator.scheduling.problem import Resource
from coordinator.services.demo import units

FULL_DAYS, HORIZON_DAYS = 21, 182
NEAR, FAR = 0.66, 0.30
MOST = 0.70
"""No room or device is taken for more of a day than this, so that there are gaps everywhere."""
LONGEST = 2 * 60 // units.UNIT_MINUTES
TRIES = 16


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


def share(day: int) -> float:
    """How much of a practitioner's time is taken on a day: much in the next weeks, thinning out after."""
    after = max(0, day - FULL_DAYS) / (HORIZON_DAYS - FULL_DAYS)
    return NEAR + (FAR - NEAR) * min(1.0, after)


def fill(
    resources: Sequence[Resource], people: set[str], work: Sequence[Work], seed: int
) -> Iterator[Earlier]:
    """Earlier bookings for all people (names in the search) in whatever work they can do."""
    random = Random(seed)
    for location in sorted({resource.location for resource in resources}):
        here = [resource for resource in resources if resource.location == location]
        site = _Site(location, here, people, work)
        for day in range(HORIZON_DAYS):
            yield from _Day(site, day, random).fill()


@dataclass(frozen=True)
class _Site:
    """A location with what it has, each resource known by its place in the list."""

    location: str
    resources: Sequence[Resource]
    people: set[str]
    work: Sequence[Work]

    @cached_property
    def free(self) -> list[dict[int, int]]:
        """The free units of each resource, day by day."""
        return [units.by_day(each.free) for each in self.resources]

    @cached_property
    def staff(self) -> list[int]:
        """Which resources are people."""
        return [n for n, each in enumerate(self.resources) if each.key in self.people]

    @cached_property
    def pools(self) -> dict[frozenset[str], list[int]]:
        """Which resources meet a need."""
        needs = {need for work in self.work for need in work.needs}
        return {
            need: [n for n, each in enumerate(self.resources) if need <= each.capabilities] for need in needs
        }

    @cached_property
    def done_by(self) -> dict[int, list[tuple[Work, int]]]:
        """What each person can do, and as which of its needs."""
        return {
            person: [
                (work, number)
                for work in self.work
                for number, need in enumerate(work.needs)
                if person in self.pools[need] and all(self.pools[other] for other in work.needs)
            ]
            for person in self.staff
        }

    @cached_property
    def same(self) -> list[list[int]]:
        """All names of the same thing, for each name."""
        things: dict[tuple[str, str], list[int]] = {}
        for n, each in enumerate(self.resources):
            things.setdefault(each.thing, []).append(n)
        return [things[each.thing] for each in self.resources]


class _Day:
    """One day of one location."""

    def __init__(self, site: _Site, day: int, random: Random) -> None:
        self.site, self.day, self.random = site, day, random
        self.free = [days.get(day, 0) for days in site.free]
        wanted = share(day)
        staff = set(site.staff)
        self.left = [
            int(bits.bit_count() * (wanted if n in staff else MOST)) for n, bits in enumerate(self.free)
        ]

    def fill(self) -> Iterator[Earlier]:
        """Work for everybody who is there, until enough of their time is taken."""
        staff = [person for person in self.site.staff if self.free[person]]
        self.random.shuffle(staff)
        for person in staff:
            mine = self.site.done_by[person]
            for _ in range(TRIES if mine else 0):
                if self.left[person] < 1:
                    break
                work, number = self.random.choice(mine)
                if booking := self._book(person, work, number):
                    yield booking

    def _book(self, person: int, work: Work, number: int) -> Earlier | None:
        """Take a whole team for one piece of work, or for some of its kind in a row, when all are free."""
        length = work.units * max(1, min(LONGEST, self.left[person]) // work.units)
        times, pools = -1, []
        for n, need in enumerate(work.needs):
            pool = (person,) if n == number else self.site.pools[need]
            pool = [each for each in pool if self.left[each] >= length and self.free[each]]
            starts = 0
            for each in pool:
                starts |= units.starts(self.free[each], length)
            times &= starts
            pools.append(pool)
        if times <= 0:
            return None
        start = self.random.choice(units.members(times))
        team = self._team(pools, units.taken(start, length))
        return self._take(work, start, length, team) if team else None

    def _team(self, pools: Sequence[Sequence[int]], bits: int) -> list[int]:
        """One of each pool that is free for all of the bits; nobody twice."""
        team: list[int] = []
        for pool in pools:
            taken = {other for each in team for other in self.site.same[each]}
            free = (each for each in pool if self.free[each] & bits == bits and each not in taken)
            if (found := next(free, None)) is None:
                return []
            team.append(found)
        return team

    def _take(self, work: Work, start: int, length: int, team: Sequence[int]) -> Earlier:
        bits = units.taken(start, length)
        for each in team:
            for name in self.site.same[each]:
                self.free[name] &= ~bits
                self.left[name] -= length
        begin = (self.day * units.DAY_UNITS + start) * units.UNIT_MINUTES
        takes = tuple(self.site.resources[each].key for each in team)
        ends = begin + length * units.UNIT_MINUTES
        return Earlier(self.site.location, work.discipline, begin, ends, takes)

"""Filling a clinic's calendar with earlier bookings: whole teams at a time, never twice, the nearer the fuller."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from coordinator.scheduling.problem import Resource
from coordinator.services.demo import units

FULL_DAYS, HORIZON_DAYS = 21, 182
NEAR, FAR = 0.63, 0.32
"""How much of everybody's time is wanted; what is found stays some way below."""
MOST = 0.70
"""No room or device is taken for more of a day than this, so that there are gaps everywhere."""
LONGEST = 2 * 60 // units.UNIT_MINUTES
"""What takes longer has whole days of its own."""
TRIES = 16
SPARED = 0.2
"""How much of a day stays free besides for those who find no team, since they are the ones that teams lack."""
TURNS, FULL = 5, 0.9
"""Of so many weeks some are full, up to this share of the day, for those whose work goes by weeks."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a booking may be: how long, and the capabilities of each resource that it takes."""

    title: str
    discipline: str
    minutes: int
    needs: tuple[frozenset[str], ...]

    @property
    def units(self) -> int:
        """How many units it takes."""
        return -(-self.minutes // units.UNIT_MINUTES)


ALONE = tuple(Work("Preparation and notes", "", minutes, (frozenset(),)) for minutes in (120, 60, 30))
"""What people do by themselves, where no team is to be had."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An earlier booking: minutes since the start, and the names of what it takes."""

    location: str
    work: Work
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

    def team(self, person: int) -> int:
        """How many resources the work of a person takes at most."""
        return max((len(work.needs) for work, _ in self.done_by[person]), default=0)

    @cached_property
    def weekly(self) -> list[int]:
        """Those of the staff who do work that takes most of a day, so that any other would be in its way."""
        return [person for person in self.staff if any(w.units > LONGEST for w, _ in self.done_by[person])]

    def most(self, n: int, day: int) -> float:
        """How much of a day a resource is taken at most. Some have weeks that are full, and weeks that are free."""
        if n in self.weekly:
            turn = (day // 7 + self.weekly.index(n)) % TURNS
            return FULL if turn < round(share(day) * TURNS) else 0.0
        return share(day) if n in self.staff else MOST

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
        self.left = [int(bits.bit_count() * site.most(n, day)) for n, bits in enumerate(self.free)]

    def fill(self) -> Iterator[Earlier]:
        """Work for everybody who is there, until enough of their time is taken."""
        staff = [person for person in self.site.staff if self.free[person]]
        self.random.shuffle(staff)
        staff.sort(key=self.site.team, reverse=True)  # the biggest teams while they still find each other
        for person in staff:
            yield from self._with_others(person)
        for person in staff:
            yield from self._alone(person)

    def _with_others(self, person: int) -> Iterator[Earlier]:
        mine = self.site.done_by[person]
        for _ in range(TRIES if mine else 0):
            if self.left[person] < 1:
                break
            work, number = self.random.choice(mine)
            length = work.units * max(1, min(LONGEST, self.left[person]) // work.units)
            if booking := self._book(person, work, number, length):
                yield booking

    def _alone(self, person: int) -> Iterator[Earlier]:
        """At the end of the day, and less of it, so that a team still finds each other before."""
        self.left[person] -= int(self.site.free[person][self.day].bit_count() * SPARED)
        for work in ALONE:
            while booking := self._book(person, work, 0, work.units, last=True):
                yield booking

    def _book(
        self, person: int, work: Work, number: int, length: int, *, last: bool = False
    ) -> Earlier | None:
        """Take a whole team for one piece of work, or for some of its kind in a row, when all are free."""
        times, pools = -1, []
        for n, need in enumerate(work.needs):
            pool = (person,) if n == number else self.site.pools[need]
            pool = [each for each in pool if self.left[each] >= length and self.free[each]]
            starts = 0
            for each in pool:
                starts |= units.starts(self.free[each], length)
            times &= starts
            if not times:
                return None
            pools.append(pool)
        start = times.bit_length() - 1 if last else self.random.choice(units.members(times))
        team = self._team(pools, units.taken(start, length))
        return self._take(work, start, length, team) if team else None

    def _team(self, pools: Sequence[Sequence[int]], bits: int) -> list[int]:
        """One of each pool that is free for all of the bits; nobody twice."""
        team: list[int] = []
        for pool in pools:
            taken = {other for each in team for other in self.site.same[each]}
            free = [each for each in pool if self.free[each] & bits == bits and each not in taken]
            if not free:
                return []
            team.append(self.random.choice(free[:2]))  # the others stay free for longer work
        return team

    def _take(self, work: Work, start: int, length: int, team: Sequence[int]) -> Earlier:
        bits = units.taken(start, length)
        for each in team:
            for name in self.site.same[each]:
                self.left[name] -= (self.free[name] & bits).bit_count()
                self.free[name] &= ~bits
        begin = (self.day * units.DAY_UNITS + start) * units.UNIT_MINUTES
        takes = tuple(self.site.resources[each].key for each in team)
        ends = begin + length * units.UNIT_MINUTES
        return Earlier(self.site.location, work, begin, ends, takes)

"""What it costs to do groups of steps on a date: every choice of who serves, packed as far as somebody asks."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import TypeAlias

from coordinator.scheduling import bits
from coordinator.scheduling.journey.crews import Crews, Offered, Prices
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.modes import Way
from coordinator.scheduling.journey.packing import Fit, Packing
from coordinator.scheduling.journey.window import Window
from coordinator.scheduling.roles import Thing

Offer: TypeAlias = tuple[tuple[tuple[int, Thing], ...], Fit]
"""Who is needed for which series, and what that costs on each date."""


class Journey:
    """A plan in a location, ready to be searched from date to date."""

    def __init__(self, window: Window, crews: Crews, packing: Packing) -> None:
        self.site, self.groups, self.ways = window.site, window.groups, window.ways
        self.crews, self.packing = crews, packing
        self._ways = {key: packing.ways_of(key) for key, step in self.site.steps.items() if step.phases}
        self._own: dict[object, dict[int, Prices]] = {}
        self._alike: dict[int, dict[int, Prices]] = {}
        self._offers: dict[int, list[Offer]] = {}
        self._dates: dict[int, int] = {}
        self._known: dict[tuple[int, int], Prices] = {}

    def own(self, group: Group) -> dict[int, Prices]:
        """For each date what it costs to do a group, by crew."""
        if group.number not in self._alike:
            self._alike[group.number] = self._find(group)
        return self._alike[group.number]

    def _find(self, group: Group) -> dict[int, Prices]:
        """The same, made once for all groups that ask for the same."""
        keys = [key for key in group.steps if key in self._ways]
        alike = self._signature(keys)
        if alike not in self._own:
            tables = self.packing.tables
            if alike not in tables:
                tables[alike] = self.crews.tables(self._costs(keys))
            self._own[alike] = self.crews.prices(tables[alike])
        return self._own[alike]

    def possible(self, dates: list[int]) -> list[int]:
        """Those of the dates of each group on which some crew can do it."""
        made = []
        for group, days in zip(self.groups, dates, strict=True):
            some = sum(1 << day for day in self.own(group)) if group.timed else -1
            made.append(days & some)
        return made

    def _signature(self, keys: list[str]) -> object:
        """What two groups must have in common to cost the same."""
        ways = tuple(tuple((way.servers, way.modes) for way in self._ways_of(key)) for key in keys)
        order = self.packing.order
        among = tuple(tuple(bool(order.later[key] & order.bit[other]) for other in keys) for key in keys)
        return ways, among, tuple(order.gap.get(key) for key in keys)

    def _ways_of(self, key: str) -> Iterator[Way]:
        return (self.packing.ways[index] for index in self._ways[key])

    def _costs(self, keys: list[str]) -> Iterator[tuple[tuple[tuple[int, Thing], ...], Mapping[int, int]]]:
        if len(keys) == 1:
            return ((way.servers, self._by_date(way)) for way in self._ways_of(keys[0]))
        return ((servers, fit.all()) for servers, fit in self._fits(keys))

    def _by_date(self, way: Way) -> dict[int, int]:
        """What a way costs on each date it has a start on, if it is not too long for any."""
        found: dict[int, int] = {}
        step, most = self.site.steps[way.step], self.site.plan.max_day_minutes
        if most is not None and step.minutes > most and not step.remote:
            return found
        for price, ticks in way.modes:
            for day in bits.each(self.site.days_of(ticks)):
                found[day] = min(price, found.get(day, price))
        return found

    def _fits(self, keys: list[str]) -> Iterator[Offer]:
        for chosen in product(*(self._ways[key] for key in keys)):
            servers = tuple(server for each in chosen for server in self.packing.ways[each].servers)
            if self.crews.allows(servers):
                yield servers, self.packing.fit(chosen)

    def offers(self, groups: int) -> list[Offer]:
        """Every choice of who serves in the steps of some groups (a set of numbers) on one date."""
        if groups not in self._offers:
            keys = [
                key for number in bits.each(groups) for key in self.groups[number].steps if key in self._ways
            ]
            self._offers[groups] = list(self._fits(keys))
        return self._offers[groups]

    def dates_of(self, groups: int) -> int:
        """The dates on which the steps of some groups can follow each other."""
        if groups not in self._dates:
            found = 0
            for _, fit in self.offers(groups):
                found |= fit.dates
            self._dates[groups] = found
        return self._dates[groups]

    def known(self, groups: int, day: int) -> Prices | None:
        """What it costs to do some groups on a date, by crew; None where that is not wholly known yet."""
        if not groups & (groups - 1):
            return self.own(self.groups[bits.first(groups)])[day]
        return self._known.get((groups, day))

    def priced(self, groups: int, day: int, above: float, most: float) -> tuple[Prices | None, bool]:
        """What is found for some groups on a date that costs more than ``above`` and at most ``most``, by crew, and
        whether there may be more."""
        offers = self.offers(groups)
        costs = [fit.on(day, most) for _, fit in offers]
        more = any(fit.may(day, most) for _, fit in offers)
        found = [
            (servers, {day: cost})
            for (servers, _), cost in zip(offers, costs, strict=True)
            if cost is not None
        ]
        if not more:
            self._known[groups, day] = self.at(found, day)
        found = [(servers, by_day) for servers, by_day in found if by_day[day] > above]
        return (self.at(found, day) if found else None), more

    def at(self, found: list[Offered], day: int) -> Prices:
        """The least price of some offers on a date, by crew."""
        return self.crews.prices(self.crews.tables(found))[day]

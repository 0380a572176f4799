"""What it costs to do groups of steps on a date: every choice of who serves, packed as far as somebody asks."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from coordinator.scheduling import bits
from coordinator.scheduling.journey.crews import INFINITE, Crews, Offered, Prices, Tables
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.modes import Way
from coordinator.scheduling.journey.packing import BLOCK, Packing
from coordinator.scheduling.journey.window import Window
from coordinator.scheduling.roles import Thing

Offer: TypeAlias = tuple[tuple[tuple[int, Thing], ...], int]
"""Who is needed for which series, and the ways (a set of indexes)."""


MANY = 1_500  # choices of who serves on one date, from which on the search is left to the solver


class Entangled(Exception):
    """There are too many choices of who serves on one date."""


class Stock:
    """What is packed once for all crews of a window: ways on each date, and what groups cost by themselves."""

    def __init__(self, packing: Packing) -> None:
        self.packing = packing
        self.tables: dict[object, Tables] = {}
        self._costs: dict[tuple[int, int], Prices] = {}

    def costs(self, ways: int) -> Prices:
        """What some ways cost on each date."""
        if not ways & (ways - 1):
            return self.packing.alone(ways)
        return np.concatenate([self._in(ways, block) for block in range(self.packing.blocks)])

    def cost(self, ways: int, day: int) -> Prices:
        """What some ways cost on one date."""
        return self._in(ways, day // BLOCK)[day % BLOCK : day % BLOCK + 1]

    def _in(self, ways: int, block: int) -> Prices:
        """What they cost on the dates of a block."""
        if (ways, block) not in self._costs:
            self._costs[ways, block] = self.packing.least(ways, block)
        return self._costs[ways, block]


class Journey:
    """A plan in a location, ready to be searched from date to date."""

    def __init__(self, window: Window, crews: Crews, stock: Stock) -> None:
        self.site, self.groups, self.ways = window.site, window.groups, window.ways
        self.crews, self.stock, self.packing = crews, stock, stock.packing
        self._ways = {key: stock.packing.ways_of(key) for key, step in self.site.steps.items() if step.phases}
        self._hard = {number for number, choice in crews.choices.items() if choice.hard}
        self._own: dict[object, tuple[Prices, int]] = {}
        self._alike: dict[int, tuple[Prices, int]] = {}
        self._offers: dict[int, list[Offer]] = {}
        self._able: dict[tuple[int, int], bool] = {}
        self._prices: dict[tuple[int, int], Prices] = {}

    def own(self, group: Group) -> Prices:
        """What it costs to do a group: dates by crews."""
        if group.number not in self._alike:
            self._alike[group.number] = self._find(group)
        return self._alike[group.number][0]

    def _find(self, group: Group) -> tuple[Prices, int]:
        """The same, made once for all groups that ask for the same, and on which dates some crew can do it."""
        keys = [key for key in group.steps if key in self._ways]
        alike = self._signature(keys)
        if alike not in self._own:
            tables = self.stock.tables
            if alike not in tables:
                tables[alike] = self.crews.tables(self._costs(keys), self.site.last_day + 1)
            prices = self.crews.prices(tables[alike])
            some = np.isfinite(prices.reshape(len(prices), -1).min(axis=1))
            self._own[alike] = prices, bits.of_flags(some)
        return self._own[alike]

    def possible(self, dates: list[int]) -> list[int]:
        """Those of the dates of each group on which some crew can do it."""
        made = []
        for group, days in zip(self.groups, dates, strict=True):
            if group.timed:
                self.own(group)
                days &= self._alike[group.number][1]
            made.append(days)
        return made

    def _signature(self, keys: list[str]) -> object:
        """What two groups must have in common to cost the same."""
        ways = tuple(tuple((way.servers, way.modes) for way in self._ways_of(key)) for key in keys)
        order = self.packing.order
        among = tuple(tuple(bool(order.later[key] & order.bit[other]) for other in keys) for key in keys)
        return ways, among, tuple(order.gap.get(key) for key in keys)

    def _ways_of(self, key: str) -> Iterator[Way]:
        return (self.packing.ways[index] for index in self._ways[key])

    def _costs(self, keys: list[str]) -> Iterator[Offered]:
        return ((servers, self.stock.costs(ways)) for servers, ways in self._choices(keys))

    def _choices(self, keys: list[str]) -> Iterator[Offer]:
        """Every choice of a way for each step, in which a hard series has one thing."""
        chosen: list[tuple[int, dict[int, Thing], tuple[tuple[int, Thing], ...]]] = [(0, {}, ())]
        for key in keys:
            chosen = [
                (ways | 1 << index, one | {number: thing for number, thing in way.servers if number in self._hard},
                 (*servers, *way.servers))
                for ways, one, servers in chosen
                for index, way in zip(self._ways[key], self._ways_of(key), strict=True)
                if all(one.get(number, thing) == thing for number, thing in way.servers)
            ]  # fmt: skip
            if len(chosen) > MANY:
                raise Entangled
        return ((servers, ways) for ways, _, servers in chosen)

    def offers(self, groups: int) -> list[Offer]:
        """Every choice of who serves in the steps of some groups (a set of numbers) on one date."""
        if groups not in self._offers:
            keys = [
                key for number in bits.each(groups) for key in self.groups[number].steps if key in self._ways
            ]
            self._offers[groups] = list(self._choices(keys))
        return self._offers[groups]

    def fits(self, groups: int, day: int) -> bool:
        """Whether the steps of some groups can follow each other on a date."""
        if (groups, day) not in self._able:
            offers = self.offers(groups)
            self._able[groups, day] = any(self.stock.cost(ways, day)[0] < INFINITE for _, ways in offers)
        return self._able[groups, day]

    def price(self, groups: int, day: int) -> Prices:
        """What it costs to do some groups on a date, by crew."""
        if not groups & (groups - 1):
            own: Prices = self.own(self.groups[bits.first(groups)])[day]
            return own
        if not self.crews.axis:
            least: Prices = min(self.stock.cost(ways, day)[0] for _, ways in self.offers(groups))
            return least
        if (groups, day) not in self._prices:
            offers = ((servers, self.stock.cost(ways, day)) for servers, ways in self.offers(groups))
            self._prices[groups, day] = self.crews.prices(self.crews.tables(offers, 1))[0]
        return self._prices[groups, day]

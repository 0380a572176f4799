"""What it costs to do groups of steps on a date: every choice of who serves, packed as far as somebody asks."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from coordinator.scheduling import bits
from coordinator.scheduling.journey.crews import INFINITE, Crews, Offered, Prices, Tables
from coordinator.scheduling.journey.fit import Fit
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.modes import Way
from coordinator.scheduling.journey.packing import Packing
from coordinator.scheduling.journey.window import Window
from coordinator.scheduling.roles import Thing

Offer: TypeAlias = tuple[tuple[tuple[int, Thing], ...], Fit]
"""Who is needed for which series, and what that costs on each date."""


class Stock:
    """What is packed once for all crews of a window: ways on each date, and what groups cost by themselves."""

    def __init__(self, packing: Packing) -> None:
        self.packing = packing
        self.tables: dict[object, Tables] = {}
        self._fits: dict[tuple[int, ...], Fit] = {}

    def fit(self, ways: tuple[int, ...]) -> Fit:
        """Some ways on each date."""
        if ways not in self._fits:
            self._fits[ways] = Fit(self.packing, ways)
        return self._fits[ways]


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
        self._dates: dict[int, int] = {}
        self._known: dict[tuple[int, int], Prices] = {}

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
            some = np.isfinite(prices).any(axis=tuple(range(1, prices.ndim)))
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
        if len(keys) == 1:
            return ((way.servers, self._by_date(way)) for way in self._ways_of(keys[0]))
        return ((servers, self._as_prices(fit.all())) for servers, fit in self._fits(keys))

    def _by_date(self, way: Way) -> Prices:
        """What a way costs on each date it has a start on, if it is not too long for any."""
        found = np.full(self.site.last_day + 1, INFINITE, self.crews.kind)
        step, most = self.site.steps[way.step], self.site.plan.max_day_minutes
        if most is None or step.minutes <= most or step.remote:
            for price, ticks in sorted(way.modes, reverse=True):
                found[bits.flags(self.site.days_of(ticks), len(found))] = price
        return found

    def _as_prices(self, costs: Mapping[int, int]) -> Prices:
        """Costs by date as prices."""
        found = np.full(self.site.last_day + 1, INFINITE, self.crews.kind)
        found[list(costs)] = list(costs.values())
        return found

    def _fits(self, keys: list[str]) -> Iterator[Offer]:
        """Every choice of a way for each step, in which a hard series has one thing."""
        chosen: list[tuple[tuple[int, ...], dict[int, Thing], tuple[tuple[int, Thing], ...]]] = [((), {}, ())]
        for key in keys:
            chosen = [
                ((*ways, index), one | {number: thing for number, thing in way.servers if number in self._hard},
                 (*servers, *way.servers))
                for ways, one, servers in chosen
                for index, way in zip(self._ways[key], self._ways_of(key), strict=True)
                if all(one.get(number, thing) == thing for number, thing in way.servers)
            ]  # fmt: skip
        return ((servers, self.stock.fit(ways)) for ways, _, servers in chosen)

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
        found = [(servers, cost) for servers, fit in offers if (cost := fit.on(day, most)) is not None]
        more = any(fit.may(day, most) for _, fit in offers)
        if not more:
            self._known[groups, day] = self.at(found)
        found = [(servers, cost) for servers, cost in found if cost > above]
        return (self.at(found) if found else None), more

    def at(self, found: Sequence[tuple[tuple[tuple[int, Thing], ...], int]]) -> Prices:
        """The least price of some offers on one date, by crew."""
        offers = ((servers, np.array([cost], self.crews.kind)) for servers, cost in found)
        prices: Prices = self.crews.prices(self.crews.tables(offers, 1))[0]
        return prices

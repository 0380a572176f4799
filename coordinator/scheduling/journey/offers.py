"""What it costs to do groups of steps on a date: every choice of who serves, packed as far as somebody asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from coordinator.scheduling import bits
from coordinator.scheduling.journey import stacking
from coordinator.scheduling.journey.crews import INFINITE, Crews, Prices, Tables
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


@dataclass(frozen=True, slots=True)
class Own:
    """What a group costs by itself, dates by crews; on which dates (a set) that is known, and on which it can be."""

    seen: int
    prices: Prices
    able: int


class Stock:
    """What is packed once for all crews of a window: ways on each date, and what groups cost by themselves."""

    def __init__(self, packing: Packing) -> None:
        self.packing = packing
        self.signatures: dict[object, int] = {}
        self.tables: dict[int, tuple[int, Tables]] = {}
        """What groups cost by themselves, and on which dates (a set) that is known."""
        self._costs: dict[tuple[int, int], Prices] = {}

    def costs(self, offers: list[int], dates: int) -> Iterator[Prices]:
        """What each of some sets of ways, all for the same steps, costs on some dates; infinite on all others."""
        packing = self.packing
        if self.knows_all(offers):
            yield from map(self._throughout, offers)
            return
        found, days = np.full((len(offers), packing.dates), INFINITE, packing.kind), list(bits.each(dates))
        if days:
            found[:, days] = stacking.least(packing, offers, days)
        yield from found

    def knows_all(self, offers: list[int]) -> bool:
        """Whether what sets of ways cost is found on all dates at once."""
        return self.packing.limited or not offers or not offers[0] & (offers[0] - 1)

    def _throughout(self, ways: int) -> Prices:
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
        self._signatures: dict[int, int] = {}
        self._own: dict[int, Own] = {}
        self._offers: dict[int, list[Offer]] = {}
        self._able: dict[tuple[int, int], bool] = {}
        self._prices: dict[tuple[int, int], Prices] = {}

    def own(self, group: Group, dates: int) -> Own:
        """What it costs to do a group; made once for all groups that ask for the same."""
        alike = self._alike(group)
        known = self._own.get(alike)
        if known is None or dates & ~known.seen:
            asked = dates if known is None else dates | known.seen
            tables = self._tables(alike, group, asked)
            prices = self.crews.on_dates(tables, list(bits.each(asked)), self.packing.dates)
            some = np.isfinite(prices.reshape(len(prices), -1).min(axis=1))
            known = self._own[alike] = Own(asked, prices, bits.of_flags(some))
        return known

    def _tables(self, alike: int, group: Group, dates: int) -> Tables:
        """The same by who is needed, at least on some dates; kept for other crews."""
        seen, known = self.stock.tables.get(alike, (0, None))
        if known is None or dates & ~seen:
            choices = list(self._choices(self._keys(group)))
            ways = [each for _, each in choices]
            offers = zip(
                (servers for servers, _ in choices), self.stock.costs(ways, dates & ~seen), strict=True
            )
            more = self.crews.tables(offers, self.packing.dates)
            known = more if known is None else known.less(more)
            self.stock.tables[alike] = -1 if self.stock.knows_all(ways) else seen | dates, known
        return self.stock.tables[alike][1]

    def _keys(self, group: Group) -> list[str]:
        """The steps of a group that have phases."""
        return [key for key in group.steps if key in self._ways]

    def possible(self, dates: list[int]) -> list[int]:
        """Those of the dates of each group on which some crew can do it."""
        asked: dict[int, int] = {}
        for group, days in zip(self.groups, dates, strict=True):
            if group.timed:
                asked[self._alike(group)] = asked.get(self._alike(group), 0) | days
        return [days & self.own(group, asked[self._alike(group)]).able if group.timed else days
                for group, days in zip(self.groups, dates, strict=True)]  # fmt: skip

    def _alike(self, group: Group) -> int:
        """A number, the same for all groups that cost the same."""
        if group.number not in self._signatures:
            made = self._signature(self._keys(group))
            self._signatures[group.number] = self.stock.signatures.setdefault(
                made, len(self.stock.signatures)
            )
        return self._signatures[group.number]

    def _signature(self, keys: list[str]) -> object:
        """What two groups must have in common to cost the same."""
        ways = tuple(tuple((way.servers, way.modes) for way in self._ways_of(key)) for key in keys)
        order = self.packing.order
        among = tuple(tuple(bool(order.later[key] & order.bit[other]) for other in keys) for key in keys)
        tolled = tuple(self.site.steps[key].phases for key in keys) if self.packing.tolls else ()
        return ways, among, tuple(order.gap.get(key) for key in keys), tolled

    def _ways_of(self, key: str) -> Iterator[Way]:
        return (self.packing.ways[index] for index in self._ways[key])

    def _choices(self, keys: list[str]) -> Iterator[Offer]:
        """Every choice of a way for each step, in which a hard series has one thing."""
        chosen: list[tuple[int, dict[int, Thing], tuple[tuple[int, Thing], ...]]] = [(0, {}, ())]
        for key in keys:
            ways = [(1 << index, way.servers, {number: thing for number, thing in way.servers if number in self._hard})
                    for index, way in zip(self._ways[key], self._ways_of(key), strict=True)]  # fmt: skip
            chosen = [
                (done | bit, one | hard if hard else one, (*servers, *more))
                for done, one, servers in chosen
                for bit, more, hard in ways
                if not hard or all(one.get(number, thing) == thing for number, thing in hard.items())
            ]
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
            own: Prices = self.own(self.groups[bits.first(groups)], 1 << day).prices[day]
            return own
        if not self.crews.axis:
            least: Prices = min(self.stock.cost(ways, day)[0] for _, ways in self.offers(groups))
            return least
        if (groups, day) not in self._prices:
            offers = ((servers, self.stock.cost(ways, day)) for servers, ways in self.offers(groups))
            self._prices[groups, day] = self.crews.prices(self.crews.tables(offers, 1))[0]
        return self._prices[groups, day]

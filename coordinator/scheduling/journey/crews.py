"""Who serves the series of a plan: every crew that could, side by side as the axes of an array.

A crew is one set of things for each series. A price for each crew is an array with an axis for each series (length 1
where it makes no difference), infinite where the crew cannot do it; so one pass over the dates serves every crew.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from coordinator.scheduling.journey.modes import Ways
from coordinator.scheduling.roles import Thing

Prices: TypeAlias = npt.NDArray[np.float64]

INFINITE = float("inf")


class Crews:
    """The crews for the series of a plan. ``sizes`` says for each series how many things of it are told apart.

    Where more could serve, the last entry of the axis stands for everybody, at the price of one more than that: a floor
    for every larger set. A series that makes no difference has no axis.
    """

    def __init__(self, ways: Ways, sizes: Mapping[int, int]) -> None:
        plan, weights = ways.site.plan, ways.site.problem.weights
        self.axis = {number: axis for axis, number in enumerate(sizes)}
        self.things = [ways.able(number) for number in sizes]
        self.hard = [plan.series[number].same for number in sizes]
        self.sets: list[list[int]] = []
        for hard, things, size in zip(self.hard, self.things, sizes.values(), strict=True):
            self.sets.append(_sets(len(things), 1 if hard else size))
            if not hard and size < len(things):
                self.sets[-1].append((1 << len(things)) - 1)
        self.whole = [hard or size >= len(things)
                      for hard, things, size in zip(self.hard, self.things, sizes.values(), strict=True)]  # fmt: skip
        self.further: Prices = np.zeros((1,) * len(self.axis))
        prices = [
            [0 if hard else weights.continuity * (min(each.bit_count(), size + 1) - 1) for each in sets]
            for hard, sets, size in zip(self.hard, self.sets, sizes.values(), strict=True)
        ]
        for axis, each in enumerate(prices):
            self.further = self.further + self._along(axis, np.array(each, float))
        self._has = [
            [np.array([each >> thing & 1 for each in sets], bool) for thing in range(len(things))]
            for sets, things in zip(self.sets, self.things, strict=True)
        ]

    def _along(self, axis: int, values: Prices) -> Prices:
        shape = [1] * len(self.axis)
        shape[axis] = -1
        return values.reshape(shape)

    def is_exact(self, axis: int, crew: tuple[int, ...]) -> bool:
        """Whether a crew is one on an axis, and not a floor for many."""
        return self.whole[axis] or crew[axis] < len(self.sets[axis]) - 1

    def has(self, crew: tuple[int, ...], servers: Sequence[tuple[int, Thing]]) -> bool:
        """Whether a crew has all who are needed."""
        needed = self._needed(servers)
        return needed is not None and not any(
            mask & ~self.sets[axis][crew[axis]] for axis, mask in needed.items()
        )

    def prices(
        self, offers: Iterable[tuple[Sequence[tuple[int, Thing]], Mapping[int, int]]]
    ) -> dict[int, Prices]:
        """For each date the least price of several offers, by crew.

        An offer says who it needs for which series, and what it costs on each date. A crew can take it if it has them.
        """
        tables: dict[tuple[int, ...], dict[int, Prices]] = {}
        found: dict[int, Prices] = {}
        for servers, costs in offers:
            needed = self._needed(servers)
            if needed is None:
                continue
            axes = tuple(needed)
            if any(mask & (mask - 1) for mask in needed.values()):
                self._offer(found, needed, costs)
                continue
            places = tuple(mask.bit_length() - 1 for mask in needed.values())
            by_day = tables.setdefault(axes, {})
            for day, cost in costs.items():
                if day not in by_day:
                    by_day[day] = np.full([len(self.things[axis]) for axis in axes], INFINITE)
                by_day[day][places] = min(by_day[day][places], cost)
        for axes, by_day in tables.items():
            for day, table in by_day.items():
                spread = self._spread(axes, table)
                found[day] = spread if day not in found else np.minimum(found[day], spread)
        return found

    def allows(self, servers: Sequence[tuple[int, Thing]]) -> bool:
        """Whether some crew has all who are needed."""
        return self._needed(servers) is not None

    def _needed(self, servers: Sequence[tuple[int, Thing]]) -> dict[int, int] | None:
        """For each axis the things needed; None where a hard series would be served by several."""
        needed: dict[int, int] = {}
        for number, thing in servers:
            if number in self.axis:
                axis = self.axis[number]
                needed[axis] = needed.get(axis, 0) | 1 << self.things[axis].index(thing)
        if any(self.hard[axis] and mask & (mask - 1) for axis, mask in needed.items()):
            return None
        return dict(sorted(needed.items()))

    def _spread(self, axes: tuple[int, ...], table: Prices) -> Prices:
        """Prices by thing as prices by crew: the cheapest of its members."""
        for place, axis in enumerate(axes):
            table = np.moveaxis(table, place, 0)
            by_crew = np.full((len(self.sets[axis]), *table.shape[1:]), INFINITE)
            for thing, has in enumerate(self._has[axis]):
                by_crew[has] = np.minimum(by_crew[has], table[thing])
            table = np.moveaxis(by_crew, 0, place)
        shape = [1] * len(self.axis)
        for place, axis in enumerate(axes):
            shape[axis] = table.shape[place]
        return table.reshape(shape)

    def _offer(self, found: dict[int, Prices], needed: dict[int, int], costs: Mapping[int, int]) -> None:
        """Take in an offer for which several things of one series are needed."""
        able = np.ones((1,) * len(self.axis), bool)
        for axis, mask in needed.items():
            has = np.array([each & mask == mask for each in self.sets[axis]], bool)
            able = able & self._along(axis, has)
        for day, cost in costs.items():
            offered = np.where(able, float(cost), INFINITE)
            found[day] = offered if day not in found else np.minimum(found[day], offered)


def _sets(count: int, size: int) -> list[int]:
    """The sets (as bits) of up to ``size`` things, and all of them."""
    return [sum(1 << each for each in chosen) for some in range(1, min(size, count) + 1)
            for chosen in combinations(range(count), some)]  # fmt: skip

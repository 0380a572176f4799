"""Who serves the series of a plan: every crew that could, side by side as the axes of an array.

A crew is one set of things for each series. A price for each crew is an array with an axis for each series (length 1
where it makes no difference), infinite where the crew cannot do it; so one pass over the dates serves every crew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import prod
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from coordinator.scheduling.journey.modes import Ways
from coordinator.scheduling.roles import Thing

Prices: TypeAlias = npt.NDArray[np.floating[Any]]

Offered: TypeAlias = tuple[Sequence[tuple[int, Thing]], Prices]
"""Who is needed for which series, and what that costs on each date."""

INFINITE = float("inf")
FEW = 4  # things that can serve a wished series, of which every set is told apart at once
SOME = 20_000  # crews that are no trouble
EXACT = 2**23  # up to which whole numbers, and sums of two of them, are exact in half the space


@dataclass(frozen=True, slots=True)
class Tables:
    """What offers cost: dates by things, for each set of axes; and those that need several things of one series."""

    by_thing: dict[tuple[int, ...], Prices]
    of_several: list[tuple[dict[int, int], Prices]]

    def less(self, other: "Tables") -> "Tables":
        """The lesser of each price; both are of the same offers."""
        by_thing = {axes: np.minimum(table, other.by_thing[axes]) for axes, table in self.by_thing.items()}
        both = zip(self.of_several, other.of_several, strict=True)
        return Tables(by_thing, [(needed, np.minimum(one, more)) for (needed, one), (_, more) in both])

    def on(self, dates: Sequence[int]) -> "Tables":
        """Only some of the dates."""
        by_thing = {axes: table[dates] for axes, table in self.by_thing.items()}
        return Tables(by_thing, [(needed, costs[dates]) for needed, costs in self.of_several])


@dataclass(frozen=True, slots=True)
class Choice:
    """The sets of things (as bits) that are told apart for one series, and up to which size they are all there.

    Every larger set is stood for by one entry with everybody, at the price of one thing more than ``size``: a floor.
    """

    things: int
    size: int
    hard: bool
    sets: tuple[int, ...]

    @classmethod
    def of(cls, things: int, size: int, *, hard: bool = False) -> "Choice":
        """All sets up to a size."""
        return cls(things, min(size, things), hard, tuple(_sets(things, 1, 1 if hard else size)))

    @property
    def whole(self) -> bool:
        """Whether no larger set is left."""
        return self.hard or self.size >= self.things

    def __len__(self) -> int:
        return len(self.sets) + (not self.whole)

    def kept(self, among: Sequence[bool]) -> "Choice":
        """Only some of the sets."""
        kept = tuple(each for each, keep in zip(self.sets, among, strict=False) if keep)
        return replace(self, sets=kept)

    def larger(self) -> "Choice":
        """With the sets of one thing more."""
        size = self.size + 1
        return replace(self, size=size, sets=(*self.sets, *_sets(self.things, size, size)))


Choices: TypeAlias = Mapping[int, Choice]
"""A choice for each series (by number) that makes a difference."""


class Crews:
    """The crews for the series of a plan: one axis for each choice."""

    def __init__(self, ways: Ways, choices: Choices) -> None:
        self.choices = choices
        self.axis = {number: axis for axis, number in enumerate(choices)}
        self.things = [ways.able(number) for number in choices]
        self._bit = [{thing: 1 << index for index, thing in enumerate(things)} for things in self.things]
        self.hard = [choice.hard for choice in choices.values()]
        self.sets = [
            [*choice.sets, *([] if choice.whole else [(1 << choice.things) - 1])]
            for choice in choices.values()
        ]
        self.kind = kind_for(ways)
        self.further: Prices = np.zeros((1,) * len(self.axis), self.kind)
        for axis, choice in enumerate(choices.values()):
            price = 0 if choice.hard else ways.site.problem.weights.continuity
            further = [each.bit_count() - 1 for each in choice.sets] + [choice.size] * (not choice.whole)
            self.further = self.further + self._along(axis, np.array(further, self.kind) * price)
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
        choice = list(self.choices.values())[axis]
        return choice.whole or crew[axis] < len(choice.sets)

    def has(self, crew: tuple[int, ...], servers: Sequence[tuple[int, Thing]]) -> bool:
        """Whether a crew has all who are needed."""
        needed = self._needed(servers)
        return needed is not None and not any(
            mask & ~self.sets[axis][crew[axis]] for axis, mask in needed.items()
        )

    def on_dates(self, tables: Tables, dates: Sequence[int], count: int) -> Prices:
        """The least price of some offers on some of ``count`` dates, by crews; infinite on all others."""
        here = self.prices(tables.on(dates))
        found = np.full((count, *here.shape[1:]), INFINITE, self.kind)
        found[dates] = here
        return found

    def prices(self, tables: Tables) -> Prices:
        """The least price of some offers: dates by crews."""
        found: Prices | None = None
        for axes, table in tables.by_thing.items():
            spread = self._spread(axes, table)
            found = spread if found is None else np.minimum(found, spread)
        for needed, costs in tables.of_several:
            spread = self._offer(needed, costs)
            found = spread if found is None else np.minimum(found, spread)
        return np.full((1,) * (len(self.axis) + 1), INFINITE, self.kind) if found is None else found

    def tables(self, offers: Iterable[Offered], dates: int) -> Tables:
        """Offers for so many dates by who is needed; the same for all choices of one window."""
        by_thing: dict[tuple[int, ...], Prices] = {}
        of_several = []
        for servers, costs in offers:
            needed = self._needed(servers)
            if needed is None:
                continue
            if any(mask & (mask - 1) for mask in needed.values()):
                of_several.append((needed, costs))
                continue
            axes, places = tuple(needed), tuple(mask.bit_length() - 1 for mask in needed.values())
            if axes not in by_thing:
                by_thing[axes] = np.full(
                    [dates, *(len(self.things[axis]) for axis in axes)], INFINITE, self.kind
                )
            where: tuple[Any, ...] = (slice(None), *places)
            table = by_thing[axes][where]
            np.minimum(table, costs, out=table)
        return Tables(by_thing, of_several)

    def _needed(self, servers: Sequence[tuple[int, Thing]]) -> dict[int, int] | None:
        """For each axis the things needed; None where a hard series would be served by several."""
        needed: dict[int, int] = {}
        for number, thing in servers:
            if number in self.axis:
                axis = self.axis[number]
                needed[axis] = needed.get(axis, 0) | self._bit[axis][thing]
        if any(self.hard[axis] and mask & (mask - 1) for axis, mask in needed.items()):
            return None
        return dict(sorted(needed.items()))

    def _spread(self, axes: tuple[int, ...], table: Prices) -> Prices:
        """Prices by thing as prices by crew: the cheapest of its members."""
        shape = [len(table)] + [1] * len(self.axis)
        for place, axis in enumerate(axes, start=1):
            table = np.moveaxis(table, place, 0)
            by_crew = np.full((len(self.sets[axis]), *table.shape[1:]), INFINITE, self.kind)
            for thing, has in enumerate(self._has[axis]):
                by_crew[has] = np.minimum(by_crew[has], table[thing])
            table = np.moveaxis(by_crew, 0, place)
            shape[axis + 1] = table.shape[place]
        return table.reshape(shape)

    def _offer(self, needed: dict[int, int], costs: Prices) -> Prices:
        """An offer for which several things of one series are needed."""
        able = np.ones((1,) * len(self.axis), bool)
        for axis, mask in needed.items():
            has = np.array([each & mask == mask for each in self.sets[axis]], bool)
            able = able & self._along(axis, has)
        return np.where(able, costs.reshape([-1] + [1] * len(self.axis)), self.kind(INFINITE))


def told_apart(ways: Ways) -> Choices:
    """Who is told apart for each series that has a choice: of a few things all sets, else the small ones."""
    plan, weights = ways.site.plan, ways.site.problem.weights
    able = {number: len(ways.able(number)) for number, series in enumerate(plan.series)
            if series.same or weights.continuity}  # fmt: skip
    for size in (3, 2):
        made = {number: Choice.of(count, max(size, FEW * (count <= FEW)), hard=plan.series[number].same)
                for number, count in able.items() if count > 1}  # fmt: skip
        if prod(map(len, made.values())) <= SOME:
            break
    return made


def kind_for(ways: Ways) -> type[np.floating[Any]]:
    """The sort of number that is exact for all costs of a plan."""
    return np.float32 if _largest(ways) < EXACT else np.float64


def _largest(ways: Ways) -> int:
    """More than any proposal costs."""
    plan, weights, steps = ways.site.plan, ways.site.problem.weights, len(ways.site.plan.steps)
    by_step = weights.visit_day + 2 * 1440 * weights.wait_minute + weights.preference + weights.moved
    by_step += weights.reassigned + weights.continuity * len(plan.series)
    days = ways.site.days.count
    return steps * by_step + weights.finish_day * days + weights.location_rank * len(plan.locations)


def _sets(count: int, least: int, most: int) -> list[int]:
    """The sets (as bits) of ``least`` to ``most`` of so many things."""
    return [sum(1 << each for each in chosen) for some in range(least, min(most, count) + 1)
            for chosen in combinations(range(count), some)]  # fmt: skip

"""Steps on one date: the least that it costs to do some of them one after another, on all dates of a window at once.

What is done is a set of ways (by index). For each set there is an array, dates by ticks of the day, of what it costs
at least when the last of them ends with that tick: waiting, and the price of the modes. Where a plan limits the length
of its dates, what is paid and what is waited are kept apart. Dates come in blocks, so that only those that matter are
made.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from coordinator.scheduling import bits
from coordinator.scheduling.journey.crews import INFINITE, Prices
from coordinator.scheduling.journey.modes import Mode, Way, Ways
from coordinator.scheduling.journey.order import Order
from coordinator.scheduling.journey.waiting import after, ended, kept
from coordinator.scheduling.site import Site

Layers: TypeAlias = Mapping[int, Prices]
"""By what is paid (0 where that is part of the cost) the cost of waiting so far: dates by ticks."""


BLOCK = 16  # dates that are packed together


@dataclass
class Packed:
    """A way as it is packed: its ticks, those of them that are waiting, the ticks since what comes before it, its
    modes, and its price at each tick of each date, made once somebody asks."""

    length: int
    waiting: int
    gap: tuple[int, int] | None
    bit: int
    later: int
    modes: tuple[Mode, ...]
    priced: Callable[[tuple[Mode, ...]], Layers]

    @cached_property
    def layers(self) -> Layers:
        """By what is paid the price at each tick: dates by ticks."""
        return self.priced(self.modes)


class Packing:
    """What it costs to do some steps one after another on each date."""

    def __init__(self, site: Site, order: Order, ways: Ways, kind: npt.DTypeLike) -> None:
        self.site, self.order, self.kind = site, order, kind
        self.ways: list[Way] = []
        self._all_ways = ways
        self._ways_of: dict[str, tuple[int, ...]] = {}
        self.packed: list[Packed] = []
        self._lasts_of: dict[int, list[tuple[Packed, int, int]]] = {}
        self._alike: dict[tuple[tuple[int, int], ...], Layers] = {}
        self._busy: dict[tuple[int, int], Layers] = {}
        self._idle: dict[tuple[int, int], Layers] = {}
        self.limited = site.plan.max_day_minutes is not None
        self.each = 1 if self.limited else site.problem.weights.wait_minute * site.grid
        """What a tick of waiting counts in the arrays."""
        self._grid, self._nothing = _Hours(site), np.zeros((1, 1), kind)

    def ways_of(self, key: str) -> tuple[int, ...]:
        """The ways to do a step, by index."""
        if key not in self._ways_of:
            first = len(self.ways)
            self.ways += self._all_ways.of(key)
            self.packed += [self._pack(way) for way in self.ways[first:]]
            self._ways_of[key] = tuple(range(first, len(self.ways)))
        return self._ways_of[key]

    def _pack(self, way: Way) -> Packed:
        step, order = self.site.steps[way.step], self.order
        length = step.minutes // self.site.grid
        waiting = 0 if any(phase.patient for phase in step.phases) else length
        gap, bit, later = order.gap.get(way.step), order.bit[way.step], order.later[way.step]
        return Packed(length, waiting, gap, bit, later, way.modes, self._layers_of)

    def _layers_of(self, modes: tuple[Mode, ...]) -> Layers:
        """The price at each tick of each date; made once for all steps that ask for the same."""
        if modes not in self._alike:
            layers: dict[int, Prices] = {}
            for price, ticks in sorted(modes, reverse=True):
                layer = price if self.limited else 0
                if layer not in layers:
                    layers[layer] = np.full(self._grid.shape, INFINITE, self.kind)
                layers[layer][self._grid.flags(ticks)] = 0 if self.limited else price
            self._alike[modes] = layers
        return self._alike[modes]

    @property
    def dates(self) -> int:
        """How many dates there are."""
        return self._grid.shape[0]

    @property
    def ticks(self) -> int:
        """How many ticks of a day there are."""
        return self._grid.shape[1]

    @property
    def blocks(self) -> int:
        """How many blocks of dates there are."""
        return -(-self._grid.shape[0] // BLOCK)

    def least(self, done: int, block: int) -> Prices:
        """What it costs at least to do all of some ways on each date of a block; infinite where it is impossible."""
        most = self.longest_wait(done)
        found = np.full(min(BLOCK, self._grid.shape[0] - BLOCK * block), INFINITE, self.kind)
        for paid, layer in self.busy(done, block).items():
            best = layer.min(axis=1)
            if self.limited:
                best = self._price(best, most)
            found = np.minimum(found, best + paid)
        return found

    def alone(self, way: int) -> Prices:
        """What it costs at least to do only one way on each date: its cheapest mode then."""
        found = np.full(self._grid.shape[0], INFINITE, self.kind)
        if self.longest_wait(way) >= 0:
            for price, ticks in sorted(self.packed[bits.first(way)].modes, reverse=True):
                found[self.site.dates.flags(ticks)] = price
        return found

    def longest_wait(self, done: int) -> float:
        """The most ticks that can be waited on a date; below 0 where the steps by themselves take too long."""
        most, steps = (
            self.site.plan.max_day_minutes,
            [self.site.steps[self.ways[way].step] for way in bits.each(done)],
        )
        work = sum(
            phase.minutes for step in steps if not step.remote for phase in step.phases if phase.patient
        )
        return INFINITE if most is None or not work else (most - work) // self.site.grid

    def _price(self, waiting: Prices, most: float) -> Prices:
        """What so many ticks of waiting cost; infinite where it is too much, even for nothing."""
        able = np.isfinite(waiting) & (waiting <= most)
        each = self.site.problem.weights.wait_minute * self.site.grid
        return np.where(able, np.where(able, waiting, 0) * each, INFINITE).astype(self.kind)

    def lasts(self, done: int) -> list[tuple[Packed, int, int]]:
        """What can be the last one done, its index, and the rest."""
        if done not in self._lasts_of:
            ways, steps = list(bits.each(done)), 0
            for way in ways:
                steps |= self.packed[way].bit
            self._lasts_of[done] = [
                (self.packed[way], way, done ^ 1 << way) for way in ways if not self.packed[way].later & steps
            ]
        return self._lasts_of[done]

    def busy(self, done: int, block: int) -> Layers:
        """The least cost of all that is done, by the last tick of it."""
        if (done, block) not in self._busy:
            found: dict[int, Prices] = {}
            for last, _, rest in self.lasts(done):
                for paid, layer in self._after(last, rest, block):
                    found[paid] = np.minimum(found[paid], layer, out=layer) if paid in found else layer
            self._busy[done, block] = found
        return self._busy[done, block]

    def _after(self, last: Packed, rest: int, block: int) -> Iterator[tuple[int, Prices]]:
        """The cost with one way as the last, by its own last tick."""
        for paid, begun in self._begun(last, rest, block).items():
            for price, whole in last.layers.items():
                layer = whole[BLOCK * block : BLOCK * (block + 1)]
                made = ended(begun, layer, last.length)
                yield paid + price, made + last.waiting * self.each if last.waiting else made

    def _begun(self, last: Packed, rest: int, block: int) -> Layers:
        """The cost with which a way can begin at each tick."""
        if not rest:
            return {0: self._nothing}
        if last.gap is None:
            return self.idle(rest, block)
        return {paid: kept(layer, *last.gap, self.each) for paid, layer in self.busy(rest, block).items()}

    def idle(self, done: int, block: int) -> Layers:
        """The least cost with which something can begin after all that is done and a wait."""
        if (done, block) not in self._idle:
            self._idle[done, block] = {
                paid: after(layer, self.each) for paid, layer in self.busy(done, block).items()
            }
        return self._idle[done, block]

    def starts(self, done: int, day: int) -> dict[str, int]:
        """The starts (ticks) of the ways on a date, for the least cost; of equals those that end first."""
        most = self.longest_wait(done)
        best: tuple[float, int, int] | None = None
        for paid, layer in self.busy(done, day // BLOCK).items():
            row = layer[day % BLOCK]
            cost = self._price(row, most) + paid if self.limited else row
            at = int(cost.argmin())
            if best is None or cost[at] < best[0]:
                best = (float(cost[at]), paid, at)
        assert best is not None
        return self._trace(done, best[1], best[2], day)

    def _trace(self, done: int, paid: int, tick: int, day: int) -> dict[str, int]:
        """How it came to that last tick of the day: the start of each step."""
        block, row = divmod(day, BLOCK)
        cost = self.busy(done, block)[paid][row, tick]
        for last, way, rest in self.lasts(done):
            start = tick - last.length + 1
            for price, layer in last.layers.items():
                begun = self._begun(last, rest, block).get(paid - price)
                if begun is None or start < 0:
                    continue
                before = begun[0, 0] if not rest else begun[row, start]
                if before + layer[day, start] + last.waiting * self.each == cost < INFINITE:
                    own = {self.ways[way].step: self._grid.tick(day, start)}
                    return self._before(last, rest, paid - price, before, start, day) | own if rest else own
        raise AssertionError("every last tick has a first")

    def _before(
        self, last: Packed, rest: int, paid: int, cost: float, start: int, day: int
    ) -> dict[str, int]:
        """The starts of the rest, whose waiting ends where the last one begins."""
        least, most = last.gap or (0, start - 1)
        row = self.busy(rest, day // BLOCK)[paid][day % BLOCK]
        for ticks in range(least, min(most, start - 1) + 1):
            if row[start - 1 - ticks] + ticks * self.each == cost:
                return self._trace(rest, paid, start - 1 - ticks, day)
        raise AssertionError("every way follows the rest")


class _Hours:
    """The ticks of a window as dates by ticks of the day, only those hours in which any step could run."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._low = [low for low, _ in site.day_ticks[: site.last_day + 1]]
        longest = max((high - low + 1 for low, high in site.day_ticks[: site.last_day + 1]), default=0)
        first, last = self._used(longest)
        self._first = first
        self.shape = (len(self._low), max(last - first + 1, 1))
        ticks = np.array(self._low)[:, None] + np.arange(first, first + self.shape[1])[None, :]
        highs = np.array([high for _, high in site.day_ticks[: site.last_day + 1]])[:, None]
        self._index = np.where(ticks <= np.minimum(highs, site.most), ticks, site.most + 1)

    def _used(self, longest: int) -> tuple[int, int]:
        """The first tick of a day in which a step could start, and the last one in which one could end."""
        site = self.site
        first, last = longest, 0
        by_length: dict[int, int] = {}
        for key, step in site.steps.items():
            if step.phases:
                by_length[step.minutes] = by_length.get(step.minutes, 0) | site.domains[key]
        for minutes, ticks in by_length.items():
            if ticks:
                at = np.flatnonzero(bits.flags(ticks, site.most + 1))
                own = at - np.array(self._low)[np.searchsorted(self._low, at, side="right") - 1]
                first = min(first, int(own.min()))
                last = max(last, int(own.max()) + minutes // site.grid - 1)
        return min(first, last), min(last, longest - 1)

    def flags(self, ticks: int) -> npt.NDArray[np.bool_]:
        """Whether each tick is in a set."""
        return bits.flags(ticks, self.site.most + 2)[self._index]

    def tick(self, day: int, own: int) -> int:
        """The tick of the window."""
        return self._low[day] + self._first + own

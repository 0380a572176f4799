"""Steps on one date: the least that it costs to do some of them one after another, on all dates of a window at once.

What is done is a set of ways (by index). For each set there is an array, dates by ticks of the day, of what it costs
at least when the last of them ends with that tick: waiting, and the price of the modes. Where a plan limits the length
of its dates, what is paid and what is waited are kept apart. Dates come in blocks, so that only those that matter are
made.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from coordinator.scheduling import bits
from coordinator.scheduling.journey import hours
from coordinator.scheduling.journey.crews import INFINITE, Prices
from coordinator.scheduling.journey.modes import Mode, Servers, Way, Ways
from coordinator.scheduling.journey.order import Order
from coordinator.scheduling.journey.tolls import FREE, Tolls
from coordinator.scheduling.journey.waiting import after, ended, kept
from coordinator.scheduling.site import Site

Layers: TypeAlias = Mapping[int, Prices]
"""By what is paid (0 where that is part of the cost) the cost of waiting so far: dates by ticks."""

Asked: TypeAlias = tuple[tuple[Mode, ...], str, Servers]
"""The modes of a way; with tolls also which step it is, and who serves it."""

BLOCK = 16  # dates that are packed together


@dataclass
class Packed:
    """A way as it is packed: its ticks, those of them that are waiting, the ticks since what comes before it, what it
    asks for, and its price at each tick of each date, made once somebody asks."""

    length: int
    waiting: int
    gap: tuple[int, int] | None
    bit: int
    later: int
    asked: Asked
    priced: Callable[[Asked], Layers]

    @cached_property
    def layers(self) -> Layers:
        """By what is paid the price at each tick: dates by ticks."""
        return self.priced(self.asked)


class Packing:
    """What it costs to do some steps one after another on each date."""

    def __init__(
        self, site: Site, order: Order, ways: Ways, kind: npt.DTypeLike, tolls: Tolls = FREE
    ) -> None:
        self.site, self.order, self.kind, self.tolls = site, order, kind, tolls
        self.ways: list[Way] = []
        self._all_ways = ways
        self._ways_of: dict[str, tuple[int, ...]] = {}
        self.packed: list[Packed] = []
        self._lasts_of: dict[int, list[tuple[Packed, int, int]]] = {}
        self._alike: dict[Asked, Layers] = {}
        self._busy: dict[tuple[int, int], Layers] = {}
        self._idle: dict[tuple[int, int], Layers] = {}
        self.limited = site.plan.max_day_minutes is not None
        self.each = 1 if self.limited else site.problem.weights.wait_minute * site.grid
        """What a tick of waiting counts in the arrays."""
        self._grid, self._nothing = hours.of(site), np.zeros((1, 1), kind)

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
        asked = (way.modes, way.step, way.servers) if self.tolls else (way.modes, "", ())
        return Packed(length, waiting, gap, bit, later, asked, self._layers_of)

    def _layers_of(self, asked: Asked) -> Layers:
        """The price at each tick of each date; made once for all ways that ask for the same."""
        if asked not in self._alike:
            by_paid: dict[int, list[Mode]] = {}
            for mode in asked[0]:
                paid = mode.price if self.limited else 0
                by_paid.setdefault(paid, []).append(mode._replace(price=mode.price - paid))
            self._alike[asked] = {paid: self._priced(modes, asked) for paid, modes in by_paid.items()}
        return self._alike[asked]

    def _priced(self, modes: Sequence[Mode], asked: Asked) -> Prices:
        """What it costs at each tick, in the cheapest of some modes."""
        made = np.full(self._grid.shape[0] * self._grid.shape[1], INFINITE, self.kind)
        for mode in modes:
            able, toll = self._grid.places(mode.ticks), self._toll(mode, asked)
            price = mode.price if toll is None else mode.price + toll[self._grid.ticks_at(able)]
            made[able] = np.minimum(made[able], price)
        return made.reshape(self._grid.shape)

    def _toll(self, mode: Mode, asked: Asked) -> Prices | None:
        """What is paid beside the price of a mode, by the tick of the start; None: nothing ever."""
        _, step, servers = asked
        return self.tolls.by_start(self._all_ways, step, servers, mode) if self.tolls else None

    def price(self, way: int, tick: int) -> int:
        """The price of the mode that is the cheapest at a tick, tolls included; the toll itself is left out."""
        asked = self.packed[way].asked
        modes = [mode for mode in asked[0] if mode.ticks >> tick & 1]
        tolls = [self._toll(mode, asked) for mode in modes]
        costs = [(mode.price + (0 if toll is None else float(toll[tick])), mode.price)
                 for mode, toll in zip(modes, tolls, strict=True)]  # fmt: skip
        return min(costs)[1]

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
        packed = self.packed[bits.first(way)]
        if self.longest_wait(way) < 0:
            return found
        if self.tolls:
            least: Prices = packed.layers[0].min(axis=1)
            return least
        for mode in sorted(packed.asked[0], reverse=True):
            found[self.site.dates.flags(mode.ticks)] = mode.price
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

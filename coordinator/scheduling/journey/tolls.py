"""What it costs on top to use one of some things at a time: a price for what many plans ask for at once."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from coordinator.scheduling import bits
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.journey.crews import Prices
from coordinator.scheduling.journey.modes import Duty, Mode, Servers, Use, Ways
from coordinator.scheduling.roles import Thing


class Tolls:
    """For sets of things a price at some ticks, for whoever has one of them then and could have none beside them."""

    def __init__(self, prices: Mapping[frozenset[Thing], Mapping[int, int]], ticks: int) -> None:
        """``ticks``: how many the horizon has."""
        self.ticks = ticks
        self._sums = {things: _sums(of, ticks) for things, of in prices.items() if of}
        self._known: dict[object, tuple[Prices | None, Duty]] = {}
        self._within: dict[tuple[frozenset[Thing], int, int], Prices] = {}

    def __bool__(self) -> bool:
        return bool(self._sums)

    def by_start(self, ways: Ways, key: str, servers: Servers, mode: Mode) -> Prices | None:
        """What a step costs for each tick at which it could start in one mode; None: never anything."""
        made: Prices | None = None
        for each in self._met(ways, key, servers, mode):
            made = each if made is None else made + each
        return made

    def _met(self, ways: Ways, key: str, servers: Servers, mode: Mode) -> Iterator[Prices]:
        for duty in ways.duties(key, servers, mode):
            paid = self._of_duty(ways, duty)
            if paid is not None:
                yield paid
        person = frozenset([ways.site.plan.person])
        if person in self._sums:
            for low, high in ways.presence(key):
                yield self._between(person, low, high)

    def _of_duty(self, ways: Ways, duty: Duty) -> Prices | None:
        """What a duty pays: nothing for things beside which another could do it; found once for alike steps."""
        asked = (id(duty.starts), duty.names, duty.low, duty.high)
        if asked not in self._known:
            made: Prices | None = None
            mine = {ways.site.things[name]: name for name in duty.names}
            for things in self._sums:
                if not things.isdisjoint(mine):
                    others = [name for thing, name in mine.items() if thing not in things]
                    paid = self._left(self._between(things, duty.low, duty.high), duty, others)
                    made = paid if made is None else made + paid
            self._known[asked] = made, duty
        return self._known[asked][0]

    def _left(self, paid: Prices, duty: Duty, others: list[str]) -> Prices:
        """Of what is paid that which is left where none of the others could do it."""
        free = 0
        for name in others:
            free |= duty.starts[name]
        return np.where(bits.flags(free, self.ticks), 0, paid) if free else paid

    def _between(self, things: frozenset[Thing], low: int, high: int) -> Prices:
        """What is paid for some things from one tick to before another, for each start."""
        asked = (things, low, high)
        if asked not in self._within:
            sums, top = self._sums[things], self.ticks
            starts = np.arange(self.ticks)
            self._within[asked] = sums[np.clip(starts + high, 0, top)] - sums[np.clip(starts + low, 0, top)]
        return self._within[asked]

    def of(self, uses: Iterable[Use]) -> int:
        """What the uses of a proposal cost."""
        made = 0.0
        for things, low, high in uses:
            for of, sums in self._sums.items():
                if things <= of:
                    made += sums[min(max(high, 0), self.ticks)] - sums[min(max(low, 0), self.ticks)]
        return int(made)


FREE = Tolls({}, 0)


def _sums(prices: Mapping[int, int], ticks: int) -> Prices:
    made = np.zeros(ticks + 1)
    for tick, price in prices.items():
        made[tick + 1] = price
    summed: Prices = made.cumsum()
    return summed


def of_proposal(ways: Ways, proposal: Proposal) -> Iterator[Use]:
    """What a proposal uses: of each role everything that could fill it then, for the same price."""
    for key, placed in proposal.steps.items():
        start = placed.start // ways.site.grid
        servers, mode = ways.of_placement(key, placed)
        for names, starts, low, high in ways.duties(key, servers, mode):
            able = frozenset(ways.site.things[name] for name in names if starts[name] >> start & 1)
            yield Use(able, start + low, start + high)
        if ways.site.plan.patient is not None:
            person = frozenset([ways.site.plan.person])
            for low, high in ways.presence(key):
                yield Use(person, start + low, start + high)

"""What it costs to do some steps in chosen ways on each date; looked for only as far as somebody asks."""

from collections import defaultdict
from functools import cached_property
from heapq import heapify, heappop, heappush

from coordinator.scheduling import bits
from coordinator.scheduling.journey.packing import Packing

PATIENT = (
    12  # ticks of waiting that are tried before it is asked where the steps can follow each other at all
)


class Fit:
    """Some ways on each date, at the least cost: the price of their modes, and of waiting.

    Dates on which the same prices can be had are one sort; for each sort waiting and prices go up together.
    """

    def __init__(self, packing: Packing, ways: tuple[int, ...]) -> None:
        self.packing, self.done = packing, sum(1 << way for way in ways)
        self._most = packing.longest_wait(ways)
        self._sorts = _sorts(packing, ways) if self._most >= 0 else []
        self._pending = sum(days for days, _ in self._sorts)
        self._heap = [
            (price, 0, price, sort) for sort, (_, prices) in enumerate(self._sorts) for price in prices
        ]
        heapify(self._heap)
        self.found: dict[int, int] = {}
        self._how: dict[int, tuple[int, int]] = {}

    @cached_property
    def dates(self) -> int:
        """The dates on which the ways can follow each other."""
        found = self.packing.site.days_of(self.packing.reach(self.done)) if self._pending else 0
        self._pending &= found
        return found | sum(1 << day for day in self.found)

    def on(self, day: int, most: float) -> int | None:
        """The least cost on a date, if it is at most so much; None where it is more."""
        while self._pending >> day & 1 and self._heap and self._heap[0][0] <= most:
            self._take()
        cost = self.found.get(day)
        return cost if cost is not None and cost <= most else None

    def may(self, day: int, above: float) -> bool:
        """Whether a cost above a level is, or may still be, found for a date."""
        if day in self.found:
            return self.found[day] > above
        return bool(self._heap) and bool(self._pending >> day & 1)

    def all(self) -> dict[int, int]:
        """The least cost on each date on which it is possible."""
        while self._pending and self._heap:
            self._take()
        return self.found

    def _take(self) -> None:
        """Note the dates of one sort that are possible for the next price and waiting."""
        cost, wait, price, sort = heappop(self._heap)
        left = self._sorts[sort][0] & self._pending
        if not left:
            return
        days = self.packing.site.days_of(self.packing.busy(self.done, price, wait)) & left
        self._pending ^= days
        for day in bits.each(days):
            self.found[day], self._how[day] = cost, (price, wait)
        if days != left and wait < self._most:
            site = self.packing.site
            each = site.problem.weights.wait_minute * site.grid
            heappush(self._heap, (cost + each, wait + 1, price, sort))
            if wait == PATIENT:
                self._pending &= self.dates

    def starts(self, day: int) -> dict[str, int]:
        """The starts (ticks) of the steps on a date, for the cost that was found; of equals those that end first."""
        price, wait = self._how[day]
        ticks = self.packing.busy(self.done, price, wait) & bits.span(*self.packing.site.day_ticks[day])
        return self.packing.trace(self.done, price, wait, bits.first(ticks))


def _sorts(packing: Packing, ways: tuple[int, ...]) -> list[tuple[int, list[int]]]:
    """The dates on which each way has a start, those with the same prices together, with what can be paid then."""
    common = -1
    for way in ways:
        some = 0
        for _, days in packing.dates(way):
            some |= days
        common &= some
    sorts: dict[tuple[tuple[int, ...], ...], int] = defaultdict(int)
    for day in bits.each(common):
        prices = tuple(tuple(price for price, days in packing.dates(way) if days >> day & 1) for way in ways)
        sorts[prices] |= 1 << day
    made = []
    for each, days in sorts.items():
        paid = {0}
        for prices in each:
            paid = {one + more for one in paid for more in prices}
        made.append((days, sorted(paid)))
    return made

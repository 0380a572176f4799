"""Steps on one date: the least waiting with which they can follow each other, on all dates of the window at once.

What is done is a set of ways (by index). ``busy`` has the last ticks of all that is done, for a price and some ticks
of waiting; ``_idle`` those of the waiting after it. All dates are one big integer, so one pass serves every date.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coordinator.scheduling import bits
from coordinator.scheduling.journey.modes import Way, Ways
from coordinator.scheduling.journey.order import Order
from coordinator.scheduling.site import Site

PATIENT = (
    12  # ticks of waiting that are tried before it is asked where the steps can follow each other at all
)


@dataclass(slots=True)
class Packed:
    """A way as it is packed: its ticks, those of them that are waiting, and the ticks since what comes before it."""

    length: int
    waiting: int
    gap: tuple[int, int] | None
    modes: tuple[tuple[int, int], ...]
    bit: int
    later: int


class Packing:
    """What it costs to do some steps one after another on each date: waiting, and the price of their modes."""

    def __init__(self, site: Site, order: Order, ways: Ways) -> None:
        self.site, self.order = site, order
        self.ways: list[Way] = []
        self._ways_of: dict[str, tuple[int, ...]] = {}
        self._all_ways = ways
        self._packed: list[Packed] = []
        self._lasts_of: dict[int, list[tuple[Packed, int, int]]] = {}
        self._busy_at: dict[tuple[int, int, int], int] = {}
        self._idle_at: dict[tuple[int, int, int], int] = {}
        self._waited_at: dict[tuple[int, int, int, int], int] = {}
        self._dates_of: dict[int, list[tuple[int, int]]] = {}
        self._reach_of: dict[int, int] = {}
        days = [(low, high) for low, high in site.day_ticks[: site.last_day + 1] if low <= high]
        self._not_first = ~sum(1 << low for low, _ in days)
        self.longest = max((high - low + 1 for low, high in days), default=0)
        self._later = list(self._doublings())

    def ways_of(self, key: str) -> tuple[int, ...]:
        """The ways to do a step, by index."""
        if key not in self._ways_of:
            first = len(self.ways)
            self.ways += self._all_ways.of(key)
            self._packed += [self._pack(way) for way in self.ways[first:]]
            self._ways_of[key] = tuple(range(first, len(self.ways)))
        return self._ways_of[key]

    def dates(self, way: int) -> list[tuple[int, int]]:
        """The prices of a way, and the dates on which it has a start for each."""
        if way not in self._dates_of:
            self._dates_of[way] = [(price, self.site.days_of(ticks)) for price, ticks in self.ways[way].modes]
        return self._dates_of[way]

    def longest_wait(self, ways: Iterable[int]) -> int:
        """The most ticks that can be waited on a date; below 0 where the steps by themselves take too long."""
        most, steps = self.site.plan.max_day_minutes, [self.site.steps[self.ways[way].step] for way in ways]
        if most is None:
            return self.longest
        work = sum(
            phase.minutes for step in steps if not step.remote for phase in step.phases if phase.patient
        )
        return min(self.longest, (most - work) // self.site.grid) if work else self.longest

    def _pack(self, way: Way) -> Packed:
        step, order = self.site.steps[way.step], self.order
        length = step.minutes // self.site.grid
        waiting = 0 if any(phase.patient for phase in step.phases) else length
        gap = order.gap.get(way.step)
        return Packed(length, waiting, gap, way.modes, order.bit[way.step], order.later[way.step])

    def _lasts(self, done: int) -> list[tuple[Packed, int, int]]:
        """What can be the last one done, its index, and the rest."""
        if done not in self._lasts_of:
            ways, steps = list(bits.each(done)), 0
            for way in ways:
                steps |= self._packed[way].bit
            self._lasts_of[done] = [
                (self._packed[way], way, done ^ 1 << way)
                for way in ways
                if not self._packed[way].later & steps
            ]
        return self._lasts_of[done]

    def busy(self, done: int, paid: int, wait: int) -> int:
        """The last ticks of all that is done, for a price and with so much waiting."""
        asked = (done, paid, wait)
        if asked in self._busy_at:
            return self._busy_at[asked]
        found = 0
        for last, _, rest in self._lasts(done):
            for price, ticks in last.modes:
                if paid >= price and wait >= last.waiting:
                    ticks &= self._begun(last, rest, paid - price, wait - last.waiting)
                    if ticks:
                        found |= ticks << last.length - 1
        self._busy_at[asked] = found
        return found

    def _begun(self, last: Packed, rest: int, paid: int, wait: int) -> int:
        """The ticks at which a way can begin after the rest."""
        if not rest:
            return -1 if paid == wait == 0 else 0
        if last.gap is None:
            return self._idle(rest, paid, wait) << 1
        found = 0
        for ticks in range(last.gap[0], min(last.gap[1], wait) + 1):
            found |= self._waited(rest, paid, wait - ticks, ticks)
        return found << 1

    def _waited(self, done: int, paid: int, wait: int, ticks: int) -> int:
        """The last ticks of all that is done and of so many more of waiting."""
        if not ticks:
            return self.busy(done, paid, wait)
        asked = (done, paid, wait, ticks)
        if asked not in self._waited_at:
            before = self._waited(done, paid, wait, ticks - 1)
            self._waited_at[asked] = (before << 1) & self._not_first
        return self._waited_at[asked]

    def _idle(self, done: int, paid: int, wait: int) -> int:
        """The last ticks of all that is done and of the waiting after it."""
        asked = (done, paid, wait)
        if asked not in self._idle_at:
            found = self.busy(done, paid, wait)
            if wait:
                found |= (self._idle(done, paid, wait - 1) << 1) & self._not_first
            self._idle_at[asked] = found
        return self._idle_at[asked]

    def _kept(self, busy: int, ticks: int) -> int:
        """So many ticks later, where it is still the same date."""
        for _ in range(ticks if busy else 0):
            busy = (busy << 1) & self._not_first
        return busy

    def reach(self, done: int) -> int:
        """The last ticks of all that is done, however much is waited or paid."""
        if done not in self._reach_of:
            found = 0
            for last, _, rest in self._lasts(done):
                begun = self._reached(last, rest)
                for _, ticks in last.modes:
                    found |= (begun & ticks) << last.length - 1
            self._reach_of[done] = found
        return self._reach_of[done]

    def _reached(self, last: Packed, rest: int) -> int:
        """The ticks at which a way can begin after the rest, however long after it."""
        if not rest:
            return -1
        found = self.reach(rest)
        if last.gap is None:
            for ticks, allowed in self._later:
                found |= (found << ticks) & allowed
            return found << 1
        kept = 0
        for ticks in range(last.gap[0], min(last.gap[1], self.longest) + 1):
            kept |= self._kept(found, ticks)
        return kept << 1

    def _doublings(self) -> Iterator[tuple[int, int]]:
        """Steps of 1, 2, 4 … ticks, and the ticks that are so many after the first of their date."""
        ticks, near = 1, ~self._not_first
        while ticks < self.longest:
            yield ticks, ~near
            near |= near << ticks
            ticks *= 2

    def trace(self, done: int, paid: int, wait: int, tick: int) -> dict[str, int]:
        """How it came to that last tick: the start of each step."""
        for last, way, rest in self._lasts(done):
            start, waited = tick - last.length + 1, wait - last.waiting
            for price, ticks in last.modes:
                if start >= 0 and ticks >> start & 1 and paid >= price and waited >= 0:  # noqa: SIM102
                    if self._begun(last, rest, paid - price, waited) >> start & 1:
                        before = self._before(last, rest, paid - price, waited, start)
                        return before | {self.ways[way].step: start}
        raise AssertionError("every last tick has a first")

    def _before(self, last: Packed, rest: int, paid: int, wait: int, start: int) -> dict[str, int]:
        """The starts of the rest, whose waiting ends where the last one begins."""
        if not rest:
            return {}
        least, most = last.gap or (0, wait)
        for ticks in range(least, min(most, wait) + 1):
            if start - 1 - ticks >= 0 and self.busy(rest, paid, wait - ticks) >> start - 1 - ticks & 1:
                return self.trace(rest, paid, wait - ticks, start - 1 - ticks)
        raise AssertionError("every way follows the rest")

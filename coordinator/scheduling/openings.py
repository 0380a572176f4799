"""When each resource is free, as sets of ticks over the first part of the horizon; made once, used by every search."""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from coordinator.scheduling import bits

Interval: TypeAlias = tuple[int, int]  # half open, in minutes since the problem's start

BEYOND = 1440  # minutes after the last start that are known too, so that most steps can be seen to their end


class Known(NamedTuple):
    """Ticks up to one of them, and how many of the stretches that were taken they leave out."""

    until: int
    ticks: int
    seen: int


class Openings:
    """Free time as ``bits``, up to a tick of the horizon; what reaches beyond ``minutes`` is cut off.

    What is asked up to one tick is known up to it, so ``far`` (a tick) saves work where later ones will be asked for.
    """

    def __init__(self, grid: int, minutes: int, far: int = 0) -> None:
        self.grid, self.minutes, self.far, self.beyond = grid, minutes, far, BEYOND // grid
        self._runs: dict[tuple[str, int], Known] = {}
        self._starts: dict[tuple[str, int, int], Known] = {}
        self._taken: dict[str, tuple[Interval, ...]] = {}

    def without(self, keys: Collection[str]) -> "Openings":
        """The same for a clinic in which some resources are free at other times."""
        made = Openings(self.grid, self.minutes, self.far)
        made._runs = {asked: known for asked, known in self._runs.items() if asked[0] not in keys}
        made._starts = {asked: known for asked, known in self._starts.items() if asked[0] not in keys}
        made._taken = {key: taken for key, taken in self._taken.items() if key not in keys}
        return made

    def less(self, taken: Mapping[str, Sequence[Interval]]) -> "Openings":
        """The same for a clinic in which some stretches of the time of some resources are taken."""
        made = Openings(self.grid, self.minutes, self.far)
        made._runs, made._starts, made._taken = dict(self._runs), dict(self._starts), dict(self._taken)
        for key, spans in taken.items():
            made._taken[key] = (*self._taken.get(key, ()), *spans)
        return made

    def starts(self, key: str, free: Sequence[Interval], offset: int, minutes: int, most: int) -> int:
        """The ticks up to ``most`` whose stretch of ``minutes``, ``offset`` minutes later, is free in one piece."""
        asked = (key, offset, minutes)
        known, taken = self._starts.get(asked), self._taken.get(key, ())
        if known is None or known.until < most:
            until = max(most, self.far)
            known = Known(until, self._find(key, free, offset, minutes, until), len(taken))
            self._starts[asked] = known
        elif known.seen < len(taken):
            known = self._starts[asked] = self._without(known, taken, offset, minutes)
        return known.ticks if known.until == most else known.ticks & bits.span(0, most)

    def _without(self, known: Known, taken: Sequence[Interval], offset: int, minutes: int) -> Known:
        """The same without the ticks whose stretch touches what was taken since."""
        ticks = known.ticks
        for begin, end in taken[known.seen :]:
            low, high = max((begin - offset - minutes) // self.grid + 1, 0), -((offset - end) // self.grid)
            touched = ticks >> low & (1 << high - low) - 1 if high > low else 0
            ticks ^= touched << low
        return Known(known.until, ticks, len(taken))

    def _find(self, key: str, free: Sequence[Interval], offset: int, minutes: int, most: int) -> int:
        shift, odd = divmod(offset, self.grid)
        length, odd_length = divmod(minutes, self.grid)
        if odd or odd_length or shift + length > self.beyond:
            reach = offset + minutes
            spans = _until(free, self.minutes, reach + self.grid * most)
            return bits.union(
                ((-((offset - a) // self.grid), (b - reach) // self.grid) for a, b in spans), most
            )
        runs = self._runs_of(key, free, length, most)
        return (runs >> shift if shift >= 0 else runs << -shift) & bits.span(0, most)

    def _runs_of(self, key: str, free: Sequence[Interval], length: int, most: int) -> int:
        """The ticks that begin ``length`` free ones."""
        asked = (key, length)
        known, taken = self._runs.get(asked), self._taken.get(key, ())
        if known is None or known.until < most:
            if length == 1:
                ticks = _as_ticks(free, self.grid, self.minutes, most + self.beyond)
            else:
                ticks = bits.erode(self._runs_of(key, free, 1, most), length)
            known = self._runs[asked] = Known(most, ticks, len(taken))
        elif known.seen < len(taken):
            known = self._runs[asked] = self._without(known, taken, 0, length * self.grid)
        return known.ticks


def _until(free: Sequence[Interval], minutes: int, until: int) -> list[Interval]:
    """The free intervals that begin before ``until``, cut to the horizon."""
    return [(max(a, 0), min(b, minutes)) for a, b in free if a < min(until, minutes) and b > 0]


def _as_ticks(free: Sequence[Interval], grid: int, minutes: int, until: int) -> int:
    """Sorted intervals as the ticks that lie in one of them, up to ``until``."""
    end = min(until * grid, minutes)
    free = free[: bisect_left(free, (end,))]
    edges = np.fromiter(chain.from_iterable(free), np.int64, 2 * len(free)).reshape(-1, 2).clip(0, end)
    low, high = -(-edges[:, 0] // grid), edges[:, 1] // grid
    whole = high > low
    return _edges(high[whole], until) - _edges(low[whole], until)


def _edges(ticks: npt.NDArray[np.int64], until: int) -> int:
    """The ticks as a set."""
    marks = np.zeros(until + 1, np.uint8)
    marks[ticks] = 1
    return int.from_bytes(np.packbits(marks, bitorder="little").tobytes(), "little")

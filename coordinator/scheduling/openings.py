"""When each resource is free, as sets of ticks over the first part of the horizon; made once, used by every search."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from itertools import chain
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from coordinator.scheduling import bits

Interval: TypeAlias = tuple[int, int]  # half open, in minutes since the problem's start

BEYOND = 1440  # minutes after the last start that are known too, so that most steps can be seen to their end


class Openings:
    """Free time as ``bits``, up to a tick of the horizon; what reaches beyond ``minutes`` is cut off.

    What is asked up to one tick is known up to it, so ``far`` (a tick) saves work where later ones will be asked for.
    """

    def __init__(self, grid: int, minutes: int, far: int = 0) -> None:
        self.grid, self.minutes, self.far, self.beyond = grid, minutes, far, BEYOND // grid
        self._runs: dict[tuple[str, int], tuple[int, int]] = {}
        self._starts: dict[tuple[str, int, int], tuple[int, int]] = {}

    def without(self, keys: Collection[str]) -> "Openings":
        """The same for a clinic in which some resources are free at other times."""
        made = Openings(self.grid, self.minutes, self.far)
        made._runs = {asked: known for asked, known in self._runs.items() if asked[0] not in keys}
        made._starts = {asked: known for asked, known in self._starts.items() if asked[0] not in keys}
        return made

    def starts(self, key: str, free: Sequence[Interval], offset: int, minutes: int, most: int) -> int:
        """The ticks up to ``most`` whose stretch of ``minutes``, ``offset`` minutes later, is free in one piece."""
        asked = (key, offset, minutes)
        until, ticks = self._starts.get(asked, (-1, 0))
        if until < most:
            until = max(most, self.far)
            ticks = self._find(key, free, offset, minutes, until)
            self._starts[asked] = (until, ticks)
        return ticks if until == most else ticks & bits.span(0, most)

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
        if self._runs.get(asked, (-1, 0))[0] < most:
            if length == 1:
                ticks = _as_ticks(free, self.grid, self.minutes, most + self.beyond)
            else:
                ticks = bits.erode(self._runs_of(key, free, 1, most), length)
            self._runs[asked] = (most, ticks)
        return self._runs[asked][1]


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

"""When each resource is free, as sets of ticks over the first part of the horizon; made once, used by every search."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import chain
from typing import TypeAlias

import numpy as np

from coordinator.scheduling import bits

Interval: TypeAlias = tuple[int, int]  # half open, in minutes since the problem's start

BEYOND = 1440  # minutes after the last start that are known too, so that most steps can be seen to their end


class Openings:
    """Free time as ``bits``, up to a tick of the horizon; what reaches beyond ``minutes`` is cut off."""

    def __init__(self, grid: int, minutes: int) -> None:
        self.grid, self.minutes, self.beyond = grid, minutes, BEYOND // grid
        self._runs: dict[tuple[str, int, int], int] = {}
        self._starts: dict[tuple[str, int, int, int], int] = {}

    def starts(self, key: str, free: Sequence[Interval], offset: int, minutes: int, most: int) -> int:
        """The ticks up to ``most`` whose stretch of ``minutes``, ``offset`` minutes later, is free in one piece."""
        asked = (key, offset, minutes, most)
        if asked not in self._starts:
            self._starts[asked] = self._find(key, free, offset, minutes, most)
        return self._starts[asked]

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
        asked = (key, length, most)
        if asked not in self._runs:
            if length == 1:
                self._runs[asked] = _as_ticks(free, self.grid, self.minutes, most + self.beyond)
            else:
                self._runs[asked] = bits.erode(self._runs_of(key, free, 1, most), length)
        return self._runs[asked]


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
    marks = np.zeros(until + 1, np.int8)
    marks[low[whole]] = 1
    marks[high[whole]] = -1
    ticks = np.packbits(np.cumsum(marks, dtype=np.int8).view(np.uint8), bitorder="little")
    return int.from_bytes(ticks.tobytes(), "little")

"""The dates of a location as ticks: which ticks each date has, and which dates a set of ticks touches."""

import itertools
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from coordinator.scheduling import bits
from coordinator.scheduling.days import Days

FEW = 12  # dates that are found faster one by one


class Dates:
    """The dates up to one of them; ``most`` is the last tick."""

    def __init__(self, days: Days, grid: int, most: int, last_day: int) -> None:
        begins = [-(-minute // grid) for minute in days.begins]
        self.ticks = [(max(low, 0), high - 1) for low, high in itertools.pairwise(begins)]
        """First and last tick of each date of the horizon; the last is less than the first where a date has none."""
        self.count = last_day + 1
        self.most = max(0, min(most, self.ticks[last_day][1]))
        spans = enumerate(self.ticks[: self.count])
        self._open = [(low, high, day) for day, (low, high) in spans if low <= high]
        self._late: dict[int, int] = {}

    def touched(self, ticks: int) -> int:
        """The dates (as a set of indexes) that a set of ticks touches."""
        touched = self._last_ticks(ticks)
        if not touched:
            return 0
        if touched.bit_count() < FEW:
            return sum(1 << self._day_of_top[top] for top in bits.each(touched))
        return bits.of_flags(self._flags(touched))

    def flags(self, ticks: int) -> npt.NDArray[np.bool_]:
        """Whether a set of ticks touches each date."""
        return self._flags(self._last_ticks(ticks))

    def _last_ticks(self, ticks: int) -> int:
        """The last tick of each date that a set of ticks touches."""
        below, tops = self._tops
        # within each date, adding all lower ticks to them carries into the last one if there is any
        return (((ticks & below) + below) | ticks) & tops

    def _flags(self, touched: int) -> npt.NDArray[np.bool_]:
        text = np.frombuffer(touched.to_bytes(self._tops[1].bit_length() // 8 + 1, "little"), np.uint8)
        days, bytes_of, masks = self._top_bytes
        found = np.zeros(self.count, np.bool_)
        found[days] = text[bytes_of] & masks
        return found

    @cached_property
    def _day_of_top(self) -> dict[int, int]:
        return {high: day for _, high, day in self._open}

    @cached_property
    def _tops(self) -> tuple[int, int]:
        """All ticks but the last one of each date, and those."""
        tops = sum(1 << high for _, high, _ in self._open)
        return bits.span(0, self._open[-1][1]) & ~tops, tops

    @cached_property
    def _top_bytes(self) -> tuple[npt.NDArray[np.int_], npt.NDArray[np.int_], npt.NDArray[np.uint8]]:
        highs = np.array([high for _, high, _ in self._open])
        days = np.array([day for _, _, day in self._open])
        return days, highs >> 3, (1 << (highs & 7)).astype(np.uint8)

    def late(self, length: int) -> int:
        """The ticks from which so many ticks last until the next date begins."""
        if length not in self._late:
            spans = ((max(low, high - length + 1), high) for low, high, _ in self._open)
            self._late[length] = bits.union(spans, self.most)
        return self._late[length]


@lru_cache(maxsize=64)
def of(days: Days, grid: int, most: int, last_day: int) -> Dates:
    """The dates of a calendar up to one of them, and up to a tick."""
    return Dates(days, grid, most, last_day)

"""Sets of ticks (multiples of the grid) as big integers: bit t is tick t."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

ONES = re.compile("1+")


def span(low: int, high: int) -> int:
    """The ticks from ``low`` to ``high``, both included; none where ``high`` is less."""
    return (1 << high + 1) - (1 << low) if high >= low else 0


def union(spans: Iterable[tuple[int, int]], most: int) -> int:
    """The ticks in sorted spans (ends included) that do not overlap, clipped to 0 … ``most``."""
    begins, ends = bytearray(most // 8 + 2), bytearray(most // 8 + 2)
    for low, high in spans:
        low, high = max(low, 0), min(high, most) + 1
        if low < high:
            begins[low >> 3] |= 1 << (low & 7)
            ends[high >> 3] |= 1 << (high & 7)
    return int.from_bytes(ends, "little") - int.from_bytes(begins, "little")


@lru_cache(maxsize=20_000)
def starts(free: tuple[tuple[int, int], ...], offset: int, minutes: int, grid: int, most: int) -> int:
    """The ticks whose stretch of ``minutes``, beginning ``offset`` minutes later, lies in one free interval."""
    reach = offset + minutes
    return union(((-((offset - low) // grid), (high - reach) // grid) for low, high in free), most)


def erode(ticks: int, length: int) -> int:
    """The ticks that begin a run of at least ``length``."""
    done = 1
    while done < length:
        step = min(done, length - done)
        ticks &= ticks >> step
        done += step
    return ticks


def first(ticks: int) -> int:
    """The least tick of a set that is not empty."""
    return (ticks & -ticks).bit_length() - 1


def last(ticks: int) -> int:
    """The greatest tick of a set that is not empty."""
    return ticks.bit_length() - 1


def runs(ticks: int) -> list[tuple[int, int]]:
    """The stretches of a set, ends included, in order."""
    if not ticks:
        return []
    low = first(ticks)
    text = bin(ticks >> low)[:1:-1]
    return [(low + found.start(), low + found.end() - 1) for found in ONES.finditer(text)]


def each(ticks: int) -> Iterator[int]:
    """The members of a small set, in order."""
    while ticks:
        yield first(ticks)
        ticks &= ticks - 1


def flags(members: int, count: int) -> npt.NDArray[np.bool_]:
    """Whether each number below ``count`` is a member."""
    text = np.frombuffer(members.to_bytes(count // 8 + 1, "little"), np.uint8)
    return np.unpackbits(text, count=count, bitorder="little").view(np.bool_)


def of_flags(found: npt.NDArray[Any]) -> int:
    """The numbers whose flag is set."""
    return int.from_bytes(np.packbits(found, bitorder="little").tobytes(), "little")


def widen(members: int, least: int, most: int) -> int:
    """Every number that is ``least`` to ``most`` (both at least 0) above a member."""
    made, width = members, 1
    while width <= most - least:
        step = min(width, most - least + 1 - width)
        made |= made << step
        width += step
    return made << least


def lower(members: int, least: int, most: int) -> int:
    """Every number from 0 that is ``least`` to ``most`` below a member."""
    made, width = members >> least, 1
    while width <= most - least:
        step = min(width, most - least + 1 - width)
        made |= made >> step
        width += step
    return made

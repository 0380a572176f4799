"""Free time as sets of bits, one for each quarter of an hour of one day: quick to cut and to compare."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

UNIT_MINUTES = 15
DAY_UNITS = 24 * 60 // UNIT_MINUTES

Days = Mapping[int, int]
"""Day since the start -> its free units as bits."""


def by_day(free: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Stretches of minutes as the whole units that lie in them."""
    days: defaultdict[int, int] = defaultdict(int)
    for begin, end in free:
        unit, last = -(-begin // UNIT_MINUTES), end // UNIT_MINUTES
        while unit < last:
            day, first = divmod(unit, DAY_UNITS)
            count = min(last - unit, DAY_UNITS - first)
            days[day] |= ((1 << count) - 1) << first
            unit += count
    return dict(days)


def starts(free: int, count: int) -> int:
    """The units from which ``count`` units in a row are free."""
    for _ in range(count - 1):
        free &= free >> 1
    return free


def taken(start: int, count: int) -> int:
    """The bits of ``count`` units from ``start`` on."""
    return ((1 << count) - 1) << start


def members(bits: int) -> list[int]:
    """The units in a set."""
    found = []
    while bits:
        lowest = bits & -bits
        found.append(lowest.bit_length() - 1)
        bits ^= lowest
    return found

"""How many dates are needed at least so that every group has one of them."""

from collections.abc import Sequence

from coordinator.scheduling import bits

TRIED = 3  # dates up to which every choice is tried


def dates_at_least(open_to: Sequence[tuple[int, int, int]]) -> int:
    """A number of dates that groups cannot do with less of.

    ``open_to`` says for each group its number, the dates open to it, and the groups that never share its date (sets).
    """
    order = sorted(open_to, key=_dates)
    least, taken, barred = 0, 0, -1
    for number, dates, apart in order:
        # it differs from all that were counted: none of them has a date of it, or none may share one with it
        if not dates & taken or barred >> number & 1:
            least += 1
            taken |= dates
            barred &= apart
    while least < TRIED and not _served(order, least):
        least += 1
    return least


def _dates(group: tuple[int, int, int]) -> int:
    return group[1].bit_count()


def _served(groups: Sequence[tuple[int, int, int]], dates: int) -> bool:
    """Whether so many dates could serve all groups, as far as each by itself is asked."""
    if not groups:
        return True
    if not dates:
        return False
    if dates == 1:
        common = -1
        for _, days, _ in groups:
            common &= days
        return bool(common)
    return any(
        _served([each for each in groups if not each[1] >> day & 1], dates - 1)
        for day in bits.each(groups[0][1])
    )

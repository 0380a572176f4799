"""Which groups share a date, decided one by one: those that could are asked in turn whether they do."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from coordinator.scheduling import bits
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.offers import Journey

Windows: TypeAlias = tuple[tuple[int, int], ...]
"""For each group the first and last date that is still open to it; -1 where it is done."""


class Part(NamedTuple):
    """A date that is half decided: the groups that could be done on it (``able``), how many of them were asked, those
    that said yes (a set of numbers), those that cannot any more, and those that cannot wait longer (``must``)."""

    day: int
    done: int
    able: tuple[int, ...]
    must: int
    asked: int = 0
    chosen: int = 0
    barred: int = 0

    @property
    def decided(self) -> bool:
        """Whether all were asked."""
        return self.asked == len(self.able)

    @property
    def open(self) -> int:
        """How many have a choice at all."""
        return sum(not self.must >> number & 1 for number in self.able[self.asked :])


class Sharing:
    """The ways to share the dates of a journey."""

    def __init__(self, journey: Journey, dates: list[int]) -> None:
        self.journey, self.groups, self.dates = journey, journey.groups, dates

    def begin(self, done: int, windows: Windows, day: int) -> Part:
        """A date about which nothing is decided."""
        able, must = [], 0
        for number, (low, high) in enumerate(windows):
            if 0 <= low <= day and self.dates[number] >> day & 1:
                able.append(number)
            if 0 <= low and high <= day:
                must |= 1 << number
        return Part(day, done, tuple(able), must)

    def sets(self, part: Part) -> Iterator[int]:
        """Every set of groups that could share the date; the larger ones first."""
        if part.decided:
            if part.chosen and not part.must & ~part.chosen:
                yield part.chosen
            return
        for further in self.further(part):
            yield from self.sets(further)

    def further(self, part: Part) -> Iterator[Part]:
        """Ask the next group: with it, and without it."""
        day, done, able, must, asked, chosen, barred = part
        number = able[asked]
        group, more = self.groups[number], chosen | 1 << number
        if self._may(part, group) and (not chosen or self.journey.fits(more, day)):
            yield Part(day, done, able, must, asked + 1, more, barred | group.apart)
        if not must >> number & 1:
            yield Part(day, done, able, must, asked + 1, chosen, barred)

    @staticmethod
    def _may(part: Part, group: Group) -> bool:
        """Whether nothing that was decided keeps a group from the date."""
        if part.barred >> group.number & 1:
            return False
        for other, (least, _) in group.before.items():
            if not part.done >> other & 1 and not (part.chosen >> other & 1 and least == 0):
                return False
        return True

    def left(self, part: Part, windows: Windows) -> Windows | None:
        """The dates that are open to each group by what is decided; None where one has none any more."""
        made = list(windows)
        said_no = 0
        for number in part.able[: part.asked]:
            said_no |= 0 if part.chosen >> number & 1 else 1 << number
        for number, (low, high) in enumerate(made):
            if part.chosen >> number & 1:
                made[number] = (part.day, part.day)
            elif 0 <= low <= part.day:
                low = part.day + (said_no >> number & 1)
                ahead = self.dates[number] >> low << low & (1 << high + 1) - 1 if low <= high else 0
                if not ahead:
                    return None
                made[number] = (bits.first(ahead), high)
        return tuple(made)

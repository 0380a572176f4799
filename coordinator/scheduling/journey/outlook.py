"""What the dates of a plan still cost at least, before they are searched: a floor for every group, date and crew.

Each group hangs on one of those before it, so that the floors add up from the last groups back to the first. A group
pays for the visit on a date only where no group before it in a fixed order could share that date: so no visit is paid
twice. Other links, waiting, and steps that cannot follow each other are left out, which only makes it cheaper.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from coordinator.scheduling import bits
from coordinator.scheduling.journey.crews import INFINITE, Prices
from coordinator.scheduling.journey.groups import EVER, Group
from coordinator.scheduling.journey.outline import many_apart
from coordinator.scheduling.problem import Weights


def narrowed(groups: Sequence[Group], dates: Sequence[int], last: int) -> list[int] | None:
    """The dates (as sets) that links leave to each group, none of them after ``last``; None: nothing fits."""
    allowed = bits.span(0, last)
    left = [each & allowed if group.timed else each for group, each in zip(groups, dates, strict=True)]
    if not all(left):
        return None
    longest = max(map(bits.last, left))
    links = [(group.number, other, least, min(most, longest)) for group in groups
             for other, (least, most) in group.after.items()]  # fmt: skip
    news = (1 << len(groups)) - 1
    while news:
        old, news = news, 0
        for one, other, least, most in links:
            if not (old | news) >> one & 1 and not (old | news) >> other & 1:
                continue
            then = left[other] & bits.widen(left[one], least, most) if most >= least else 0
            first = left[one] & bits.lower(then, least, most) if then else 0
            if not first:
                return None
            news |= (then != left[other]) << other | (first != left[one]) << one
            left[other], left[one] = then, first
    return left


class Floors:
    """What one group costs at least on each date from ``first`` on, with all that hangs on it: dates by crews."""

    def __init__(self, first: int, prices: Prices) -> None:
        self.first, self.prices = first, prices
        self._least: dict[tuple[int, int], Prices] = {}

    def least(self, low: int, high: int) -> Prices | float:
        """The least of some dates, both included."""
        low, high = max(low - self.first, 0), min(high - self.first, len(self.prices) - 1)
        if low > high:
            return INFINITE
        if (low, high) not in self._least:
            self._least[low, high] = self.prices[low : high + 1].min(axis=0)
        return self._least[low, high]

    def ahead(self, least: int, most: int, first: int, count: int) -> Prices:
        """For each of ``count`` dates from ``first`` on the least of the dates ``least`` to ``most`` after it."""
        most = min(most, self.first + len(self.prices) - first)
        width = most - least + 1
        begin = first + least - self.first
        made = np.full((count + max(width, 1) - 1, *self.prices.shape[1:]), INFINITE, self.prices.dtype)
        low, high = max(begin, 0), min(begin + len(made), len(self.prices))
        if low >= high or width < 1:
            return made[:count]
        made[low - begin : high - begin] = self.prices[low:high]
        done = 1
        while done < width:
            step = min(done, width - done)
            made = np.minimum(made[:-step], made[step:])
            done += step
        return made


class Outlook:
    """Floors for what is still to be done; ``own`` says for each group what it costs by itself, by date and crew."""

    def __init__(
        self,
        groups: Sequence[Group],
        dates: list[int],
        own: Sequence[Prices],
        weights: Weights,
        first: int,
        *,
        visits: bool = True,
        finish: bool = True,
        toll: tuple[int, int] = (0, 0),
    ) -> None:
        """With ``visits`` False the dates themselves are free, with ``finish`` False it is how late the last one is.

        ``toll`` is a price that a visit has on top, and the dates (a set) on which it has it.
        """
        self.toll = toll
        self.groups, self.dates = groups, dates
        self.first, self.finish_day = first, weights.finish_day if finish else 0
        self.visit_day = weights.visit_day if visits else 0
        self.differ = self._differing()
        self.order = self._payers_first()
        self.pays = self._payers()
        ends = [bits.first(each) if group.timed else -1 for group, each in zip(groups, dates, strict=True)]
        self.final = max(range(len(groups)), key=lambda number: (ends[number], number))
        self.parent = [self._hangs_on(group) for group in groups]
        self.floors: dict[int, Floors] = {}
        for group in reversed(groups):
            if group.timed:
                self.floors[group.number] = self._floors(group, own[group.number])

    def least(self, number: int, low: int, high: int) -> Prices | float:
        """What a group and all that hangs on it cost at least, if its date is ``low`` to ``high``."""
        return self.floors[number].least(low, high)

    def _floors(self, group: Group, own: Prices) -> Floors:
        """What a group and all that hangs on it cost at least: on the dates that are left to it."""
        dates = self.dates[group.number]
        first, last = bits.first(dates), bits.last(dates)
        prices = own[first : last + 1] + self._by_itself(group, first, last, own.dtype).reshape(
            [-1] + [1] * (own.ndim - 1)
        )
        for other, (least, most) in group.after.items():
            if self.parent[other] == group.number and self.groups[other].timed:
                prices = prices + self.floors[other].ahead(least, most, first, last - first + 1)
        return Floors(first, prices)

    def _by_itself(self, group: Group, first: int, last: int, kind: npt.DTypeLike) -> Prices:
        """What a date costs by being one: infinite where it is not left, a visit where it is paid, the last one."""
        open_to = bits.flags(self.dates[group.number] >> first, last - first + 1)
        made = np.where(open_to, 0, INFINITE).astype(kind)
        made += self.visit_day * bits.flags(self.pays[group.number] >> first, last - first + 1)
        if self.toll[0]:
            paid = self.pays[group.number] & self.toll[1]
            made += self.toll[0] * bits.flags(paid >> first, last - first + 1)
        if group.number == self.final:
            made += self.finish_day * np.maximum(np.arange(first, last + 1) - self.first, 0)
        return made

    def _hangs_on(self, group: Group) -> int | None:
        """The group before it that leaves the fewest dates to it."""
        before = [other for other in group.before if self.groups[other].timed]
        if not before:
            return None
        return min(
            before, key=lambda other: (min(group.before[other][1], EVER) - group.before[other][0], -other)
        )

    def _payers_first(self) -> list[int]:
        """The groups with a visit: first as many as never share a date, then those with the fewest dates."""
        self.apart = many_apart(self.differ)
        rest = [group.number for group in self.groups if group.visit and group.number not in self.apart]
        return self.apart + sorted(rest, key=lambda number: (self.dates[number].bit_count(), number))

    def _payers(self) -> list[int]:
        """For each group the dates on which it pays for the visit."""
        pays = [0] * len(self.groups)
        for place, number in enumerate(self.order):
            shared = 0
            for other in self.order[:place]:
                if not self.groups[number].apart >> other & 1:
                    shared |= self.dates[other]
            pays[number] = self.dates[number] & ~shared
        return pays

    def _differing(self) -> dict[int, int]:
        """For each group with a visit those (a set of numbers) that never share a date with it."""
        visits = [group for group in self.groups if group.visit]
        return {
            one.number: sum(
                1 << other.number
                for other in visits
                if one.apart >> other.number & 1 or not self.dates[one.number] & self.dates[other.number]
            )
            for one in visits
        }

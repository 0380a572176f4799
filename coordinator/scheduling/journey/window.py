"""A plan in a location up to a date: everything that is known before it is searched from date to date."""

from functools import cached_property
from math import inf

from coordinator.scheduling import bits
from coordinator.scheduling.journey.crews import Choice, Choices, Crews
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.modes import Ways
from coordinator.scheduling.journey.order import is_plain
from coordinator.scheduling.journey.outline import Outline
from coordinator.scheduling.journey.outlook import narrowed
from coordinator.scheduling.site import Site


class Window:
    """A site with its groups, and the dates that links leave to each of them."""

    def __init__(self, site: Site, outline: Outline) -> None:
        self.site, self.outline = site, outline
        self._crews: dict[tuple[tuple[int, Choice], ...], Crews] = {}
        self.order, self.groups = outline.order, outline.groups
        self.plain = outline.plain and is_plain(site, self.groups, self.order)
        self.dates = [self._dates(group) for group in self.groups]

    @cached_property
    def ways(self) -> Ways:
        """Every way to do each step."""
        return Ways(self.site)

    def crews(self, choices: Choices) -> Crews:
        """The crews of some choices of who serves."""
        asked = tuple(choices.items())
        if asked not in self._crews:
            self._crews[asked] = Crews(self.ways, choices)
        return self._crews[asked]

    def _dates(self, group: Group) -> int:
        """The dates on which each step of a group by itself could be done."""
        if not group.timed:
            return bits.span(self.site.first_day, self.site.days.count - 1)
        found = -1
        for key in group.steps:
            if self.site.steps[key].phases:
                found &= self.site.days_of(self.site.domains[key])
        return found

    @property
    def is_whole(self) -> bool:
        """Whether it reaches to the end of the horizon."""
        return self.site.last_day >= self.site.days.count - 1

    def narrowed(self, last: int, dates: list[int] | None = None) -> list[int] | None:
        """The dates left to each group, if nothing with phases may be later; None: nothing fits."""
        return narrowed(self.groups, self.dates if dates is None else dates, last)

    def finish(self, dates: list[int]) -> int:
        """The date on which everything can be over at the earliest."""
        return max(bits.first(each) for group, each in zip(self.groups, dates, strict=True) if group.timed)

    def bound_at(self, finish: int) -> int:
        """No proposal that ends on that date of the horizon, or later, costs less; by dates and visits alone."""
        return self.outline.bound(self.site.rank, finish - self.site.first_day)

    def last_below(self, cost: float) -> int:
        """The last date of the horizon on which a proposal below that cost can end."""
        weight, end = self.site.problem.weights.finish_day, self.site.days.count - 1
        if not weight or cost == inf:
            return end
        spare = cost - 1 - self.outline.bound(self.site.rank, 0)
        return min(end, self.site.first_day + self.outline.days + int(max(0, spare) // weight))

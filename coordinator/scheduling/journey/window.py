"""A plan in a location up to a date: everything that is known before it is searched from date to date."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from coordinator.scheduling import bits
from coordinator.scheduling.journey import groups as grouping
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.modes import Ways
from coordinator.scheduling.journey.order import Order, is_plain
from coordinator.scheduling.journey.outlook import many_apart, narrowed
from coordinator.scheduling.site import Site


class Window:
    """A site with its groups, and the dates that links leave to each of them."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.order = Order(site)
        self.groups: list[Group] = grouping.of(site) or []
        self.plain = bool(self.groups) and is_plain(site, self.groups, self.order) \
            and grouping.without_tasks(self.groups)  # fmt: skip
        self.dates = [self._dates(group) for group in self.groups]

    @cached_property
    def ways(self) -> Ways:
        """Every way to do each step."""
        return Ways(self.site)

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

    @cached_property
    def visits(self) -> int:
        """A number of dates with a visit that no proposal can go below, whatever its dates."""
        return len(
            many_apart({group.number: group.apart & self._visits for group in self.groups if group.visit})
        )

    @cached_property
    def _visits(self) -> int:
        return sum(1 << group.number for group in self.groups if group.visit)

    def bound_at(self, finish: int) -> int:
        """No proposal that ends on that date of the horizon, or later, costs less; by dates and visits alone."""
        weights, site = self.site.problem.weights, self.site
        days, rank = max(0, finish - site.first_day), weights.location_rank * site.rank
        return rank + weights.finish_day * days + weights.visit_day * self.visits

    def last_below(self, cost: float) -> int:
        """The last date of the horizon on which a proposal below that cost can end."""
        weight, end = self.site.problem.weights.finish_day, self.site.days.count - 1
        if not weight or cost == float("inf"):
            return end
        return min(end, self.site.first_day + int(max(0, cost - 1 - self.bound_at(0)) // weight))

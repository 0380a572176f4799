"""What is known of a location before anything is searched there."""

from coordinator.scheduling.limits import Limits
from coordinator.scheduling.site import Domains, Site
from coordinator.scheduling.solver import order
from coordinator.scheduling.solver.narrowing import narrow


class Prospect:
    """A location with what is known of it before the search: its narrowed starts and its bound.

    ``floor`` is what a proposal there is known to cost at least.
    """

    def __init__(self, site: Site, floor: int = 0) -> None:
        self.site, self.floor = site, floor
        domains = narrow(site, site.domains) if all(site.domains.values()) else None
        self.fits = domains is not None
        self.domains: Domains = domains or {}
        if domains is not None:
            self.least_visits = order.Dates(site).visits_at_least(site)
            ends = [site.days_of(ticks) for key, ticks in domains.items() if site.steps[key].phases]
            self.finish = max(((days & -days).bit_length() - 1 for days in ends), default=site.first_day)
            self.last = max((days.bit_length() - 1 for days in ends), default=site.first_day)
            self.bound = max(floor, self.bound_at(self.finish))

    def bound_at(self, finish: int) -> int:
        """No proposal that ends on that date of the horizon, or later, costs less; by dates and visits alone."""
        weights = self.site.problem.weights
        return (
            weights.finish_day * (finish - self.site.first_day)
            + weights.visit_day * self.least_visits
            + weights.location_rank * self.site.rank
        )

    def last_below(self, cost: int) -> int:
        """The last date on which a proposal below that cost can end."""
        weight = self.site.problem.weights.finish_day
        if not weight:
            return self.last
        return min(self.last, self.finish + max(0, cost - 1 - self.bound_at(self.finish)) // weight)

    def end(self, limits: Limits) -> int:
        """The last date on which a proposal within the limits can end; before ``finish`` where there is none."""
        if limits.visits_most is not None and limits.visits_most < self.least_visits:
            return self.finish - 1
        end = self.last
        if limits.finish_most is not None:
            end = min(end, limits.finish_most + self.site.first_day)
        if limits.below is not None:
            end = min(end, self.last_below(limits.below)) if self.bound < limits.below else self.finish - 1
        return end

    def domains_until(self, end: int) -> Domains:
        """The starts of proposals that end by a date."""
        if end >= self.last:
            return self.domains
        return narrow(self.site, self.domains, end) or dict.fromkeys(self.domains, 0)

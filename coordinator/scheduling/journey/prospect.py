"""A location for a plan: a floor that grows with what is known of it, and at last the best proposal there."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, prod

from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.journey import groups as grouping
from coordinator.scheduling.journey import routing
from coordinator.scheduling.journey.crews import Crews
from coordinator.scheduling.journey.packing import Packing
from coordinator.scheduling.journey.search import Journey, Route, Search
from coordinator.scheduling.journey.window import Window
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Plan, Problem
from coordinator.scheduling.run import Run
from coordinator.scheduling.site import Site

MARGIN = 14  # dates of a first window, beyond twice what links ask for at least
SLACK = 3  # dates of a search, beyond those that the floors ask for
FEW = 4  # things that can serve a wished series, of which every set is told apart at once
MANY = 150_000  # crews, from which on the choice is left to the solver


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The best proposal of a location, or none. ``done``: it is proven. ``contested``: the dates of ``bound`` are
    there, but not resources for all of them, so that somebody else has to search."""

    proposal: Proposal | None = None
    cost: int | None = None
    bound: int
    done: bool = True
    contested: bool = False


class Prospect:
    """A plan in a location, seen through a window of dates that is widened as far as it must be."""

    def __init__(self, problem: Problem, plan: Plan, location: str) -> None:
        self.problem, self.plan, self.location = problem, plan, location
        self.bound = problem.weights.location_rank * plan.locations.index(location)
        self.looked = False
        self.fits = True
        self.sizes: dict[int, int] = {}
        self.last = 0

    @cached_property
    def window(self) -> Window:
        """At first about twice as long as links ask for at least."""
        site = Site(self.problem, self.plan, self.location, 0)
        longest: dict[int, int] = {}
        for group in grouping.of(site) or []:
            longest[group.number] = max(
                (longest[one] + days for one, (days, _) in group.before.items()), default=0
            )
        return self._until(site.first_day + 2 * max(longest.values(), default=0) + MARGIN)

    def _until(self, last: int) -> Window:
        return Window(Site(self.problem, self.plan, self.location, last))

    def _widen(self, last: int) -> None:
        """See at least as far as a date."""
        if last > self.window.site.last_day and not self.window.is_whole:
            self.window = self._until(last + MARGIN)
            self.__dict__.pop("packing", None)
            self._searches = {}

    @cached_property
    def plain(self) -> bool:
        """Whether the search from date to date can serve it."""
        return self.window.plain and prod(map(len, self._crews().sets)) <= MANY

    @cached_property
    def packing(self) -> Packing:
        """Steps on one date."""
        return Packing(self.window.site, self.window.order, self.window.ways)

    def look(self) -> None:
        """Look at the calendars: whether dates leave room for all steps, and what that costs at least."""
        self.looked = True
        if not self.window.plain:
            return
        while (dates := self.window.narrowed(self.window.site.last_day)) is None:
            if self.window.is_whole:
                self.fits = False
                return
            self._widen(2 * self.window.site.last_day)
        self.last = self.window.finish(dates) + SLACK
        ways, series = self.window.ways, self.plan.series
        able = {number: len(ways.able(number)) for number in range(len(series))}
        self.sizes = {number: 1 if series[number].same else count if count <= FEW else 2
                      for number, count in able.items() if count > 1 and self._matters(number)}  # fmt: skip
        if self.plain:
            search, _ = self._settle(self.window.site.days.count - 1, Limits(), Run(until=inf))
            self.fits = search is not None and search.root < inf
            if search is not None and self.fits:
                self.bound = int(search.root)

    def _matters(self, number: int) -> bool:
        return self.plan.series[number].same or bool(self.problem.weights.continuity)

    def _crews(self) -> Crews:
        return Crews(self.window.ways, self.sizes)

    def _settle(self, end: int, limits: Limits, run: Run) -> tuple[Search | None, int]:
        """A search whose window has every date that could be cheaper than its own floor, and its last date; None: nothing fits."""
        last = min(self.last, end)
        while True:
            self._widen(last)
            search = self._search(last, limits, run)
            root = inf if search is None else search.root
            wanted = min(end, self.window.last_below(root))
            if wanted <= last:
                self.last = max(self.last, last)
                return search, last
            last = min(end, wanted + SLACK if root < inf else 2 * last + MARGIN)

    def _search(self, last: int, limits: Limits, run: Run) -> Search | None:
        """A search in the window until a date; None where links leave no room."""
        dates = self.window.narrowed(last)
        if dates is None:
            return None
        journey = self._journey(last)
        dates = journey.possible(dates)
        dates = self.window.narrowed(last, dates)
        return None if dates is None else Search(journey, dates, limits, run)

    def _journey(self, last: int) -> Journey:
        known = self.__dict__.setdefault("_journeys", {})
        asked = (tuple(self.sizes.items()), id(self.packing))
        if asked not in known:
            known[asked] = Journey(self.window, self._crews(), self.packing)
        made: Journey = known[asked]
        return made

    def best(self, run: Run, limits: Limits) -> Found:
        """The best proposal within limits."""
        end = self.window.site.days.count - 1
        if limits.finish_most is not None:
            end = min(end, self.window.site.first_day + limits.finish_most)
        best: Found | None = None
        while True:
            search, last = self._settle(end, limits, run)
            if search is None:
                return best or Found(bound=self.bound)
            found = self._run(search)
            beyond = self.window.bound_at(last + 1) if last < end else inf
            if found is None:
                continue
            if not found.done or found.contested:
                return replace(found, bound=int(min(found.bound, beyond)))
            if found.cost is not None:
                best, limits = found, replace(limits, below=found.cost)
            least = inf if limits.below is None else limits.below
            if beyond >= least:
                return best or Found(bound=self.bound if least == inf else int(least))
            self.last = max(self.last + 1, min(end, self.window.last_below(least)))

    def _run(self, search: Search) -> Found | None:
        """What a search comes to; None where its crew was only a floor, and larger ones are told apart now."""
        route = search.best()
        if route.cost is None:
            return Found(bound=route.bound, done=route.done)
        if self._raise(search, route):
            return None
        proposal = routing.proposal(search.journey, route)
        if proposal is None:
            return Found(bound=route.cost, done=False, contested=True)
        return Found(proposal=proposal, cost=route.cost, bound=route.cost)

    def _raise(self, search: Search, route: Route) -> bool:
        """Tell larger crews apart, for the series whose crew was only a floor."""
        crews = search.journey.crews
        rough = [number for number, axis in crews.axis.items() if not crews.is_exact(axis, route.crew)]
        self.sizes = self.sizes | {number: self.sizes[number] + 1 for number in rough}
        return bool(rough)

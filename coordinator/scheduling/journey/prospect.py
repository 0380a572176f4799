"""A location for a plan: a floor that grows with what is known of it, and at last the best proposal there."""

from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, prod

from coordinator.scheduling import days
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.journey import routing
from coordinator.scheduling.journey.crews import Crews
from coordinator.scheduling.journey.offers import Journey
from coordinator.scheduling.journey.outline import Outline
from coordinator.scheduling.journey.packing import Packing
from coordinator.scheduling.journey.search import Route, Search
from coordinator.scheduling.journey.view import View
from coordinator.scheduling.journey.window import Window
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Problem
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

    def __init__(self, problem: Problem, outline: Outline, location: str) -> None:
        self.problem, self.outline, self.plan, self.location = problem, outline, outline.plan, location
        self.bound = outline.bound(self.plan.locations.index(location), 0)
        self.looked, self.fits, self.last = False, True, 0
        self.sizes: dict[int, int] = {}
        self._views: dict[tuple[int, tuple[tuple[int, int], ...]], View | None] = {}
        self._journeys: dict[tuple[tuple[int, int], ...], Journey] = {}

    @cached_property
    def window(self) -> Window:
        """At first about twice as long as links ask for at least."""
        first = days.of(self.problem, self.location).ordinal(self.plan.earliest)
        first -= days.of(self.problem, self.location).first
        return self._until(first + 2 * self.outline.days + MARGIN)

    def _until(self, last: int) -> Window:
        return Window(Site(self.problem, self.plan, self.location, last), self.outline)

    def _widen(self, last: int) -> None:
        """See at least as far as a date."""
        if last > self.window.site.last_day and not self.window.is_whole:
            self.window = self._until(last + MARGIN)
            self.__dict__.pop("packing", None)
            self._views, self._journeys = {}, {}

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
        """A search whose window has every date that could be cheaper than its own floor, and its last date; None:
        nothing fits."""
        last, more = min(self.last, end), SLACK
        while True:
            self._widen(last)
            view = self._view(last)
            search = None if view is None else Search(view, limits, run)
            root = inf if search is None else search.root
            wanted = min(end, self.window.last_below(root))
            if wanted <= last:
                self.last = max(self.last, last)
                return search, last
            more *= 3
            last = min(end, wanted + SLACK if root < inf else last + more)

    def _view(self, last: int) -> View | None:
        """What is known until a date; None where links leave no room."""
        asked = (last, tuple(self.sizes.items()))
        if asked not in self._views:
            journey, dates = self._journey(), self.window.narrowed(last)
            if dates is not None:
                dates = self.window.narrowed(last, journey.possible(dates))
            self._views[asked] = None if dates is None else View(journey, dates)
        return self._views[asked]

    def _journey(self) -> Journey:
        """The ways to do everything, with the crews that are told apart now."""
        sizes = tuple(self.sizes.items())
        if sizes not in self._journeys:
            self._journeys[sizes] = Journey(self.window, self._crews(), self.packing)
        return self._journeys[sizes]

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

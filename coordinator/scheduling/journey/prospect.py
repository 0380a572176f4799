"""A location for a plan: a floor that grows with what is known of it, and at last the best proposal there."""

import copy
from dataclasses import dataclass, replace
from functools import cached_property
from math import inf, prod

from coordinator.scheduling import costs, days
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.journey import routing
from coordinator.scheduling.journey.crews import Choice, Choices, kind_for, told_apart
from coordinator.scheduling.journey.modes import Use
from coordinator.scheduling.journey.offers import Entangled, Journey, Stock
from coordinator.scheduling.journey.outline import Outline
from coordinator.scheduling.journey.packing import Packing
from coordinator.scheduling.journey.route import Route
from coordinator.scheduling.journey.search import Haste, Search
from coordinator.scheduling.journey.tolls import FREE, Tolls, of_proposal
from coordinator.scheduling.journey.view import View
from coordinator.scheduling.journey.window import Window
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.run import START, Run
from coordinator.scheduling.site import Site

FIRST = 42  # dates of a first window, beyond twice what links ask for at least
MARGIN = 14  # dates of a wider window, beyond what is asked for
SLACK = 3  # dates of a search, beyond those that the floors ask for
LONG = 3_000  # ways to go on that are looked at, before a good proposal is looked for
SOON = 10.0  # seconds for that, also where time is up; much more than it takes
EAGER = 300  # the price of a group still to be done, for that, where visits have none
BREADTHS = ((6, 8), (50, 10**6))  # sets for one date, and dates, that are looked at for that
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

    tolls = FREE

    def __init__(self, problem: Problem, outline: Outline, location: str) -> None:
        self.problem, self.outline, self.plan, self.location = problem, outline, outline.plan, location
        self.bound = outline.bound(self.plan.locations.index(location), 0)
        self.seen, self.fits, self.last = False, True, 0
        self._views: dict[tuple[int, tuple[tuple[int, Choice], ...]], View | None] = {}
        self._journeys: dict[tuple[tuple[int, Choice], ...], Journey] = {}

    def tolled(self, tolls: Tolls) -> "Prospect":
        """The same where some times cost more."""
        made = copy.copy(self)
        made.tolls, made._views, made._journeys = tolls, {}, {}
        made.__dict__.pop("stock", None)
        return made

    @cached_property
    def window(self) -> Window:
        """At first about twice as long as links ask for at least."""
        first = days.of(self.problem, self.location).ordinal(self.plan.earliest)
        first -= days.of(self.problem, self.location).first
        return self._until(first + 2 * self.outline.days + FIRST)

    @cached_property
    def choices(self) -> Choices:
        """Who is told apart for each series that has a choice."""
        return told_apart(self.window.ways)

    def _until(self, last: int) -> Window:
        return Window(Site(self.problem, self.plan, self.location, last), self.outline)

    def _widen(self, last: int) -> None:
        """See at least as far as a date."""
        if last > self.window.site.last_day and not self.window.is_whole:
            self.window = self._until(last + MARGIN)
            for known in ("stock", "choices"):
                self.__dict__.pop(known, None)
            self._views, self._journeys = {}, {}

    @property
    def plain(self) -> bool:
        """Whether the search from date to date can serve it."""
        return self.window.plain and prod(map(len, self.choices.values())) <= MANY

    @cached_property
    def stock(self) -> Stock:
        """What is packed, for all crews."""
        ways = self.window.ways
        return Stock(Packing(self.window.site, self.window.order, ways, kind_for(ways), self.tolls))

    def glance(self) -> None:
        """See whether dates leave room for all steps, and how early; the window is widened until they do."""
        self.seen = True
        while self.window.plain and (dates := self.window.narrowed(self.window.site.last_day)) is None:
            if self.window.is_whole:
                self.fits = False
                return
            self._widen(3 * self.window.site.last_day)
        if self.window.plain and dates is not None:
            finish = self.window.finish(dates)
            self.last, self.bound = finish + SLACK, self.window.bound_at(finish)

    def look(self, run: Run) -> None:
        """See what a proposal costs at least, as far as every group and date by itself says it."""
        if not self.seen:
            self.glance()
        if not self.window.plain or not self.fits:
            return
        try:
            search, _ = self._settle(self._end, Limits(), run.spare())
        except Entangled:
            return
        self.fits = (search is not None and search.root < inf) or not self.plain
        if search is not None and search.root < inf:
            self.bound = int(search.root)

    @property
    def _end(self) -> int:
        """The last date of the horizon."""
        return self.window.site.days.count - 1

    def _settle(
        self, end: int, limits: Limits, run: Run, choices: Choices | None = None
    ) -> tuple[Search | None, int]:
        """A search whose window has every date that could be cheaper than its own floor, and its last date; None:
        nothing fits."""
        last, more = min(self.last, end), SLACK
        while True:
            if not self._reaches(last):
                return None, last
            view = self._view(last, self.choices if choices is None else choices)
            search = None if view is None else Search(view, limits, run)
            root = inf if search is None else search.root
            wanted = min(end, self.window.last_below(root + self.problem.weights.visit_day))
            if wanted <= last:
                self.last = max(self.last, last)
                return search, last
            more *= 3
            last = min(end, wanted if root < inf else last + more)

    def _reaches(self, last: int) -> bool:
        """See at least as far as a date; whether the search from date to date can serve it there."""
        self._widen(last)
        return self.plain

    def _view(self, last: int, choices: Choices) -> View | None:
        """What is known until a date; None where links leave no room."""
        asked = (last, tuple(choices.items()))
        if asked not in self._views:
            journey, dates = self._journey(choices), self.window.narrowed(last)
            if dates is not None:
                dates = self.window.narrowed(last, journey.possible(dates))
            self._views[asked] = None if dates is None else View(journey, dates)
        return self._views[asked]

    def _journey(self, choices: Choices) -> Journey:
        """The ways to do everything, with the crews that are told apart."""
        asked = tuple(choices.items())
        if asked not in self._journeys:
            self._journeys[asked] = Journey(self.window, self.window.crews(choices), self.stock)
        return self._journeys[asked]

    def best(self, run: Run, limits: Limits) -> Found:
        """The best proposal within limits."""
        try:
            return self._best(run, limits)
        except Entangled:
            return Found(bound=self.bound, done=False, contested=True)

    def _best(self, run: Run, limits: Limits) -> Found:
        """The same, unless there are too many choices."""
        end = self._last_within(limits)
        best, choices, last = Found(bound=self.bound), None, end
        if limits.visits_most is not None and limits.visits_most < self.outline.visits:
            return best
        while True:
            # sets that were left out are known to cost too much in this window, but not in a wider one
            search, last = self._settle(end if choices is None else last, limits, run, choices)
            if search is None:
                return best if self.plain else replace(best, done=False, contested=True)
            route = search.best(LONG if best.cost is None else inf)
            if not route.done and best.cost is None:
                best = self._soon(search.view, run, limits) or best
                search.limits = limits = limits if best.cost is None else replace(limits, below=best.cost)
                route = search.best()
            choices, beyond = None, self.window.bound_at(last + 1) if last < end else inf
            if not route.done:
                return replace(best, bound=int(min(route.bound, beyond)), done=False)
            if route.cost is not None:
                found = self._proposal(search, route)
                if found is None:
                    return Found(bound=int(min(route.cost, beyond)), done=False, contested=True)
                if found.cost is not None and (limits.below is None or found.cost < limits.below):
                    best, limits = found, replace(limits, below=found.cost)
                if best.cost != route.cost:
                    choices = self._larger(search, route, inf if limits.below is None else limits.below)
                    if (
                        choices == search.journey.crews.choices
                    ):  # who is named has to pay more tolls than others had
                        return replace(best, bound=int(min(route.cost, beyond)), done=False)
                    continue
            least = inf if limits.below is None else limits.below
            if beyond >= least:
                return best if best.cost is not None or least == inf else replace(best, bound=int(least))
            self.last, limits = (
                max(last + 1, min(end, self.window.last_below(least))),
                replace(limits, after=last),
            )

    def _last_within(self, limits: Limits) -> int:
        """The last date of the horizon on which a proposal within limits can end."""
        end = self._end if limits.below is None else self.window.last_below(limits.below)
        if limits.finish_most is not None:
            end = min(end, self.window.site.first_day + limits.finish_most)
        return end

    def soon(self, run: Run, limits: Limits) -> Found | None:
        """A good proposal that is found soon; None where there is none, or none within the limits."""
        run.did(2 * START)
        if not self.seen:
            self.glance()
        if not self.window.plain or not self.fits:
            return None
        single = {
            number: replace(choice, size=1, sets=tuple(each for each in choice.sets if each.bit_count() == 1))
            for number, choice in self.choices.items()
        }
        try:
            first = self._view(self.last, single) if self._reaches(self.last) else None
            if first is not None and (found := self._soon(first, run, limits)):
                return found
            search, _ = self._settle(self._end, limits, run.spare(), single)
            return None if search is None else self._soon(search.view, run, limits)
        except Entangled:
            return None

    def _soon(self, view: View, run: Run, limits: Limits) -> Found | None:
        """The same, in a window; where little is looked at in vain, more is."""
        price = self.problem.weights.visit_day or EAGER
        for sets, dates in BREADTHS:
            haste = Haste(price, sets, dates)
            search = Search(view, limits, run.spare(SOON), haste)
            route = search.best(10 * LONG)
            found = None if route.cost is None else self._proposal(search, route)
            if found and (limits.below is None or (found.cost or 0) < limits.below):
                return found
        return None

    def _proposal(self, search: Search, route: Route) -> Found | None:
        """The proposal of a route, with the crew that serves it best; None where its resources are taken."""
        assert route.cost is not None
        journey, crew = search.journey, route.crew
        crews = journey.crews
        if any(not crews.is_exact(axis, crew) for axis in crews.axis.values()):
            journey = self._journey(self._many(crews.choices, crew))
            crew = routing.best_crew(journey, route)
        found = routing.proposal(journey, replace(route, crew=crew))
        if found is None:
            return None
        cost = costs.cost(self.problem, found).total
        if self.tolls:
            cost += self.tolls.of(self.uses(found))
        return Found(proposal=found, cost=cost, bound=cost)

    def uses(self, proposal: Proposal) -> tuple[Use, ...]:
        """What a proposal uses, also where it is later than what was seen so far."""
        self._widen(max(self.window.site.days.index(each.start) for each in proposal.steps.values()))
        return tuple(of_proposal(self.window.ways, proposal))

    def _many(self, choices: Choices, crew: tuple[int, ...]) -> Choices:
        """As many sets as are no trouble, for the series whose set in a crew is only a floor."""
        return {
            number: choice if crew[axis] < len(choice.sets) else Choice.of(choice.things, choice.things)
            if choice.things <= 10 else choice.larger()
            for axis, (number, choice) in enumerate(choices.items())
        }  # fmt: skip

    def _larger(self, search: Search, route: Route, below: float) -> Choices:
        """Larger sets for the series whose set was only a floor; of all others those that may cost less than known."""
        floors, crews = search.roots(), search.journey.crews
        made: dict[int, Choice] = {}
        for axis, (number, choice) in enumerate(crews.choices.items()):
            others = tuple(each for each in range(floors.ndim) if each != axis)
            kept = choice.kept(list(floors.min(axis=others) < below))
            made[number] = kept if crews.is_exact(axis, route.crew) else kept.larger()
        return made

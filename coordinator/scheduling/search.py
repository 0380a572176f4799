"""The best proposal for one plan: locations by their bound, in each those who could serve its series, one by one."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from heapq import heapify, heappop, heappush

from coordinator.scheduling import serving, windows
from coordinator.scheduling.binding import bindings
from coordinator.scheduling.journey.outline import Outline
from coordinator.scheduling.journey.prospect import Prospect as Candidate
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Plan, Problem, Weights
from coordinator.scheduling.prospect import Prospect
from coordinator.scheduling.run import Run
from coordinator.scheduling.site import Site
from coordinator.scheduling.windows import Best

__all__ = ["Best", "Prospects", "best", "fits"]

NOTHING = Best(proposal=None, cost=None, bound=0, done=True)


class Prospects:
    """The locations of a plan, with what earlier searches came to know of them."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.outline = Outline(problem, plan)
        self._known: dict[str, Candidate] = {}

    def __getitem__(self, location: str) -> Candidate:
        if location not in self._known:
            self._known[location] = Candidate(self.problem, self.outline, location)
        return self._known[location]

    def sites(self) -> dict[str, Site]:
        """The locations that are known over the whole horizon."""
        seen = {location: candidate.window for location, candidate in self._known.items()}
        return {location: window.site for location, window in seen.items() if window.is_whole}

    def floor(self) -> int | None:
        """What the plan costs at least, as far as dates by themselves say it; None: it cannot be placed."""
        for location in self.plan.locations:
            if not self[location].seen:
                self[location].glance()
        return min((each.bound for each in self._known.values() if each.fits), default=None)

    def look(self) -> int | None:
        """What the plan costs at least, as far as calendars by themselves say it; None: it cannot be placed."""
        floors = []
        for location in self.plan.locations:
            candidate = self[location]
            candidate.look()
            if candidate.fits:
                floors.append(candidate.bound)
        return min(floors, default=None)


def best(
    prospects: Prospects,
    run: Run,
    limits: Limits | None = None,
    locations: tuple[str, ...] | None = None,
) -> Best:
    """The best proposal for a plan within limits, over all its locations or some of them: from the lowest floor up."""
    limits = limits or Limits()
    heap = [
        (prospects[each].bound, number, each)
        for number, each in enumerate(locations or prospects.plan.locations)
    ]
    heapify(heap)
    found, unsure = NOTHING, []
    while heap:
        bound, number, location = heappop(heap)
        here = prospects[location]
        if found.cost is not None and bound >= found.cost:
            break
        if not here.seen:
            here.glance()
            if here.fits:
                heappush(heap, (here.bound, number, location))
            continue
        at = _search(here, run, limits if found.cost is None else replace(limits, below=found.cost))
        if at.proposal is not None:
            found = at
        if not at.done:
            unsure.append(at.bound)
    least = min([*unsure, *([found.cost] if found.cost is not None else [])], default=0)
    return Best(proposal=found.proposal, cost=found.cost, bound=least, done=not unsure)


def soon(prospects: Prospects, limits: Limits) -> Best:
    """A good proposal that is found soon, or none; it need not be the best, and there may be one all the same."""
    found = NOTHING
    for candidate in sorted(
        (prospects[each] for each in prospects.plan.locations), key=lambda each: each.bound
    ):
        if found.cost is not None and candidate.bound >= found.cost:
            break
        at = candidate.soon(limits if found.cost is None else replace(limits, below=found.cost))
        if at is not None and at.proposal is not None:
            found = Best(proposal=at.proposal, cost=at.cost, bound=candidate.bound, done=False)
    return found


def _search(candidate: Candidate, run: Run, limits: Limits) -> Best:
    """The best proposal in one location: from date to date where the plan is plain, or else by the solver."""
    if candidate.plain:
        found = candidate.best(run, limits)
        if not found.contested:
            return Best(proposal=found.proposal, cost=found.cost, bound=found.bound, done=found.done)
    prospect = Prospect(Site(candidate.problem, candidate.plan, candidate.location), candidate.bound)
    if not prospect.fits:
        return NOTHING
    return _at(prospect, run, limits)


def fits(problem: Problem, plan: Plan, run: Run) -> bool | None:
    """Whether a plan can be placed at all, whatever the cost; None where time ran out."""
    soon = replace(problem, weights=Weights(finish_day=1))
    for known in ("openings", "able", "things", "resource"):
        soon.__dict__[known] = getattr(problem, known)
    prospects, sure = Prospects(soon, plan), True
    for location in plan.locations:
        here = _fits(prospects[location], run)
        if here:
            return True
        sure &= here is False
    return False if sure else None


def _fits(candidate: Candidate, run: Run) -> bool | None:
    """Whether it can be placed in one location: from date to date where it is plain, or else by the solver."""
    candidate.look()
    if not candidate.fits:
        return False
    if candidate.plain:
        found = candidate.best(run, Limits())
        if found.proposal is not None or not found.contested:
            return found.proposal is not None or (False if found.done else None)
    anyhow = replace(candidate.problem, weights=Weights())
    prospect = Prospect(Site(anyhow, candidate.plan, candidate.location))
    if not prospect.fits:
        return False
    here = windows.grow(prospect, run, Limits(), bindings(prospect.site), enough=True)
    return here.proposal is not None or (False if here.done else None)


def _best_of(
    prospects: Iterable[Prospect], search: Callable[[Prospect, Limits], Best], limits: Limits, found: Best
) -> Best:
    """The best proposal of several prospects, from the lowest bound up; ``found`` is the best before them."""
    open_bounds = [] if found.done else [found.bound]
    for prospect in sorted((each for each in prospects if each.fits), key=lambda each: each.bound):
        if found.cost is not None and prospect.bound >= found.cost:
            break
        here = search(prospect, limits if found.cost is None else replace(limits, below=found.cost))
        if here.proposal is not None:
            found = here
        if not here.done:
            open_bounds.append(here.bound)
    least = min([*open_bounds, *([found.cost] if found.cost is not None else [])], default=0)
    return Best(proposal=found.proposal, cost=found.cost, bound=least, done=not open_bounds)


def _at(prospect: Prospect, run: Run, limits: Limits) -> Best:
    """The best proposal in one location: of the best for each way to serve the hard series, where those are few."""
    site, ways, end = prospect.site, serving.by_one_each(prospect.site, same=True), prospect.end(limits)
    if not ways or end < prospect.finish:
        return _wished(prospect, run, limits)
    domains = prospect.domains_until(end)
    parts = (Prospect(site.without(way, domains)) for way in ways)
    return _best_of(parts, lambda each, within: _wished(each, run, within), limits, NOTHING)


def _wished(prospect: Prospect, run: Run, limits: Limits) -> Best:
    """The best proposal where series may wish for one thing.

    First the best whoever serves them; if nobody can fill it at that price, the best with one thing for each wished
    series, and at last the best with a further one, which costs that much more than whoever serves.
    """
    site, further = prospect.site, prospect.site.problem.weights.continuity
    ladder, ways = bindings(site), serving.by_one_each(site, same=False) if further else []
    if not ways:
        return windows.grow(prospect, run, limits, ladder)
    anyone = windows.grow(prospect, run, limits, ladder[:1])
    if anyone.proposal is None:
        return anyone
    filled = windows.fill(site, anyone.proposal, limits, ladder[-1], run)
    if filled.cost == anyone.cost:
        return replace(anyone, proposal=filled.proposal)
    found = Best(proposal=filled.proposal, cost=filled.cost, bound=anyone.bound, done=True)
    domains = prospect.domains_until(prospect.end(replace(limits, below=filled.cost or limits.below)))
    parts = (Prospect(site.without(way, domains), anyone.bound) for way in ways)
    found = _best_of(
        parts, lambda each, within: windows.grow(each, run, within, bindings(each.site)), limits, found
    )
    if found.cost is not None and found.cost <= anyone.bound + further:
        return found
    several, wishing = (
        Prospect(site.without([], domains), anyone.bound),
        [each for each in ladder if each.wishes],
    )
    return _best_of([several], lambda each, within: windows.grow(each, run, within, wishing), limits, found)

"""The best proposal for one plan: its locations from the lowest floor up, each searched from date to date."""

import copy
from dataclasses import replace
from heapq import heapify, heappop, heappush

from coordinator.scheduling.journey.outline import Outline
from coordinator.scheduling.journey.prospect import Prospect
from coordinator.scheduling.journey.tolls import Tolls
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Plan, Problem, Weights
from coordinator.scheduling.run import NOTHING, Best, Run
from coordinator.scheduling.site import Site
from coordinator.scheduling.solver import searching as solver

__all__ = ["Best", "Prospects", "best", "fits"]


class Prospects:
    """The locations of a plan, with what earlier searches came to know of them."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem, self.plan = problem, plan
        self.outline = Outline(problem, plan)
        self._known: dict[str, Prospect] = {}

    def __getitem__(self, location: str) -> Prospect:
        if location not in self._known:
            self._known[location] = Prospect(self.problem, self.outline, location)
        return self._known[location]

    def tolled(self, tolls: Tolls) -> "Prospects":
        """The same where some times cost more."""
        made = copy.copy(self)
        made._known = {location: known.tolled(tolls) for location, known in self._known.items()}
        return made

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

    def look(self, run: Run) -> int | None:
        """What the plan costs at least, as far as calendars by themselves say it; None: it cannot be placed."""
        floors = []
        for location in self.plan.locations:
            candidate = self[location]
            candidate.look(run)
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


def soon(prospects: Prospects, run: Run, limits: Limits) -> Best:
    """A good proposal that is found soon, or none; it need not be the best, and there may be one all the same."""
    found = NOTHING
    for candidate in sorted(
        (prospects[each] for each in prospects.plan.locations), key=lambda each: each.bound
    ):
        if found.cost is not None and candidate.bound >= found.cost:
            break
        at = candidate.soon(run, limits if found.cost is None else replace(limits, below=found.cost))
        if at is not None and at.proposal is not None:
            found = Best(proposal=at.proposal, cost=at.cost, bound=candidate.bound, done=False)
    return found


def _search(candidate: Prospect, run: Run, limits: Limits) -> Best:
    """The best proposal in one location: from date to date where the plan is plain, or else by the solver."""
    if candidate.plain:
        found = candidate.best(run, limits)
        if not found.contested:
            return Best(proposal=found.proposal, cost=found.cost, bound=found.bound, done=found.done)
    if candidate.tolls:
        return Best(proposal=None, cost=None, bound=candidate.bound, done=False)
    return solver.best(
        Site(candidate.problem, candidate.plan, candidate.location), candidate.bound, run, limits
    )


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


def _fits(candidate: Prospect, run: Run) -> bool | None:
    """Whether it can be placed in one location: from date to date where it is plain, or else by the solver."""
    candidate.look(run)
    if not candidate.fits:
        return False
    if candidate.plain:
        found = candidate.best(run, Limits())
        if found.proposal is not None or not found.contested:
            return found.proposal is not None or (False if found.done else None)
    anyhow = replace(candidate.problem, weights=Weights())
    return solver.fits(Site(anyhow, candidate.plan, candidate.location), run)

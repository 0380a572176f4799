"""The best proposal for one plan: locations by their bound, in each a window of dates that grows until it is proven."""

from dataclasses import dataclass, replace

from coordinator.scheduling import order
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.choices import Binding, bindings
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.narrowing import narrow
from coordinator.scheduling.problem import Plan, Problem, Weights
from coordinator.scheduling.site import Domains, Site
from coordinator.scheduling.solving import Found, Run, Solving

FIRST_MARGIN = 4  # dates beyond the earliest finish in the second window; the first has none
PROBE = 1.0  # how much work (in the solver's own seconds, the same on every machine) a first try at the floor may be


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best proposal of a plan so far. ``done``: proven best, or proven that there is none."""

    proposal: Proposal | None
    cost: int | None
    bound: int
    done: bool


class Prospect:
    """A location with what is known of it before the search: its narrowed starts and its bound."""

    def __init__(self, site: Site) -> None:
        self.site = site
        domains = narrow(site, site.domains) if all(site.domains.values()) else None
        self.fits = domains is not None
        self.domains: Domains = domains or {}
        if domains is not None:
            self.least_visits = order.Dates(site).visits_at_least(site)
            ends = [site.days_of(ticks) for key, ticks in domains.items() if site.steps[key].phases]
            self.finish = max(((days & -days).bit_length() - 1 for days in ends), default=site.first_day)
            self.last = max((days.bit_length() - 1 for days in ends), default=site.first_day)
            self.bound = self.bound_at(self.finish)

    def bound_at(self, finish: int) -> int:
        """No proposal that ends on that date of the horizon, or later, costs less."""
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
        return min(self.last, self.finish + max(0, cost - 1 - self.bound) // weight)


def best(
    problem: Problem,
    plan: Plan,
    run: Run,
    limits: Limits | None = None,
    locations: tuple[str, ...] | None = None,
) -> Best:
    """The best proposal for a plan within limits, over all its locations or some of them."""
    limits = limits or Limits()
    prospects = [Prospect(Site(problem, plan, location)) for location in locations or plan.locations]
    found = Best(proposal=None, cost=None, bound=0, done=True)
    open_bounds: list[int] = []
    for prospect in sorted((each for each in prospects if each.fits), key=lambda each: each.bound):
        if found.cost is not None and prospect.bound >= found.cost:
            continue
        here = at(prospect, run, limits if found.cost is None else replace(limits, below=found.cost))
        if here.proposal is not None:
            found = here
        if not here.done:
            open_bounds.append(here.bound)
    done = not open_bounds
    least = min([*open_bounds, *([found.cost] if found.cost is not None else [])], default=0)
    return Best(proposal=found.proposal, cost=found.cost, bound=least, done=done)


def never_fits(problem: Problem, plan: Plan) -> bool:
    """Whether narrowing alone shows that a plan cannot be placed; no search, so False says nothing."""
    return not any(Prospect(Site(problem, plan, location)).fits for location in plan.locations)


def fits(problem: Problem, plan: Plan, run: Run) -> bool | None:
    """Whether a plan can be placed at all, whatever the cost; None where time ran out."""
    free_of_charge = replace(problem, weights=Weights())
    done = True
    for location in plan.locations:
        prospect = Prospect(Site(free_of_charge, plan, location))
        if prospect.fits:
            here = at(prospect, run, Limits(), enough=True)
            if here.proposal is not None:
                return True
            done &= here.done
    return False if done else None


def at(prospect: Prospect, run: Run, limits: Limits, *, enough: bool = False) -> Best:
    """The best proposal in one location, in windows that grow until nothing beyond them can be better.

    With ``enough`` the first window that has one will do.
    """
    last, best_here, margin = min(prospect.last, prospect.finish), None, FIRST_MARGIN
    if limits.finish_most is not None:
        highest = limits.finish_most + prospect.site.first_day
        prospect.last = min(prospect.last, highest)
    if limits.below is not None:
        prospect.last = prospect.last_below(limits.below)
    too_few = limits.visits_most is not None and limits.visits_most < prospect.least_visits
    if too_few or prospect.last < prospect.finish:
        return Best(proposal=None, cost=None, bound=prospect.bound, done=True)
    while True:
        last = min(last, prospect.last)
        found = window(prospect, last, run, limits, best_here.proposal if best_here else None)
        if found.proposal is not None and found.cost is not None:
            best_here, limits = found, replace(limits, below=found.cost)
            prospect.last = prospect.last_below(found.cost)
        if not found.done or last >= prospect.last or (enough and best_here):
            return _result(prospect, best_here, found, last)
        limits = replace(limits, after=last)
        last = prospect.last if best_here else prospect.finish + margin
        margin *= 2


def _result(prospect: Prospect, best_here: Found | None, found: Found, last: int) -> Best:
    """What the windows came to; beyond the last one the bound is that of its end."""
    beyond = [prospect.bound_at(last + 1)] if last < prospect.last else []
    cost = best_here.cost if best_here else None
    if found.done:
        bound = cost if cost is not None else prospect.bound
    else:
        bound = max(prospect.bound, min([found.bound, *beyond]))
    if cost is not None and bound is not None:
        bound = min(bound, cost)
    return Best(
        proposal=best_here.proposal if best_here else None, cost=cost, bound=bound or 0, done=found.done
    )


def window(prospect: Prospect, last: int, run: Run, limits: Limits, hint: Proposal | None) -> Found:
    """The best proposal that ends by a date.

    First without what binds the choice of resources over several steps; as long as that can be filled at the
    price it stated, it is the best, and else a floor for the next try with more of it.
    """
    site = prospect.site
    domains = narrow(site, prospect.domains, last)
    best_here = Found(proposal=None, cost=None, bound=0, done=domains is None)
    if domains is None:
        return best_here
    ladder, least = bindings(site), prospect.finish if limits.after is None else limits.after + 1
    floor = max(0, prospect.bound_at(least))
    for binding in ladder:
        if run.over:
            return replace(best_here, bound=floor, done=False)
        found = _solve(site, domains, limits, binding, floor, run, hint)
        if found.proposal is None and found.done:
            return replace(best_here, bound=best_here.cost or 0, done=True)
        if found.proposal is None:
            return replace(best_here, bound=max(floor, found.bound), done=False)
        filled = found if binding is ladder[-1] else _fill(site, found.proposal, limits, ladder[-1], run)
        if filled.cost is not None:
            best_here, limits = filled, replace(limits, below=filled.cost)
        if filled.cost == found.cost:
            return replace(best_here, bound=found.bound, done=found.done)
        floor, hint = max(floor, found.bound), best_here.proposal or found.proposal
    return best_here


def _solve(
    site: Site,
    domains: Domains,
    limits: Limits,
    binding: Binding,
    floor: int,
    run: Run,
    hint: Proposal | None,
) -> Found:
    """The best proposal with one binding: first one that costs no more than the floor is looked for, since asked so
    narrowly the solver is several times as quick to find one or to see that there is none."""
    if limits.below is None or floor + 1 < limits.below:
        found = Solving(site, domains, replace(limits, below=floor + 1), binding, floor).run(run, hint, PROBE)
        if found.proposal is not None:
            return found
        floor += found.done
    return Solving(site, domains, limits, binding, floor).run(run, hint)


def _fill(site: Site, proposal: Proposal, limits: Limits, binding: Binding, run: Run) -> Found:
    """The best choice of resources for starts that are fixed."""
    fixed = {key: 1 << placed.start // site.grid for key, placed in proposal.steps.items()}
    return Solving(site, fixed, limits, binding).run(run)

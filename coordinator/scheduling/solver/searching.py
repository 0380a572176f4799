"""The best proposal in one location by the solver: those who could serve its series one by one."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from coordinator.scheduling.limits import Limits
from coordinator.scheduling.run import NOTHING, Best, Run
from coordinator.scheduling.site import Site
from coordinator.scheduling.solver import serving, windows
from coordinator.scheduling.solver.binding import bindings
from coordinator.scheduling.solver.prospect import Prospect


def best(site: Site, floor: int, run: Run, limits: Limits) -> Best:
    """The best proposal in one location; it is known that none costs less than ``floor``."""
    prospect = Prospect(site, floor)
    return _at(prospect, run, limits) if prospect.fits else NOTHING


def fits(site: Site, run: Run) -> bool | None:
    """Whether there is any proposal in one location, best asked without prices; None where time ran out."""
    prospect = Prospect(site)
    if not prospect.fits:
        return False
    here = windows.grow(prospect, run, Limits(), bindings(site), enough=True)
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

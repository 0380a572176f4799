"""The best proposal in one location, in a window of dates that grows until it is proven."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.run import Best, Found, Run
from coordinator.scheduling.site import Domains, Site
from coordinator.scheduling.solver.binding import Binding
from coordinator.scheduling.solver.narrowing import narrow
from coordinator.scheduling.solver.prospect import Prospect

if TYPE_CHECKING:
    from coordinator.scheduling.solver.solving import Solving

FIRST_MARGIN = 4  # dates beyond the earliest finish in the second window; the first has none
SHORT = 2 * FIRST_MARGIN  # dates that are one window from the beginning
PROBE = 1.0  # how much work (in the solver's own seconds, the same on every machine) a first try at the floor may be
MOMENT = 0.5  # seconds, and as much work, for what takes thousandths


def grow(
    prospect: Prospect, run: Run, limits: Limits, ladder: Sequence[Binding], *, enough: bool = False
) -> Best:
    """The best proposal in one location, in windows of dates that grow until nothing beyond them can be better.

    ``ladder`` has the bindings to keep, from the easiest to the one that counts; one that could not be filled in a
    window is left out of the later ones. With ``enough`` the first window
    that has a proposal will do.
    """
    end, best_here, margin = prospect.end(limits), None, FIRST_MARGIN
    if end < prospect.finish:
        return Best(proposal=None, cost=None, bound=prospect.bound, done=True)
    last = end if end <= prospect.finish + SHORT else prospect.finish
    while True:
        last = min(last, end)
        found = _window(prospect, last, run, limits, ladder, best_here.proposal if best_here else None)
        if found.proposal is not None and found.cost is not None:
            best_here, limits, ladder = found, replace(limits, below=found.cost), ladder[found.rung :]
            end = min(end, prospect.last_below(found.cost))
        if not found.done or last >= end or (enough and best_here):
            return _result(prospect, best_here, found, last, end)
        limits = replace(limits, after=last)
        last = end if best_here else prospect.finish + margin
        margin *= 2


def _result(prospect: Prospect, best_here: Found | None, found: Found, last: int, end: int) -> Best:
    """What the windows came to; beyond the last one the bound is that of its end."""
    beyond = [prospect.bound_at(last + 1)] if last < end else []
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


def _window(
    prospect: Prospect, last: int, run: Run, limits: Limits, ladder: Sequence[Binding], hint: Proposal | None
) -> Found:
    """The best proposal that ends by a date.

    First without what binds the choice of resources over several steps; as long as that can be filled at the
    price it stated, it is the best, and else a floor for the next try with more of it.
    """
    site = prospect.site
    domains = narrow(site, prospect.domains, last)
    best_here = Found(proposal=None, cost=None, bound=0, done=domains is None)
    if domains is None:
        return best_here
    least = prospect.finish if limits.after is None else limits.after + 1
    floor = max(0, prospect.floor, prospect.bound_at(least))
    for rung, binding in enumerate(ladder):
        if run.over:
            return replace(best_here, bound=floor, done=False)
        found = _solve(site, domains, limits, binding, floor, run, hint)
        if found.proposal is None and found.done:
            return replace(best_here, bound=best_here.cost or 0, done=True, rung=rung)
        if found.proposal is None:
            return replace(best_here, bound=max(floor, found.bound), done=False)
        exact = binding is ladder[-1] and found.done
        filled = found if exact else fill(site, found.proposal, limits, ladder[-1], run)
        if filled.cost is not None:
            best_here, limits = filled, replace(limits, below=filled.cost)
        if filled.cost == found.cost:
            return replace(best_here, bound=found.bound, done=found.done, rung=rung)
        floor, hint = max(floor, found.bound), best_here.proposal or found.proposal
    return replace(best_here, bound=floor, done=False)


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
    narrowly the solver is several times as quick to find one or to see that there is none. (A floor without wishes
    is seldom one with them.)"""
    if not binding.wishes and (limits.below is None or floor + 1 < limits.below):
        found = _model(site, domains, replace(limits, below=floor + 1), binding, floor).run(run, hint, PROBE)
        if found.proposal is not None:
            return found
        floor += found.done
    return _model(site, domains, limits, binding, floor).run(run, hint)


def fill(site: Site, proposal: Proposal, limits: Limits, binding: Binding, run: Run) -> Found:
    """The best choice of resources for starts that are fixed; a moment is given for it even when time is up."""
    fixed = {key: 1 << placed.start // site.grid for key, placed in proposal.steps.items()}
    return _model(site, fixed, limits, binding, 0).run(run.spare(max(MOMENT, run.left)), work=MOMENT)


def _model(site: Site, domains: Domains, limits: Limits, binding: Binding, floor: int) -> "Solving":
    """The model of a window; only now the solver is loaded, which takes half a second and 60 MB."""
    from coordinator.scheduling.solver.solving import Solving

    return Solving(site, domains, limits, binding, floor)

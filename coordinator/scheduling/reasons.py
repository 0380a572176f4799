"""Why a plan does not fit, in words for a coordinator, and what would help."""

from collections.abc import Mapping

from coordinator.scheduling.answer import Reason
from coordinator.scheduling.explaining import conflict, repairs, wording
from coordinator.scheduling.explaining.demands import Demand, Demands
from coordinator.scheduling.explaining.fitting import Fitting
from coordinator.scheduling.explaining.repairs import Repair
from coordinator.scheduling.problem import Plan, Problem
from coordinator.scheduling.run import Run
from coordinator.scheduling.site import Site


def why(problem: Problem, plan: Plan, run: Run) -> tuple[Reason, ...]:
    """A smallest set of rules: together they cannot be kept, without any one of them the others can.

    Where time runs out the set may be larger than it has to be.
    """
    reasons, _ = explain(problem, plan, run)
    return reasons


def explain(
    problem: Problem, plan: Plan, run: Run, most: int = 0, sites: Mapping[str, Site] | None = None
) -> tuple[tuple[Reason, ...], tuple[Repair, ...]]:
    """The same, and at most so many changes that would make the plan fit; ``sites``: locations that are known."""
    demands, fitting = Demands(plan), Fitting(problem, plan, run, sites)
    needed = conflict.smallest(demands, fitting)
    help_for = repairs.of(fitting, demands, needed, most) if most else ()
    return said(demands, fitting, needed), help_for


def said(demands: Demands, fitting: Fitting, needed: list[Demand] | None) -> tuple[Reason, ...]:
    """A set of rules in words; None: the plan would not fit without any of them."""
    if needed is None:
        return (wording.no_room(fitting, demands),)
    return tuple(
        wording.reason(fitting, demands, each, demands.keep(other for other in needed if other is not each))
        for each in needed
    )

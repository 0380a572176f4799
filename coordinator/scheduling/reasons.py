"""Why a plan does not fit: a smallest set of rules that cannot be kept together, in words for a coordinator."""

from coordinator.scheduling.answer import Reason
from coordinator.scheduling.explaining import conflict, wording
from coordinator.scheduling.explaining.demands import Demands
from coordinator.scheduling.explaining.fitting import Fitting
from coordinator.scheduling.problem import Plan, Problem
from coordinator.scheduling.run import Run


def why(problem: Problem, plan: Plan, run: Run) -> tuple[Reason, ...]:
    """A smallest set of rules: together they cannot be kept, without any one of them the others can.

    Where time runs out the set may be larger than it has to be.
    """
    return of(Demands(plan), Fitting(problem, plan, run))


def of(demands: Demands, fitting: Fitting) -> tuple[Reason, ...]:
    """The same, for rules of which some may not be given up."""
    needed = conflict.smallest(demands, fitting)
    if needed is None:
        return (wording.no_room(fitting, demands),)
    return tuple(
        wording.reason(fitting, demands, each, demands.keep(other for other in needed if other is not each))
        for each in needed
    )

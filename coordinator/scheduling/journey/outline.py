"""What a plan says about its dates, wherever it is booked: its groups, their order, and how long it takes at least."""

from collections.abc import Mapping

from coordinator.scheduling.journey import groups as grouping
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.order import Order
from coordinator.scheduling.problem import Plan, Problem, Step


class Outline:
    """A plan without calendars. ``days`` and ``visits`` are the fewest that links and groups allow."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.plan, self.weights = plan, problem.weights
        self.order = Order(plan, problem.grid)
        self.groups: list[Group] = grouping.of(plan) or []
        self.plain = bool(self.groups) and grouping.without_tasks(self.groups)
        surely = {
            group.number for group in self.groups if any(_is_visit(plan.step(key)) for key in group.steps)
        }
        visits = sum(1 << number for number in surely)
        self.visits = len(many_apart({number: self.groups[number].apart & visits for number in surely}))
        longest: dict[int, int] = {}
        for group in self.groups:
            ends = (longest[one] + least for one, (least, _) in group.before.items())
            longest[group.number] = max(ends, default=0)
        self.days = max((longest[group.number] for group in self.groups if group.timed), default=0)

    def bound(self, rank: int, days: int) -> int:
        """No proposal in that location that ends so many days after the first, or later, costs less."""
        weights = self.weights
        return (
            weights.location_rank * rank
            + weights.finish_day * max(days, self.days, 0)
            + weights.visit_day * self.visits
        )


def _is_visit(step: Step) -> bool:
    """Whether a step's own date surely is a date with a visit: it begins with the patient on site."""
    return bool(step.phases) and step.phases[0].patient and not step.remote


def many_apart(differ: Mapping[int, int]) -> list[int]:
    """As many numbers as can be found quickly of which every two differ; ``differ`` says for each from which others."""
    best: list[int] = []
    order = sorted(differ, key=lambda number: (-differ[number].bit_count(), number))
    for start in order:
        chosen, able = [start], differ[start]
        for number in order:
            if able >> number & 1:
                chosen.append(number)
                able &= differ[number]
        best = max(best, chosen, key=len)
    return best

"""What a plan says about its dates, wherever it is booked: its groups, their order, and how long it takes at least."""

from collections.abc import Mapping

from coordinator.scheduling.journey import groups as grouping
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.order import Order
from coordinator.scheduling.problem import Plan, Problem


class Outline:
    """A plan without calendars. ``days`` and ``visits`` are the fewest that links and groups allow."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.plan, self.weights = plan, problem.weights
        self.order = Order(plan, problem.grid)
        self.groups: list[Group] = grouping.of(plan) or []
        self.plain = bool(self.groups) and grouping.without_tasks(self.groups)
        visits = sum(1 << group.number for group in self.groups if group.visit)
        self.visits = len(
            many_apart({group.number: group.apart & visits for group in self.groups if group.visit})
        )
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

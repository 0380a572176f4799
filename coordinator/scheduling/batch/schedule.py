"""A schedule of many plans: who is placed where, and what that leaves of the clinic. Values; a change makes another."""

from collections.abc import Iterable
from dataclasses import dataclass

from coordinator.scheduling import remainder, search
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.run import Run


@dataclass(frozen=True, slots=True)
class Placed:
    """A proposal that is in the schedule, and its cost."""

    proposal: Proposal
    cost: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """``left`` is the clinic with the time that the placed plans do not take."""

    clinic: Problem
    left: Problem
    placed: dict[str, Placed]
    total: int

    @classmethod
    def empty(cls, problem: Problem) -> "Schedule":
        """Nothing is placed."""
        problem.openings.far = problem.minutes // problem.grid
        return cls(problem, problem, {}, problem.weights.unplaced * len(problem.plans))

    def without(self, keys: Iterable[str]) -> "Schedule":
        """The same with some plans taken out."""
        left, placed, total = self.left, dict(self.placed), self.total
        for key in keys:
            if key in placed:
                gone = placed.pop(key)
                left = remainder.before(left, self.clinic, gone.proposal)
                total += left.weights.unplaced - gone.cost
        return Schedule(self.clinic, left, placed, total)

    def with_plan(self, key: str, placed: Placed | None) -> "Schedule":
        """The same with one plan more, if there is a place for it."""
        if placed is None:
            return self
        total = self.total + placed.cost - self.left.weights.unplaced
        left = remainder.after(self.left, placed.proposal)
        return Schedule(self.clinic, left, self.placed | {key: placed}, total)

    def soon(self, key: str, run: Run) -> "Schedule":
        """With a good place for one more plan, found soon; the best one where there is no other way to find any."""
        prospects = search.Prospects(self.left, self.left.plan[key])
        limits = Limits(below=self.left.weights.unplaced + 1)
        found = search.soon(prospects, limits)
        if found.proposal is None or found.cost is None:
            return self.best(key, run)
        return self.with_plan(key, Placed(found.proposal, found.cost))

    def best(self, key: str, run: Run) -> "Schedule":
        """With the best place for one more plan."""
        prospects = search.Prospects(self.left, self.left.plan[key])
        found = search.best(prospects, run, Limits(below=self.left.weights.unplaced + 1))
        if found.proposal is None or found.cost is None:
            return self
        return self.with_plan(key, Placed(found.proposal, found.cost))

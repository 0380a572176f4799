"""What each plan of a batch costs at least: alone in the clinic, or left out."""

from collections.abc import Iterator

from coordinator.scheduling import search
from coordinator.scheduling.batch.schedule import Placed
from coordinator.scheduling.problem import Problem
from coordinator.scheduling.run import Run


class Floors:
    """A floor for each plan, that grows; ``total`` is that of the whole batch.

    ``alone`` has the best place of a plan in a clinic without the others, once it is known; None: there is none.
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.prospects = {plan.key: search.Prospects(problem, plan) for plan in problem.plans}
        self.of = dict.fromkeys(self.prospects, 0)
        self.alone: dict[str, Placed | None] = {}
        self._nowhere: dict[str, bool] = {}
        self._together = 0

    @property
    def total(self) -> int:
        """No schedule costs less."""
        return max(self._together, sum(self.of.values()))

    def raise_total(self, bound: int) -> None:
        """Note what all plans together cost at least."""
        self._together = max(self._together, bound)

    @property
    def known(self) -> bool:
        """Whether every plan has been searched alone."""
        return len(self.alone) == len(self.of)

    def never(self, key: str) -> bool:
        """Whether it is proven that a plan cannot be placed, not even alone."""
        return self._nowhere.get(key, False)

    def look(self, run: Run) -> None:
        """See what dates alone say of each plan."""
        for key, prospects in self.prospects.items():
            if run.over:
                return
            floor = prospects.look(run)
            self._raise(key, floor)
            if floor is None:
                self.alone[key], self._nowhere[key] = None, True

    def sharpen(self, run: Run) -> Iterator[str]:
        """Search for each plan alone, the work that there is shared among them; names each as it was searched."""
        left = [key for key in self.of if key not in self.alone]
        for index, key in enumerate(left):
            if run.over:
                return
            found = search.best(self.prospects[key], run.part(2 / (len(left) - index)))
            self._raise(key, None if found.done and found.proposal is None else found.bound)
            if found.done and found.proposal is not None and found.cost is not None:
                cheap = found.cost <= self.problem.weights.unplaced
                self.alone[key] = Placed(found.proposal, found.cost) if cheap else None
            elif found.done:
                self.alone[key], self._nowhere[key] = None, True
            yield key

    def _raise(self, key: str, floor: int | None) -> None:
        """Note a floor; None: the plan cannot be placed."""
        unplaced = self.problem.weights.unplaced
        self.of[key] = unplaced if floor is None else max(self.of[key], min(floor, unplaced))

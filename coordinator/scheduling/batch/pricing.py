"""A better bound for many plans, and better schedules: what is short gets a price, and each plan is searched with it.

The prices come from the cheapest mix of all ways to book each plan that are known; with them new ways are found that
make the mix cheaper, until there are none. What the plans cost with the prices, less what the prices are paid for, is
a bound: no schedule costs less (Lagrange; the mix is the linear programme of Dantzig and Wolfe).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from math import gcd

from coordinator.scheduling import claims, costs, search
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.batch.crowds import Crowd, Crowds
from coordinator.scheduling.batch.floors import Floors
from coordinator.scheduling.batch.mixing import Mix, Option
from coordinator.scheduling.batch.naming import Naming
from coordinator.scheduling.batch.schedule import Placed
from coordinator.scheduling.journey.modes import Use
from coordinator.scheduling.journey.tolls import Tolls
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Problem, Weights
from coordinator.scheduling.roles import Thing
from coordinator.scheduling.run import Run

FINE = 16  # parts of a unit of cost in which prices are counted
PART = 0.3  # of the way from the prices with the best bound to those of the mix, for the next round


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to: no schedule costs less than ``bound``; ``last``: further rounds bring nothing."""

    bound: int
    last: bool


class Pricing:
    """All plans of a batch, the ways to book them that are known, and the best bound so far."""

    def __init__(self, problem: Problem, floors: Floors) -> None:
        self.problem, self.floors = _finer(problem), floors
        self.problem.openings.far = problem.minutes // problem.grid
        self.prospects = {plan.key: search.Prospects(self.problem, plan) for plan in problem.plans}
        self.mix = Mix(Crowds(problem), FINE * max(problem.weights.visit_day, 1))
        self._best, self._prices = FINE * floors.total, dict[Crowd, int]()
        self._grain = _grain(problem)
        self._known: dict[str, list[Option]] = defaultdict(list)
        self._plain = {key for key, each in self.prospects.items() if _is_plain(each)}
        for key in self.prospects:
            self._add(Option(key, None, FINE * problem.weights.unplaced))
        self.know(each.proposal for each in floors.alone.values() if each is not None)

    def know(self, proposals: Iterable[Proposal]) -> int:
        """Take note of ways to book plans; how many of them are new."""
        added = 0
        for each in proposals:
            cost = costs.cost(self.problem, each).total
            plain = each.plan in self._plain
            uses = self.prospects[each.plan][each.location].uses(each) if plain else self._as_placed(each)
            added += self._add(Option(each.plan, Placed(each, cost // FINE), cost, uses))
        return added

    def _as_placed(self, proposal: Proposal) -> tuple[Use, ...]:
        """What a proposal uses, if nothing of it can be exchanged."""
        grid, things, steps = self.problem.grid, self.problem.things, self.problem.plan[proposal.plan].steps
        taken = (claim for step in steps for claim in claims.of_step(step, proposal.steps[step.key]))
        return tuple(
            Use(frozenset([things[each.resource]]), -(-each.start // grid), -(-each.end // grid))
            for each in taken
        )

    def _add(self, option: Option) -> bool:
        if self.mix.add(option):
            self._known[option.plan].append(option)
            return True
        return False

    @property
    def bound(self) -> int:
        """No schedule costs less."""
        least = -(-self._best // FINE)
        return -(-least // self._grain) * self._grain

    def choice(self, run: Run) -> dict[str, Placed]:
        """The cheapest choice of known ways for all plans, as far as some work finds it."""
        chosen = self.mix.whole(run)
        return {option.plan: option.placed for option in chosen if option.placed is not None}

    def named(self, proposals: Iterable[Proposal], run: Run) -> list[Proposal] | None:
        """The same at the same times and prices, so that none takes what another has; None: it cannot be."""
        if not self._plain.issuperset(self.prospects):
            return None
        return Naming(
            (self.prospects[each.plan][each.location].window.ways, each) for each in proposals
        ).find(run)

    def rounds(self, run: Run) -> Iterator[Round]:
        """Round after round, until nothing is left to be found."""
        part = PART
        while not run.over:
            mixed = self.mix.by_shares()
            prices = self._towards(mixed.prices, part)
            bound, added = self._round(prices, run)
            if bound is None:
                return
            if bound > self._best:
                self._best, self._prices = bound, prices
            settled = not added and part == 1
            if settled and not mixed.fits:
                self.mix.most *= 2
            part = PART if added else 1
            yield Round(self.bound, mixed.fits and (settled or FINE * self.bound >= mixed.total))

    def _towards(self, prices: Mapping[Crowd, float], part: float) -> dict[Crowd, int]:
        """Prices between the best ones so far and others."""
        crowds = dict.fromkeys([*prices, *self._prices])
        made = {each: round(part * prices.get(each, 0) + (1 - part) * self._prices.get(each, 0))
                for each in crowds}  # fmt: skip
        return {each: price for each, price in made.items() if price}

    def _round(self, prices: Mapping[Crowd, int], run: Run) -> tuple[int | None, int]:
        """The bound of some prices, and how many ways were new; no bound where time ran out."""
        tolls = self._tolls(prices)
        bound, added = -sum(price * self.mix.crowds.room(crowd) for crowd, price in prices.items()), 0
        for key in self.prospects:
            least, found = self._alone(key, tolls, run)
            if run.over:
                return None, added
            bound += least
            added += 0 if found is None else self.know([found])
        return bound, added

    def _tolls(self, prices: Mapping[Crowd, int]) -> Tolls:
        by_things: dict[frozenset[Thing], dict[int, int]] = defaultdict(dict)
        for (things, tick), price in prices.items():
            by_things[things][tick] = price
        return Tolls(by_things, self.mix.crowds.ticks)

    def _alone(self, key: str, tolls: Tolls, run: Run) -> tuple[int, Proposal | None]:
        """What a plan costs at least with tolls, and a way that is cheaper than those that are known."""
        floor = FINE * self.floors.of[key]
        known = min(option.cost + tolls.of(option.uses) for option in self._known[key])
        if self.floors.never(key) or floor >= known or key not in self._plain:
            return min(floor, known), None
        found = search.best(self.prospects[key].tolled(tolls), run, Limits(below=known))
        least = known if found.done and found.proposal is None else min(known, found.bound)
        return max(floor, least), found.proposal


def _is_plain(prospects: search.Prospects) -> bool:
    """Whether a plan can be searched with prices: from date to date, and however long its dates are."""
    plan = prospects.plan
    return plan.max_day_minutes is None and all(prospects[place].plain for place in plan.locations)


def _finer(problem: Problem) -> Problem:
    """The same with costs in smaller parts."""
    weights = problem.weights
    finer = {name: FINE * getattr(weights, name) for name in Weights.__dataclass_fields__}
    return replace(problem, weights=Weights(**finer))


def _grain(problem: Problem) -> int:
    """What every cost is a multiple of."""
    weights = problem.weights
    minutes = {phase.minutes for plan in problem.plans for step in plan.steps for phase in step.phases}
    others = (getattr(weights, name) for name in Weights.__dataclass_fields__ if name != "wait_minute")
    return gcd(*others, weights.wait_minute * gcd(problem.grid, *minutes)) or 1

"""The known ways to book each plan, and which to take: by shares, with a price for what is short, or one each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ortools.linear_solver.python import model_builder as linear
from ortools.sat.python import cp_model

from coordinator.scheduling.batch.crowds import Crowd, Crowds, Shared
from coordinator.scheduling.batch.schedule import Placed
from coordinator.scheduling.journey.modes import Use
from coordinator.scheduling.run import PER_SECOND, Run

WORK = 2.0  # of the solver's own measure of work, for one choice of whole options


@dataclass(frozen=True, slots=True)
class Option:
    """One way to book a plan, or (``placed`` None) to leave it out."""

    plan: str
    placed: Placed | None
    cost: int
    uses: tuple[Use, ...] = ()


@dataclass(frozen=True, slots=True)
class Mixed:
    """The cheapest mix: a share of each option, what it costs, a price for each crowd, and whether nobody had to be
    let off (``fits``)."""

    shares: list[float]
    total: float
    prices: Mapping[Crowd, float]
    fits: bool


class Mix:
    """Options of all plans, and the crowds that were found overfull."""

    def __init__(self, crowds: Crowds, most: int) -> None:
        """``most``: what it costs at most to go beyond what there is, for the time being."""
        self.crowds, self.most = crowds, most
        self.options: list[Option] = []
        self._known: set[object] = set()
        self._found: dict[Crowd, list[tuple[int, int]]] = {}

    def add(self, option: Option) -> bool:
        """Know one option more; False if it was known."""
        proposal = option.placed and option.placed.proposal
        asked = option.plan, proposal and (proposal.location, tuple(proposal.steps.items()))
        if asked in self._known:
            return False
        self._known.add(asked)
        for crowd, users in self._found.items():
            self._count(crowd, users, len(self.options), option)
        self.options.append(option)
        return True

    def _count(self, crowd: Crowd, users: list[tuple[int, int]], index: int, option: Option) -> None:
        things, tick = crowd
        used = sum(1 for of, low, high in option.uses if low <= tick < high and of <= things)
        if used:
            users.append((index, used))

    def _see(self, crowds: Iterable[Crowd]) -> bool:
        """Know the crowds that are too full; whether there are new ones."""
        new = [crowd for crowd in crowds if crowd not in self._found]
        for crowd in new:
            users = self._found[crowd] = []
            for index, option in enumerate(self.options):
                self._count(crowd, users, index, option)
        return bool(new)

    def by_shares(self) -> Mixed:
        """The cheapest mix in which nothing is overfull."""
        while True:
            mixed = self._relaxed()
            wanted = zip(mixed.shares, self.options, strict=True)
            if not self._see(
                self.crowds.overfull(Shared(share, each.uses) for share, each in wanted if share > 0)
            ):
                return mixed

    def _relaxed(self) -> Mixed:
        model = linear.Model()  # type: ignore[no-untyped-call]
        shares = [model.new_num_var(0, 1, "") for _ in self.options]
        beyond = {crowd: model.new_num_var(0, 1e6, "") for crowd in self._found}
        for mine in self._by_plan().values():
            model.add(sum(shares[index] for index in mine) == 1)
        limits = {
            crowd: model.add(
                sum(shares[index] * used for index, used in users) - beyond[crowd] <= self.crowds.room(crowd)
            )
            for crowd, users in self._found.items()
        }
        costs = sum(option.cost * share for option, share in zip(self.options, shares, strict=True))
        model.minimize(costs + self.most * sum(beyond.values()))
        solver = linear.Solver("GLOP")
        if solver.solve(model) != linear.SolveStatus.OPTIMAL:
            raise AssertionError("every plan may be left out")
        prices = {crowd: max(0.0, -solver.dual_value(limit)) for crowd, limit in limits.items()}
        fits = all(solver.value(each) < 1e-6 for each in beyond.values())
        return Mixed([solver.value(each) for each in shares], solver.objective_value, prices, fits)

    def whole(self, run: Run) -> list[Option]:
        """The cheapest choice of one option for each plan, as far as so much work finds it."""
        while True:
            chosen = [self.options[index] for index in self._whole(run)]
            full = self.crowds.overfull(Shared(1.0, each.uses) for each in chosen)
            if not self._see(full or self.crowds.short([use for each in chosen for use in each.uses])):
                return chosen

    def _whole(self, run: Run) -> list[int]:
        model = cp_model.CpModel()
        taken = [model.new_bool_var("") for _ in self.options]
        for mine in self._by_plan().values():
            model.add_exactly_one(taken[index] for index in mine)
        for crowd, users in self._found.items():
            model.add(sum(taken[index] * used for index, used in users) <= self.crowds.room(crowd))
        model.minimize(sum(option.cost * each for option, each in zip(self.options, taken, strict=True)))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers, solver.parameters.random_seed = 1, run.seed
        solver.parameters.max_deterministic_time = WORK
        status = solver.solve(model)
        run.did(PER_SECOND * solver.deterministic_time)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return [next(index for index in mine if self.options[index].placed is None)
                    for mine in self._by_plan().values()]  # fmt: skip
        return [index for index, each in enumerate(taken) if solver.boolean_value(each)]

    def _by_plan(self) -> dict[str, list[int]]:
        found = defaultdict(list)
        for index, option in enumerate(self.options):
            found[option.plan].append(index)
        return found

"""One run of the solver over one model, and the proposal that it stands for."""

import threading
from math import inf

from ortools.sat.python import cp_model

from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Placement, Step
from coordinator.scheduling.roles import Role
from coordinator.scheduling.run import PER_SECOND, Found, Run
from coordinator.scheduling.site import Domains, Site
from coordinator.scheduling.solver import visits
from coordinator.scheduling.solver.binding import Binding
from coordinator.scheduling.solver.choices import Choices
from coordinator.scheduling.solver.model import Model

MANY = 20  # roles with a choice, from which on a linear relaxation costs more than it tells (measured)


class Solving:
    """A model of a site within its narrowed starts, ready to be solved."""

    def __init__(self, site: Site, domains: Domains, limits: Limits, binding: Binding, floor: int) -> None:
        self.site, self.domains = site, domains
        self.model = Model(site, domains, limits)
        visits.add(self.model)
        self.choices = Choices(self.model, binding)
        rank = site.problem.weights.location_rank * site.rank
        self.total = sum(self.model.cost) + rank + 0 * self.model.finish
        if limits.below is not None:
            self.model.model.add(self.total <= limits.below - 1)
        self.decided = limits.below == floor + 1
        if floor:
            self.model.model.add(self.total >= floor)
        if not self.decided:
            self.model.model.minimize(self.total)

    def run(self, run: Run, hint: Proposal | None = None, work: float | None = None) -> Found:
        """Solve, within the seconds that are left, and with no more work than that (the solver's own seconds)."""
        if hint is not None:
            for key, tick in self.model.tick.items():
                self.model.model.add_hint(tick, hint.steps[key].start // self.site.grid)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.random_seed = run.seed
        solver.parameters.linearization_level = 0 if len(self.choices.pick) > MANY else 2
        solver.parameters.symmetry_level = 0  # else OR-Tools 9.15 fails with an IndexError on some models
        solver.parameters.max_time_in_seconds = run.left
        left = run.work_left / PER_SECOND
        if work is not None or left < inf:
            solver.parameters.max_deterministic_time = left if work is None else min(work, left)
        status = _solve(solver, self.model.model, run)
        run.did(PER_SECOND * solver.deterministic_time)
        if status == cp_model.MODEL_INVALID:
            raise RuntimeError(f"the solver refused its model: {self.model.model.validate()}")
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            done = status == cp_model.OPTIMAL
            cost = solver.value(self.total)
            bound = cost if done else _up(solver.best_objective_bound)
            return Found(proposal=self._proposal(solver), cost=cost, bound=bound, done=done)
        none = status == cp_model.INFEASIBLE
        return Found(
            proposal=None, cost=None, bound=0 if none else max(0, _up(solver.best_objective_bound)), done=none
        )

    def _proposal(self, solver: cp_model.CpSolver) -> Proposal:
        steps = {key: self._placement(solver, step) for key, step in self.site.steps.items()}
        return Proposal(plan=self.site.plan.key, location=self.site.location, steps=steps)

    def _placement(self, solver: cp_model.CpSolver, step: Step) -> Placement:
        tick = solver.value(self.model.tick[step.key])
        uses = [["" for _ in phase.needs] for phase in step.phases]
        for role in self.site.roles[step.key]:
            name = self._name(solver, role, tick)
            for part in role.parts:
                uses[part.phase][part.index] = name
        return Placement(start=tick * self.site.grid, uses=tuple(tuple(names) for names in uses))

    def _name(self, solver: cp_model.CpSolver, role: Role, tick: int) -> str:
        """Who fills a role: as chosen, else who was booked, else who is preferred, else the first who is free."""
        if role in self.choices.pick:
            return next(name for name, flag in self.choices.pick[role].items() if solver.value(flag))
        able = [name for name, ticks in role.starts.items() if ticks >> tick & 1]
        was = self.site.plan.booked.get(role.step)
        booked = {name for names in was.uses for name in names} if was else set()
        liked = {self.site.things[name] for name in self.site.steps[role.step].prefer}
        return min(
            able, key=lambda name: (name not in booked, self.site.things[name] not in liked, able.index(name))
        )


def _up(bound: float) -> int:
    """A bound of whole costs: up to the next whole number, but for what rounding may have done."""
    return -int(-(bound - 1e-6) // 1) if bound > -1e15 else 0


def _solve(solver: cp_model.CpSolver, model: cp_model.CpModel, run: Run) -> cp_model.CpSolverStatus:
    """Solve; where someone may cancel, ask now and then."""
    if run.cancelled is None:
        return solver.solve(model)
    finished = threading.Event()

    def watch() -> None:
        while not finished.wait(0.05):
            if run.cancelled is not None and run.cancelled():
                solver.stop_search()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        return solver.solve(model)
    finally:
        finished.set()
        watcher.join()

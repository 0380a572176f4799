"""Who and what serves the plans of a schedule whose times are chosen: for everybody at once, so that it comes out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ortools.sat.python import cp_model

from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.journey.modes import Ways
from coordinator.scheduling.problem import Interval, Placement, Step
from coordinator.scheduling.roles import Thing
from coordinator.scheduling.run import PER_SECOND, Run

WORK = 2.0  # of the solver's own measure of work


class Naming:
    """Proposals of different plans, whose resources may be exchanged for others at the same price."""

    def __init__(self, proposals: Iterable[tuple[Ways, Proposal]]) -> None:
        self.proposals = list(proposals)
        self.model = cp_model.CpModel()
        self._taken: dict[Thing, list[tuple[Interval, cp_model.IntVar]]] = defaultdict(list)
        self._names: dict[tuple[str, str, int], list[tuple[str, cp_model.IntVar]]] = {}
        for ways, proposal in self.proposals:
            for key, placed in proposal.steps.items():
                self._add(ways, proposal.plan, ways.site.steps[key], placed)
        for taken in self._taken.values():
            for (moment, _), _ in taken:
                self.model.add_at_most_one(each for (low, high), each in taken if low <= moment < high)

    def _add(self, ways: Ways, plan: str, step: Step, placed: Placement) -> None:
        """The choices for one step, for no more than it costs now."""
        names_now = {name for names in placed.uses for name in names}
        likes, liking, tick = ways.likes(step), [], placed.start // ways.site.grid
        servers, mode = ways.of_placement(step.key, placed)
        only = dict(mode.only)
        for number, (role, able) in enumerate(ways.fillers(step.key, dict(servers))):
            names = [
                name for name in able if role.starts[name] >> tick & 1 and name in only.get(number, able)
            ]
            chosen = [(name, self.model.new_bool_var("")) for name in names]
            self.model.add_exactly_one(each for _, each in chosen)
            self._names[plan, step.key, number] = chosen
            for name, each in chosen:
                liking += [each] if name in likes else []
                for low, high in role.spans:
                    span = placed.start + low, placed.start + high
                    self._taken[ways.site.things[name]].append((span, each))
        if step.prefer and not likes.isdisjoint(names_now):
            self.model.add_bool_or(liking)

    def find(self, run: Run) -> list[Proposal] | None:
        """The proposals with names that do not clash; None: there are none, or too hard to find."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers, solver.parameters.max_deterministic_time = 1, WORK
        status = solver.solve(self.model)
        run.did(PER_SECOND * solver.deterministic_time)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        chosen = {post: next(name for name, each in names if solver.boolean_value(each))
                  for post, names in self._names.items()}  # fmt: skip
        return [Proposal(plan=was.plan, location=was.location, steps=dict(_renamed(ways, was, chosen)))
                for ways, was in self.proposals]  # fmt: skip


def _renamed(
    ways: Ways, was: Proposal, chosen: Mapping[tuple[str, str, int], str]
) -> Iterator[tuple[str, Placement]]:
    for key, placed in was.steps.items():
        uses = [list(names) for names in placed.uses]
        for number, role in enumerate(ways.site.roles[key]):
            for part in role.parts:
                uses[part.phase][part.index] = chosen[was.plan, key, number]
        yield key, Placement(start=placed.start, uses=tuple(map(tuple, uses)))

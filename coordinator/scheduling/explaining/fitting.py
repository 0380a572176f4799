"""Whether variants of a plan fit: by dates where those say it, by a quick try, or else by a search."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from coordinator.scheduling import rules, search
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.explaining import hurry, loose, ties
from coordinator.scheduling.explaining.circles import Clash
from coordinator.scheduling.explaining.ground import Ground, Serving
from coordinator.scheduling.explaining.serving import Cut, cuts
from coordinator.scheduling.explaining.ties import Tie
from coordinator.scheduling.explaining.witness import Witness
from coordinator.scheduling.problem import Plan, Problem
from coordinator.scheduling.run import Run
from coordinator.scheduling.site import Site


@dataclass(frozen=True, slots=True)
class Left:
    """The dates that are left to each step in one location, for one way to serve the series."""

    ground: Ground
    serving: Serving
    dates: Mapping[str, int]
    tied: list[Tie]


class Fitting:
    """A plan in all its locations, with what is known of its steps in any variant."""

    def __init__(
        self, problem: Problem, plan: Plan, run: Run, sites: Mapping[str, Site] | None = None
    ) -> None:
        """``sites``: what is known already of locations over the whole horizon."""
        self.problem, self.plan, self.run, self.sites = problem, plan, run, sites or {}
        self._grounds: dict[str, Ground] = {}
        self._minutes = {step.key: step.minutes for step in plan.steps}

    def ground(self, location: str) -> Ground:
        """What is known of a location."""
        if location not in self._grounds:
            site = self.sites.get(location) or Site(self.problem, self.plan, location)
            self._grounds[location] = Ground(site)
        return self._grounds[location]

    def clash(self, plan: Plan) -> Clash | None:
        """The proof that a variant fits in no location, if dates alone prove it."""
        steps: set[str] = set()
        sources: set[tuple[str, int]] = set()
        for _, (serving, left) in self._cut(plan, ties.of(plan, self._minutes)):
            if not isinstance(left, Clash):
                return None
            steps |= left.steps
            sources |= left.sources | {("series", number) for number in serving}
        return Clash(frozenset(steps), frozenset(sources))

    def left(self, plan: Plan) -> Iterator[Left]:
        """What dates leave to the steps of a variant: for each location and way to serve where that is something."""
        tied = ties.of(plan, self._minutes)
        for ground, (serving, left) in self._cut(plan, tied):
            if not isinstance(left, Clash):
                yield Left(ground, serving, left, tied)

    def _cut(self, plan: Plan, tied: list[Tie]) -> Iterator[tuple[Ground, Cut]]:
        """For each location and way to serve what ties leave of the dates, or why they leave nothing."""
        circle = hurry.clash(plan, self._minutes, self.problem.grid)
        if circle is not None:
            yield self.ground(plan.locations[0]), ({}, circle)
            return
        for location in plan.locations:
            ground = self.ground(location)
            yield from ((ground, cut) for cut in cuts(ground, plan, tied))

    def witness(self, plan: Plan, among: Iterable[Left]) -> Proposal | None:
        """A proposal for a variant, if a quick try finds one."""
        problem = self.with_plan(plan)
        for left in among:
            found = Witness(left.ground, plan, left.serving, left.dates, left.tied).find()
            if found is not None and not any(rules.violations(problem, found)):
                return found
        return None

    def with_plan(self, plan: Plan) -> Problem:
        """The problem with a variant in place of the plan."""
        plans = tuple(plan if each.key == plan.key else each for each in self.problem.plans)
        made = replace(self.problem, plans=plans)
        for known in ("openings", "able", "things", "resource"):
            made.__dict__[known] = getattr(self.problem, known)
        return made

    def fits(self, plan: Plan) -> bool | None:
        """Whether a variant can be placed at all, whatever it costs; None where time ran out."""
        fewer, some = loose.without(self.problem, plan), False
        for left in self.left(fewer):
            some = True
            if self.witness(fewer, (left,)) is not None:
                return True
        return some and search.fits(self.with_plan(fewer), fewer, self.run)

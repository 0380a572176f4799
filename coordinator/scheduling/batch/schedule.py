"""A schedule of many plans: who is placed where, and what that leaves of the clinic. Values; a change makes another."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from coordinator.scheduling import claims, costs, remainder, rules, search
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Placement, Plan, Problem, Step
from coordinator.scheduling.run import Run
from coordinator.scheduling.search import Best


@dataclass(frozen=True, slots=True)
class Placed:
    """A proposal that is in the schedule, and its cost."""

    proposal: Proposal
    cost: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """``left`` is the clinic with the time that nobody takes: neither plans that are placed nor those that still hold
    what they have booked (``held``, until they are placed)."""

    clinic: Problem
    left: Problem
    placed: dict[str, Placed]
    held: dict[str, Proposal]
    total: int

    @classmethod
    def empty(cls, problem: Problem, *, hold: bool = True) -> "Schedule":
        """Nothing is placed, and (with ``hold``) every plan holds what it has booked and can keep."""
        problem.openings.far = problem.minutes // problem.grid
        left, held = problem, {}
        for plan in problem.plans if hold else ():
            kept = keepable(left, plan)
            if kept is not None:
                left, held[plan.key] = remainder.after(left, kept), kept
        return cls(problem, left, {}, held, problem.weights.unplaced * len(problem.plans))

    def without(self, keys: Iterable[str]) -> "Schedule":
        """The same with some plans taken out."""
        made = self
        for key in keys:
            if key in made.placed:
                gone = made.placed[key]
                left = remainder.before(made.left, self.clinic, gone.proposal)
                placed = {other: each for other, each in made.placed.items() if other != key}
                total = made.total + left.weights.unplaced - gone.cost
                made = replace(made, left=left, placed=placed, total=total)
        return made

    def _letting_go(self, key: str) -> "Schedule":
        """The same where a plan no longer holds what it has booked."""
        if key not in self.held:
            return self
        left = remainder.before(self.left, self.clinic, self.held[key])
        return replace(
            self, left=left, held={other: each for other, each in self.held.items() if other != key}
        )

    def _with(self, key: str, found: Best) -> "Schedule":
        """The same with one plan more, where it was found a place."""
        if found.proposal is None or found.cost is None:
            return self
        left = remainder.after(self.left, found.proposal)
        placed = self.placed | {key: Placed(found.proposal, found.cost)}
        return replace(self, left=left, placed=placed, total=self.total + found.cost - left.weights.unplaced)

    def with_proposal(self, proposal: Proposal) -> "Schedule":
        """With one more plan at a place that was found elsewhere, if it is still free."""
        free = self._letting_go(proposal.plan)
        if any(rules.violations(free.left, proposal)):
            return self
        cost = costs.cost(free.left, proposal).total
        return free._with(proposal.plan, Best(proposal=proposal, cost=cost, bound=cost, done=False))

    def soon(self, key: str, run: Run) -> "Schedule":
        """With a good place for one more plan, found soon; the best one where there is no other way to find any."""
        free = self._letting_go(key)
        found = search.soon(search.Prospects(free.left, free.left.plan[key]), run, self._limits)
        return free.best(key, run) if found.proposal is None else free._with(key, found)

    def best(self, key: str, run: Run) -> "Schedule":
        """With the best place for one more plan."""
        free = self._letting_go(key)
        return free._with(
            key, search.best(search.Prospects(free.left, free.left.plan[key]), run, self._limits)
        )

    def like(self, key: str, alone: Placed, run: Run) -> "Schedule":
        """With one more plan as it would be alone: the same, or at the same times for the same price, or its best."""
        free = self._letting_go(key)
        if not any(rules.violations(free.left, alone.proposal)):
            return free._with(
                key, Best(proposal=alone.proposal, cost=alone.cost, bound=alone.cost, done=True)
            )
        there = search.Prospects(free.left, _at_times_of(free.left.plan[key], alone.proposal))
        found = search.best(there, run, Limits(below=alone.cost + 1), (alone.proposal.location,))
        return free.best(key, run) if found.proposal is None else free._with(key, found)

    @property
    def _limits(self) -> Limits:
        """A place that costs more than none is none."""
        return Limits(below=self.clinic.weights.unplaced + 1)


def keepable(problem: Problem, plan: Plan) -> Proposal | None:
    """What a plan has booked and can keep: the steps whose resources are still free at their times."""
    if plan.booked_location not in plan.locations:
        return None
    steps = {step.key: plan.booked[step.key] for step in plan.steps
             if step.key in plan.booked and _is_free(problem, step, plan.booked[step.key])}  # fmt: skip
    return Proposal(plan=plan.key, location=plan.booked_location, steps=steps) if steps else None


def _is_free(problem: Problem, step: Step, placed: Placement) -> bool:
    """Whether everything that a step has booked is there and free."""
    if [len(names) for names in placed.uses] != [len(phase.needs) for phase in step.phases]:
        return False
    taken = list(claims.of_step(step, placed))
    return all(
        claim.resource in problem.resource
        and remainder.covers(problem.resource[claim.resource].free, (claim.start, claim.end))
        for claim in taken
    )


def _at_times_of(plan: Plan, proposal: Proposal) -> Plan:
    """A plan whose steps can start only when they do in a proposal."""
    starts = {key: placed.start for key, placed in proposal.steps.items()}
    steps = (replace(step, windows=((starts[step.key], starts[step.key] + step.minutes),)) if step.phases else step
             for step in plan.steps)  # fmt: skip
    return replace(plan, steps=tuple(steps))

"""Other proposals for a plan, each the best of its kind, with what is better and worse about it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from coordinator.scheduling import claims, days, rules, search
from coordinator.scheduling.answer import Alternative, Change, Cost, Proposal
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Plan, Problem
from coordinator.scheduling.roles import Thing
from coordinator.scheduling.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of alternative: in which problem, locations and limits it is the best."""

    name: str
    problem: Problem
    limits: Limits
    locations: tuple[str, ...]


def of(prospects: search.Prospects, first: Proposal, run: Run, most: int) -> tuple[Alternative, ...]:
    """At most so many alternatives to ``first``, all different, in the order of bench/FORMAT.md."""
    made: list[Alternative] = []
    if most == 0:
        return ()
    problem, plan = prospects.problem, prospects.plan
    kinds = list(_kinds(problem, plan, first))
    for index, kind in enumerate(kinds):
        share = run.part(1 / (len(kinds) - index))
        among = prospects if kind.problem is problem else search.Prospects(kind.problem, plan)
        found = search.best(among, share, kind.limits, kind.locations)
        known = [first, *(each.proposal for each in made)]
        if found.proposal is None or any(found.proposal.steps == each.steps for each in known):
            continue
        made.append(_alternative(problem, kind, first, found))
        if len(made) == most:
            break
    return tuple(made)


def _alternative(problem: Problem, kind: Kind, first: Proposal, found: search.Best) -> Alternative:
    assert found.proposal is not None
    for broken in rules.violations(problem, found.proposal):
        raise RuntimeError(f"an alternative breaks a rule: {broken.step}: {broken.rule}: {broken.text}")
    cost, before = rules.cost(problem, found.proposal), rules.cost(problem, first)
    if cost.total != found.cost:
        raise RuntimeError(f"an alternative states cost {found.cost}, it is {cost}")
    return Alternative(
        kind=kind.name, proposal=found.proposal, cost=cost.total, bound=found.bound,
        better=tuple(_less(cost, before)), worse=tuple(_less(before, cost)),
    )  # fmt: skip


def _less(one: Cost, other: Cost) -> Iterator[Change]:
    """The parts of which ``one`` has fewer units."""
    mine, theirs = one.units(), other.units()
    return (Change(what=name, by=theirs[name] - mine[name]) for name in mine if mine[name] < theirs[name])


def _kinds(problem: Problem, plan: Plan, first: Proposal) -> Iterator[Kind]:
    """What each kind asks for; a kind that can have no proposal is left out."""
    cost, anywhere = rules.cost(problem, first), plan.locations

    def kind(
        name: str, limits: Limits, places: tuple[str, ...] = anywhere, clinic: Problem = problem
    ) -> Kind:
        return Kind(name=name, problem=clinic, limits=limits, locations=places)

    if elsewhere := tuple(place for place in anywhere if place != first.location):
        yield kind("location", Limits(), elsewhere)
    if cost.finish_day > 0:
        yield kind("sooner", Limits(finish_most=cost.finish_day - 1))
    if cost.visit_day > 0:
        yield kind("fewer-visits", Limits(visits_most=cost.visit_day - 1))
    if who := _practitioner(problem, plan, first):
        yield kind("practitioner", Limits(), clinic=_without(problem, who))
    dates = frozenset(claims.visits(plan, first, days.of(problem, first.location)))
    if dates:
        yield kind("days", Limits(dates=dates, dates_most=(len(dates) - 1) // 2))


def _without(problem: Problem, who: Thing) -> Problem:
    """The clinic on a long leave of one thing."""
    resources = (replace(each, free=()) if each.thing == who else each for each in problem.resources)
    made = replace(problem, resources=tuple(resources))
    gone = [key for key, thing in problem.things.items() if thing == who]
    made.__dict__["openings"] = problem.openings.without(gone)
    return made


def _practitioner(problem: Problem, plan: Plan, first: Proposal) -> Thing | None:
    """Who serves the most steps. People are told from rooms by what is asked of them: a series or a preference names
    them, or else they come first in a phase."""
    served: dict[Thing, set[str]] = defaultdict(set)
    leading: dict[Thing, set[str]] = defaultdict(set)
    named = {series.capability for series in plan.series}
    wished = {claims.thing(problem, name) for step in plan.steps for name in step.prefer}
    for key, placed in first.steps.items():
        for names in placed.uses:
            for index, name in enumerate(names):
                thing = claims.thing(problem, name)
                if thing in wished or problem.resource[name].capabilities & named:
                    served[thing].add(key)
                if index == 0:
                    leading[thing].add(key)
    among = served or leading
    return max(sorted(among), key=lambda thing: len(among[thing]), default=None)

"""Who is missing for a step: capabilities that nobody has, or roles that are never free when they would have to be."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from coordinator.scheduling import bits
from coordinator.scheduling.explaining.fitting import Fitting
from coordinator.scheduling.explaining.ground import Ground
from coordinator.scheduling.problem import Need, Plan, Problem
from coordinator.scheduling.roles import Role

Wanted = tuple[int, tuple[str, ...]]
"""The first phase in which someone is needed, and the capabilities."""


@dataclass(frozen=True, slots=True)
class Scarce:
    """Roles of a step that are never free together, and between which dates the other rules would allow it."""

    wanted: list[Wanted]
    first: date | None
    last: date | None


@dataclass(frozen=True)
class Allowed:
    """The ticks in one location at which all other rules would allow a step."""

    ground: Ground
    plan: Plan
    step: str
    days: int
    bare: int

    @property
    def roles(self) -> list[Role]:
        """The roles of the step."""
        return self.ground.roles(self.plan, self.plan.step(self.step))

    @cached_property
    def ticks(self) -> int:
        """Its starts on the dates that are left."""
        return self.ground.site.on_days(self.bare, self.days)

    def free(self, among: list[int]) -> int:
        """Those at which some of the roles are free."""
        ticks = self.ticks
        for index in among:
            ticks &= self.roles[index].anyone()
        return ticks


def absent(problem: Problem, plan: Plan, step: str) -> tuple[str, ...]:
    """The capabilities of a need that nobody has, in any of the plan's locations."""
    for phase in plan.step(step).phases:
        for need in phase.needs:
            if not any(_able(problem, need, place) for place in plan.locations):
                return need.capabilities
    return ()


def _able(problem: Problem, need: Need, place: str) -> bool:
    asked = set(need.capabilities)
    among = problem.able.get((place, need.capabilities[0]), ()) if asked else problem.resources
    return any(each.location == place and each.capabilities >= asked for each in among)


def allowed(fitting: Fitting, plan: Plan, step: str, rest: Plan) -> list[Allowed]:
    """Where and when other rules (``rest``: the plan with only those) allow a step."""
    found: dict[str, int] = {}
    for left in fitting.left(rest):
        location = left.ground.site.location
        found[location] = found.get(location, 0) | left.dates[step]
    made = []
    for location, dates in found.items():
        ground = fitting.ground(location)
        made.append(Allowed(ground, plan, step, dates, ground.ticks(rest, rest.step(step), {})))
    return made


def scarce(fitting: Fitting, plan: Plan, step: str, rest: Plan) -> Scarce:
    """As few of a step's roles as are never free together while the other rules would allow the step."""
    places = allowed(fitting, plan, step, rest)
    roles = fitting.ground(plan.locations[0]).roles(plan, plan.step(step))
    kept = list(range(len(roles)))

    def never(among: list[int]) -> bool:
        return not any(place.free(among) for place in places)

    if never(kept):
        for index in reversed(list(kept)):
            without = [each for each in kept if each != index]
            kept = without if without and never(without) else kept
    parts = [roles[index].parts[0] for index in kept]
    wanted = [(part.phase, part.need.capabilities) for part in parts]
    if not places:
        return Scarce(wanted, None, None)
    first = places[0].ground.site.days.first
    low, high = bits.first(places[0].days), bits.last(places[0].days)
    return Scarce(wanted, date.fromordinal(first + low), date.fromordinal(first + high))

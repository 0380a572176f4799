"""Who and what a step needs: one role for each need, or for all needs of one label, and who could fill it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from coordinator.scheduling.openings import Openings
from coordinator.scheduling.problem import Need, Placement, Plan, Problem, Resource, Step

Thing = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One need of a role: in which phase and place of it, from when (minutes from the step's start), how long."""

    phase: int
    index: int
    offset: int
    minutes: int
    need: Need
    patient: bool

    def starts(self, resource: Resource, openings: Openings, most: int, *, before: bool, after: bool) -> int:
        """The ticks at which the step can start as far as this part, with set-up and cleaning, is concerned."""
        early = self.need.before if before else 0
        late = self.need.after if after else 0
        return openings.starts(
            resource.key, resource.free, self.offset - early, early + self.minutes + late, most
        )


@dataclass(frozen=True, eq=False)
class Role:
    """What one resource does in one step. ``tangled``: it could be one with another role of the step, so that
    choosing for the one matters to the other; ``starts`` then leave set-up and cleaning out."""

    step: str
    parts: tuple[Part, ...]
    starts: dict[str, int]
    tangled: bool

    @property
    def turnover(self) -> bool:
        """Whether there is set-up or cleaning."""
        return any(part.need.before or part.need.after for part in self.parts)

    @property
    def beside(self) -> bool:
        """Whether its claims reach beyond the time the patient is there."""
        return self.turnover or not all(part.patient for part in self.parts)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """For each part the minutes, from the step's start, for which it has its resource, turnover included."""
        last = len(self.parts) - 1
        return [
            (part.offset - (part.need.before if index == 0 else 0),
             part.offset + part.minutes + (part.need.after if index == last else 0))
            for index, part in enumerate(self.parts)
        ]  # fmt: skip

    def without(self, names: set[str]) -> "Role":
        """The same role, to be filled by others."""
        return replace(self, starts={name: ticks for name, ticks in self.starts.items() if name not in names})

    def within(self, step: str) -> "Role":
        """The same role in another step that asks for the same."""
        return (
            self if step == self.step else known(step, self.parts, self.starts, self.tangled, self.anyone())
        )

    def anyone(self) -> int:
        """The ticks at which someone could fill it."""
        return self._anyone

    @cached_property
    def _anyone(self) -> int:
        return self.by(self.starts)

    def by(self, names: Iterable[str]) -> int:
        """The ticks at which one of some resources could fill it."""
        made = 0
        for name in names:
            made |= self.starts.get(name, 0)
        return made


def known(step: str, parts: tuple[Part, ...], starts: dict[str, int], tangled: bool, anyone: int) -> Role:
    """A role of which it is known when anyone could fill it."""
    made = Role(step, parts, starts, tangled)
    made.__dict__["_anyone"] = anyone
    return made


@dataclass(frozen=True, slots=True)
class Duty:
    """A role before anybody's time is looked at: ``who`` could fill it if they had the time."""

    parts: tuple[Part, ...]
    who: list[Resource]
    tangled: bool

    @property
    def asked(self) -> tuple[object, ...]:
        """What says who could fill it, and when."""
        return tuple((part.offset, part.minutes, part.need) for part in self.parts)

    def starts(self, resource: Resource, openings: Openings, most: int) -> int:
        """The ticks at which one resource is free for all of it."""
        made, last = -1, len(self.parts) - 1
        for number, part in enumerate(self.parts):
            before, after = number == 0 and not self.tangled, number == last and not self.tangled
            made &= part.starts(resource, openings, most, before=before, after=after)
        return made


def duties(problem: Problem, step: Step, location: str, was: Placement | None = None) -> list[Duty]:
    """What a step asks for at a location; where it is pinned, of those who ``was`` booked."""
    grouped = [(parts, _candidates(problem, parts, location, was)) for parts in _grouped(step)]
    made = []
    for index, (parts, who) in enumerate(grouped):
        others = [grouped[other] for other in range(len(grouped)) if other != index]
        made.append(Duty(parts, who, any(_tangled((parts, who), other) for other in others)))
    return made


def of_step(
    problem: Problem, plan: Plan, step: Step, location: str, openings: Openings, most: int
) -> list[Role]:
    """The roles of a step at a location, with everyone who could fill them at some time up to a tick."""
    made = []
    for duty in duties(problem, step, location, plan.booked[step.key] if step.key in plan.pinned else None):
        starts = {each.key: duty.starts(each, openings, most) for each in duty.who}
        made.append(
            Role(step.key, duty.parts, {name: ticks for name, ticks in starts.items() if ticks}, duty.tangled)
        )
    return made


def _grouped(step: Step) -> list[tuple[Part, ...]]:
    """The needs of a step, those of one label together."""
    found: dict[object, list[Part]] = {}
    for number, (phase, offset) in enumerate(zip(step.phases, step.offsets(), strict=True)):
        for index, need in enumerate(phase.needs):
            part = Part(number, index, offset, phase.minutes, need, phase.patient)
            found.setdefault((number, index) if need.label is None else need.label, []).append(part)
    return [tuple(parts) for parts in found.values()]


def _candidates(
    problem: Problem, parts: tuple[Part, ...], location: str, was: Placement | None
) -> list[Resource]:
    """Who has all that a role asks for; where the step is pinned, only who was booked."""
    asked = {capability for part in parts for capability in part.need.capabilities}
    some = min(asked, key=lambda each: len(problem.able.get((location, each), ())), default=None)
    among = problem.resources if some is None else problem.able.get((location, some), ())
    able = [each for each in among if each.location == location and each.capabilities >= asked]
    if was is None:
        return able
    try:
        named = {was.uses[part.phase][part.index] for part in parts}
    except IndexError:
        return []
    return [each for each in able if named == {each.key}]


def _tangled(
    one: tuple[tuple[Part, ...], list[Resource]], other: tuple[tuple[Part, ...], list[Resource]]
) -> bool:
    """Whether two roles of a step could be one thing in a way that matters: at once, or with turnover between."""
    if not {each.thing for each in one[1]} & {each.thing for each in other[1]}:
        return False
    parts = one[0] + other[0]
    phases = [part.phase for part in parts]
    return len(set(phases)) < len(phases) or any(part.need.before or part.need.after for part in parts)


def beside_each_other(roles: list[Role], things: Mapping[str, Thing]) -> set[int]:
    """The indexes of roles that different steps might fill with one thing at one time."""
    found: set[int] = set()
    served = [{things[name] for name in role.starts} for role in roles]
    for (a, one), (b, other) in combinations(enumerate(roles), 2):
        if one.step != other.step and (one.beside or other.beside) and served[a] & served[b]:
            found |= {a, b}
    return found

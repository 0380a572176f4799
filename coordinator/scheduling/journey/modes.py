"""The ways to do one step: by whom of its series, at what price, at which starts."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeAlias

from coordinator.scheduling import claims
from coordinator.scheduling.problem import Placement, Step
from coordinator.scheduling.roles import Role, Thing
from coordinator.scheduling.site import Site


class Mode(NamedTuple):
    """A price, the ticks at which the step can start for it, and the names that some roles (by index) then have."""

    price: int
    ticks: int
    only: tuple[tuple[int, frozenset[str]], ...] = ()


class Use(NamedTuple):
    """One of some things is taken, from one tick to before another."""

    things: frozenset[Thing]
    low: int
    high: int


class Duty(NamedTuple):
    """What a step asks for a stretch of it, in ticks from its start: one of some names, each free from some starts."""

    names: tuple[str, ...]
    starts: Mapping[str, int]
    low: int
    high: int


Servers: TypeAlias = tuple[tuple[int, Thing], ...]
"""A thing for each series (by number) that somebody counts in."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do a step: ``server`` for each of its series by number, and its modes, the cheapest first."""

    step: str
    servers: Servers
    modes: tuple[Mode, ...]


class Ways:
    """The ways to do each step of a plan in a location."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.counting = [self._counting(number) for number in range(len(site.plan.series))]
        self._duties: dict[object, tuple[Duty, ...]] = {}
        self._known: dict[tuple[object, ...], tuple[tuple[Servers, tuple[Mode, ...]], ...]] = {}

    def _counting(self, number: int) -> set[str]:
        """The names of the resources that count in a series."""
        capability = self.site.problem.able.get(
            (self.site.location, self.site.plan.series[number].capability), ()
        )
        return {resource.key for resource in capability}

    def able(self, number: int) -> list[Thing]:
        """The things that could serve a step of a series, in the problem's order."""
        names = {name for key in self.site.plan.series[number].steps for role in self.serving(number, key)
                 for name in role.starts if name in self.counting[number]}  # fmt: skip
        return list(dict.fromkeys(thing for name, thing in self.site.things.items() if name in names))

    def serving(self, number: int, key: str) -> list[Role]:
        """The roles of a step in which someone counts for a series."""
        return [role for role in self.site.roles[key] if not self.counting[number].isdisjoint(role.starts)]

    def fillers(self, key: str, served: Mapping[int, Thing]) -> Iterator[tuple[Role, list[str]]]:
        """Who could fill each role of a step where its series are served by some things."""
        for role in self.site.roles[key]:
            names = list(role.starts)
            for number, series in enumerate(self.site.plan.series):
                counting = self.counting[number]
                if key in series.steps and not counting.isdisjoint(role.starts):
                    thing = served.get(number)
                    names = [
                        name
                        for name in names
                        if (self.site.things[name] if name in counting else None) == thing
                    ]
            yield role, names

    def duties(self, key: str, servers: Servers, mode: Mode) -> tuple[Duty, ...]:
        """What a step asks for in one mode, where its series are served by some things."""
        asked = (key, servers, mode.only)
        if asked not in self._duties:
            self._duties[asked] = tuple(self._find_duties(key, dict(servers), dict(mode.only)))
        return self._duties[asked]

    def _find_duties(
        self, key: str, served: Mapping[int, Thing], only: Mapping[int, frozenset[str]]
    ) -> Iterator[Duty]:
        for number, (role, able) in enumerate(self.fillers(key, served)):
            names = tuple(name for name in able if number not in only or name in only[number])
            for low, high in role.spans:
                yield Duty(names, role.starts, *self._ticks(low, high))

    def presence(self, key: str) -> list[tuple[int, int]]:
        """The ticks, from its start, at whose first moment the patient is in a step."""
        return [self._ticks(low, high) for low, high in claims.with_patient(self.site.steps[key], 0)]

    def _ticks(self, low: int, high: int) -> tuple[int, int]:
        """The ticks whose first moment lies in a stretch of minutes."""
        return -(-low // self.site.grid), -(-high // self.site.grid)

    def of_placement(self, key: str, placed: Placement) -> tuple[Servers, Mode]:
        """Who serves the series of a step that is placed, and the mode that it is placed in."""
        step, plan = self.site.steps[key], self.site.plan
        names = {name for row in placed.uses for name in row}
        servers = []
        for number, series in enumerate(plan.series):
            for role in self.serving(number, key) if key in series.steps else ():
                name = placed.uses[role.parts[0].phase][role.parts[0].index]
                if name in self.counting[number]:
                    servers.append((number, self.site.things[name]))
        if plan.booked_location == self.site.location and plan.booked.get(key) == placed:
            return tuple(servers), Mode(0, 0, self._booked_names(step))
        liked = self.site.problem.weights.preference and not self.likes(step).isdisjoint(names)
        return tuple(servers), Mode(0, 0, self._liked_names(step) if liked else ())

    def _booked_names(self, step: Step) -> tuple[tuple[int, frozenset[str]], ...]:
        """Who is booked for each role of a step."""
        roles = enumerate(self.site.roles[step.key])
        return tuple((number, frozenset([self.booked(role) or ""])) for number, role in roles)

    def _liked_names(self, step: Step) -> tuple[tuple[int, frozenset[str]], ...]:
        """The one role in which someone is liked; none where there are several."""
        likes = self.likes(step)
        liked = [
            (number, frozenset(likes.intersection(role.starts)))
            for number, role in enumerate(self.site.roles[step.key])
            if not likes.isdisjoint(role.starts)
        ]
        return tuple(liked) if len(liked) == 1 else ()

    def of(self, key: str) -> tuple[Way, ...]:
        """Every way to do a step that has a start."""
        step, plan = self.site.steps[key], self.site.plan
        mine = tuple(number for number, series in enumerate(plan.series) if key in series.steps)
        own = key if key in plan.booked or key in plan.pinned else None
        asked = (step.phases, step.prefer, step.windows, mine, own)
        if asked not in self._known:
            self._known[asked] = tuple(self._find(step, mine))
        return tuple(Way(key, servers, modes) for servers, modes in self._known[asked])

    def _find(self, step: Step, mine: tuple[int, ...]) -> Iterator[tuple[Servers, tuple[Mode, ...]]]:
        served = {number: roles[0] for number in mine if (roles := self.serving(number, step.key))}
        for servers, barred in self._servers(served):
            if modes := tuple(self._modes(step, barred)):
                yield servers, modes

    def _servers(self, served: Mapping[int, Role]) -> Iterator[tuple[Servers, dict[Role, set[str]]]]:
        """Each choice of one thing for every series of a step, with the names that are left for the roles."""
        choices: list[tuple[Servers, dict[Role, set[str]]]] = [((), {})]
        for number, role in served.items():
            names: dict[Thing | None, set[str]] = {}
            for name in role.starts:
                counts = name in self.counting[number]
                names.setdefault(self.site.things[name] if counts else None, set()).add(name)
            choices = [
                (servers if thing is None else (*servers, (number, thing)), left | {role: able})
                for servers, left in choices
                for thing, able in names.items()
            ]
        return iter(choices)

    def _modes(self, step: Step, left: dict[Role, set[str]]) -> Iterator[Mode]:
        """The modes of a step whose roles have only some names left."""
        ticks, liked, likes = self.site.domains[step.key], 0, self.likes(step)
        for role in self.site.roles[step.key]:
            names = left.get(role)
            ticks &= role.anyone() if names is None else role.by(names)
            liked |= role.by(likes if names is None else likes & names) if likes else 0
        weights = self.site.problem.weights
        missed = weights.preference if step.prefer and step.phases else 0
        if step.key in self.site.plan.booked:
            yield from self._booked(step, left, ticks, liked, missed)
            return
        if not missed:
            yield from _only(Mode(0, ticks))
            return
        yield from _only(Mode(0, ticks & liked, self._liked_names(step)), Mode(missed, ticks))

    def likes(self, step: Step) -> set[str]:
        """The names of the things that a step prefers."""
        known = self._likes.get(step.prefer)
        return self._like(step.prefer) if known is None else known

    @cached_property
    def _likes(self) -> dict[tuple[str, ...], set[str]]:
        return {}

    def _like(self, prefer: tuple[str, ...]) -> set[str]:
        things = self.site.things
        wanted = {things[name] for name in prefer}
        self._likes[prefer] = {name for name, thing in things.items() if thing in wanted} if wanted else set()
        return self._likes[prefer]

    def _booked(
        self, step: Step, left: dict[Role, set[str]], ticks: int, liked: int, missed: int
    ) -> Iterator[Mode]:
        """As booked, with other resources at the booked start, or moved."""
        site, weights = self.site, self.site.problem.weights
        was, moved = site.plan.booked[step.key], weights.moved
        there = site.plan.booked_location == site.location and was.start >= 0 and was.start % site.grid == 0
        then = ticks & (1 << was.start // site.grid) if there else 0
        if then and (kept := self.kept(step, left)) is not None:
            yield Mode(0 if kept or not missed else missed, then, self._booked_names(step))
        for price, when in ((weights.reassigned, then), (moved, ticks & ~then)):
            if missed:
                yield from _only(Mode(price, when & liked, self._liked_names(step)))
            yield from _only(Mode(price + missed, when))

    def booked(self, role: Role) -> str | None:
        """Who is booked for a role now, if its step is booked as it is asked for."""
        was, part = self.site.plan.booked.get(role.step), role.parts[0]
        fits = was is not None and part.phase < len(was.uses) and part.index < len(was.uses[part.phase])
        return was.uses[part.phase][part.index] if was is not None and fits else None

    def price(self, step: Step, names: Mapping[Role, str], tick: int) -> int:
        """What a step costs by itself, at a tick and with one name for each role."""
        weights, plan = self.site.problem.weights, self.site.plan
        liked = not (step.prefer and step.phases) or not self.likes(step).isdisjoint(names.values())
        price = 0 if liked else weights.preference
        if step.key not in plan.booked:
            return price
        was = plan.booked[step.key]
        if plan.booked_location != self.site.location or was.start != tick * self.site.grid:
            return price + weights.moved
        now = {(part.phase, part.index): name for role, name in names.items() for part in role.parts}
        before = {
            (phase, index): name for phase, row in enumerate(was.uses) for index, name in enumerate(row)
        }
        same = now == before and len(was.uses) == len(step.phases)
        return price + (0 if same else weights.reassigned)

    def kept(self, step: Step, left: Mapping[Role, set[str]]) -> bool | None:
        """Whether the booked resources are liked; None where they cannot all be kept, or not within ``left``."""
        was = self.site.plan.booked[step.key]
        if [len(names) for names in was.uses] != [len(phase.needs) for phase in step.phases]:
            return None
        tick, liked = was.start // self.site.grid, False
        for role in self.site.roles[step.key]:
            names = {was.uses[part.phase][part.index] for part in role.parts}
            name = min(names)
            if len(names) > 1 or name not in left.get(role, role.starts) or not role.starts[name] >> tick & 1:
                return None
            liked |= name in self.likes(step)
        return liked


def _only(*modes: Mode) -> Iterator[Mode]:
    """The modes that have a start."""
    return (mode for mode in modes if mode.ticks)

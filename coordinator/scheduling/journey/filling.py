"""The resources for starts that are found: who serves as the crew says, as booked or liked where that is the price."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice, product
from typing import TypeAlias

from coordinator.scheduling import claims
from coordinator.scheduling.journey.modes import Way, Ways
from coordinator.scheduling.problem import Interval, Placement, Step
from coordinator.scheduling.roles import Role, Thing

MANY = 2_000  # choices of resources that are tried for one step

Start: TypeAlias = tuple[Way | None, int, int]
"""The way to do a step, its tick, and its price; without a way it is a task."""


class Filling:
    """Placements for the steps of a plan one by one, so that no thing is claimed twice at once."""

    def __init__(self, ways: Ways) -> None:
        self.ways, self.site = ways, ways.site
        self.taken: dict[Thing, list[Interval]] = defaultdict(list)

    def fill(self, starts: Mapping[str, Start]) -> dict[str, Placement] | None:
        """A placement for each step; None where some step's resources are all taken."""
        found: dict[str, Placement] = {}
        tries: list[Iterator[Placement]] = []
        steps = list(starts)
        while len(found) < len(steps):
            key = steps[len(found)]
            if len(tries) == len(found):
                tries.append(self._placements(self.site.steps[key], *starts[key]))
            placed = next((each for each in tries[-1] if self._is_free(key, each)), None)
            if placed is not None:
                found[key] = placed
                self._take(key, placed)
                continue
            tries.pop()
            if not found:
                return None
            last, placed = found.popitem()
            self._release(last, placed)
        return found

    def _placements(self, step: Step, way: Way | None, tick: int, price: int) -> Iterator[Placement]:
        """Every choice of resources for a step at a price that its way has at a tick, the first ones first."""
        start, blank = tick * self.site.grid, [["" for _ in phase.needs] for phase in step.phases]
        if way is None:
            yield Placement(start=start, uses=())
            return
        fillers = list(self.ways.fillers(step.key, dict(way.servers)))
        roles = [role for role, _ in fillers]
        for names in _product([self._able(step, role, names, tick) for role, names in fillers]):
            if self.ways.price(step, dict(zip(roles, names, strict=True)), tick) == price:
                uses = [list(row) for row in blank]
                for role, name in zip(roles, names, strict=True):
                    for part in role.parts:
                        uses[part.phase][part.index] = name
                yield Placement(start=start, uses=tuple(tuple(row) for row in uses))

    def _able(self, step: Step, role: Role, names: list[str], tick: int) -> list[str]:
        """Who of some could fill a role then, who was booked for it before all others, and those who are liked."""
        booked, liked = self.ways.booked(role), self.ways.likes(step)
        able = (name for name in names if role.starts[name] >> tick & 1)
        return sorted(able, key=lambda name: (name != booked, name not in liked))

    def _claims(self, key: str, placed: Placement) -> Iterator[tuple[Thing, Interval]]:
        for claim in claims.of_step(self.site.steps[key], placed):
            yield self.site.things[claim.resource], (claim.start, claim.end)

    def _is_free(self, key: str, placed: Placement) -> bool:
        return not any(
            begin < until and since < end
            for thing, (begin, end) in self._claims(key, placed)
            for since, until in self.taken[thing]
        )

    def _take(self, key: str, placed: Placement) -> None:
        for thing, span in self._claims(key, placed):
            self.taken[thing].append(span)

    def _release(self, key: str, placed: Placement) -> None:
        for thing, span in self._claims(key, placed):
            self.taken[thing].remove(span)


def _product(choices: list[list[str]]) -> Iterator[tuple[str, ...]]:
    """Choices of one name each."""
    return islice(product(*choices), MANY)

"""Where plans ask for more of some things at once than there are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from coordinator.scheduling.journey.modes import Use
from coordinator.scheduling.problem import Interval, Problem
from coordinator.scheduling.roles import Thing

Crowd: TypeAlias = tuple[frozenset[Thing], int]
"""A set of things at a tick."""

SURELY = 1e-6  # beyond which a sum of shares is more than there is


@dataclass(frozen=True, slots=True)
class Shared:
    """What plans use, each with a share: of plans that are chosen all, of those in between a part."""

    share: float
    uses: tuple[Use, ...]


class Crowds:
    """Sets of things: everybody with a capability at a location, and those who could do one step then."""

    def __init__(self, problem: Problem) -> None:
        self.ticks, self._grid, self._problem = problem.minutes // problem.grid + 1, problem.grid, problem
        pools = (frozenset(each.thing for each in able) for able in problem.able.values())
        self._pools = list(dict.fromkeys(pools))
        self._rooms: dict[frozenset[Thing], npt.NDArray[np.int_]] = {}
        self._sets: dict[frozenset[Thing], list[frozenset[Thing]]] = {}

    def room(self, crowd: Crowd) -> int:
        """How many of some things are free at a tick."""
        return int(self._room(crowd[0])[crowd[1]])

    def overfull(self, wanted: Iterable[Shared]) -> list[Crowd]:
        """Of each stretch in which more is wanted than there is, the tick with the most."""
        load: dict[frozenset[Thing], npt.NDArray[np.float64]] = {}
        for each in wanted:
            for things, low, high in each.uses:
                for of in self.sets(things):
                    if of not in load:
                        load[of] = np.zeros(self.ticks + 1)
                    load[of][low] += each.share
                    load[of][min(high, self.ticks)] -= each.share
        return [
            (of, tick) for of, edges in load.items() for tick in self._peaks(of, edges.cumsum()[: self.ticks])
        ]

    def _peaks(self, things: frozenset[Thing], load: npt.NDArray[np.float64]) -> list[int]:
        over = load - self._room(things)
        ticks = np.flatnonzero(over > SURELY)
        stretches = np.split(ticks, np.flatnonzero(np.diff(ticks) > 1) + 1) if len(ticks) else []
        return [int(each[over[each].argmax()]) for each in stretches]

    def short(self, uses: Sequence[Use]) -> list[Crowd]:
        """The things that are too few for all who need one of them, each tick by itself: no choice serves everybody.

        (Hall: where a use is left without a thing, those that it could be exchanged with have no others.)
        """
        found = []
        for tick in dict.fromkeys(use.low for use in uses):
            together = [use.things for use in uses if use.low <= tick < use.high]
            things = _too_few(together)
            if things:
                found.append((things, tick))
        return found

    def sets(self, things: frozenset[Thing]) -> list[frozenset[Thing]]:
        """The sets in which somebody counts who needs one of some things."""
        if things not in self._sets:
            found = [pool for pool in self._pools if things <= pool]
            self._sets[things] = found if things in found else [*found, things]
        return self._sets[things]

    def _room(self, things: frozenset[Thing]) -> npt.NDArray[np.int_]:
        if things not in self._rooms:
            known = [self._free_of(thing).astype(int) for thing in things]
            self._rooms[things] = np.sum(known, axis=0)
        return self._rooms[things]

    def _free_of(self, thing: Thing) -> npt.NDArray[np.bool_]:
        """At which ticks a thing is free by any of its names; of a patient all."""
        names = [each for each in self._problem.resources if each.thing == thing]
        made = np.full(self.ticks, not names)
        for each in names:
            made |= self._within(each.free)
        return made

    def _within(self, free: tuple[Interval, ...]) -> npt.NDArray[np.bool_]:
        if not free:
            return np.zeros(self.ticks, bool)
        spans, moments = np.array(free), np.arange(self.ticks) * self._grid
        at = np.searchsorted(spans[:, 0], moments, side="right") - 1
        found: npt.NDArray[np.bool_] = (at >= 0) & (moments < spans[np.maximum(at, 0), 1])
        return found


def _too_few(wanted: Sequence[frozenset[Thing]]) -> frozenset[Thing] | None:
    """Things that are wanted by more than there are, where each of ``wanted`` is to have one of its own."""
    has: dict[Thing, int] = {}
    for number in range(len(wanted)):
        seen = dict[Thing, None]()
        if not _given(number, wanted, has, seen):
            return frozenset(seen)
    return None


def _given(
    number: int, wanted: Sequence[frozenset[Thing]], has: dict[Thing, int], seen: dict[Thing, None]
) -> bool:
    """Give somebody a thing; who has it takes another, if there is one."""
    for thing in sorted(wanted[number]):
        if thing not in seen:
            seen[thing] = None
            if thing not in has or _given(has[thing], wanted, has, seen):
                has[thing] = number
                return True
    return False

"""Where a search from date to date stands, how it came there, and the route that it ends with."""

from dataclasses import dataclass
from typing import TypeAlias

from coordinator.scheduling.journey.crews import Prices

Key: TypeAlias = tuple[int, tuple[tuple[int, int], ...], int, int]
"""What is left to do after some dates: the groups done (a set of numbers), for every other one the first and last date
that is still open to it, and what limits count: the last date, visits."""


@dataclass(slots=True)
class Leg:
    """One date: the groups done on it, and how they came to it: the key before."""

    day: int
    groups: int
    before: Key
    prices: Prices


@dataclass(slots=True)
class State:
    """What is known of a key: the least price by crew, what of it was gone on from, and the ways to come here."""

    prices: Prices
    gone_on: Prices | None
    legs: list[Leg]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A finished search: by crew and date what is done; ``bound`` is proven, ``done`` that time was enough."""

    cost: int | None
    bound: int
    crew: tuple[int, ...] = ()
    legs: tuple[tuple[int, int], ...] = ()
    done: bool = True

"""Rules that push each other's steps on and on: no calendar can help there."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

Source = tuple[str, int]
"""Which sort of rule, and the number of the rule among those of the plan."""


@dataclass(frozen=True, slots=True)
class Edge:
    """``then`` is at least so much (where that is less than 0: at most so much before) after ``first``."""

    first: str
    then: str
    least: int
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Clash:
    """A proof that dates leave no room: the steps whose own dates, and the rules between steps, that it rests on."""

    steps: frozenset[str]
    sources: frozenset[Source]


def find(edges: Sequence[Edge], keys: Collection[str], grid: int = 1) -> Clash | None:
    """A circle of edges that cannot all hold, if everything is on the grid."""
    soonest, by = dict.fromkeys(keys, 0), dict[str, Edge]()
    moved = ""
    for _ in range(len(soonest) + 1):
        moved = ""
        for edge in edges:
            start = -(-(soonest[edge.first] + edge.least) // grid) * grid
            if start > soonest[edge.then]:
                soonest[edge.then] = start
                by[edge.then], moved = edge, edge.then
        if not moved:
            return None
    return _around(moved, by, len(soonest))


def _around(key: str, by: Mapping[str, Edge], count: int) -> Clash:
    """The circle that a step is pushed on by."""
    for _ in range(count):
        key = by[key].first
    seen, sources = set[str](), set[Source]()
    while key not in seen:
        seen.add(key)
        sources.update(by[key].sources)
        key = by[key].first
    return Clash(frozenset(), frozenset(sources))

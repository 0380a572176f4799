"""Links that allow so few minutes that the steps between do not fit in: they go round in a circle."""

from collections.abc import Iterator, Mapping

from coordinator.scheduling.explaining import circles
from coordinator.scheduling.explaining.circles import Clash, Edge
from coordinator.scheduling.problem import Link, Plan

LONGEST_DAY = 26 * 60  # minutes; a date with a clock change may have that many


def clash(plan: Plan, minutes: Mapping[str, int], grid: int) -> Clash | None:
    """The proof that links go round in a circle, if some bind to the minute and they do."""
    if not any(link.minutes and link.minutes.most is not None for link in plan.links):
        return None
    edges = [edge for number, link in enumerate(plan.links) for edge in _edges(link, number, minutes)]
    return circles.find(edges, minutes, grid)


def _edges(link: Link, number: int, minutes: Mapping[str, int]) -> Iterator[Edge]:
    sources, length = (("link", number),), minutes[link.first]
    yield Edge(link.first, link.then, length + (link.minutes.least if link.minutes else 0), sources)
    if link.minutes and link.minutes.most is not None:
        yield Edge(link.then, link.first, -length - link.minutes.most, sources)
    if link.days and link.days.most is not None:
        yield Edge(link.then, link.first, 1 - (link.days.most + 1) * LONGEST_DAY, sources)

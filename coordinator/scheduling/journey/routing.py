"""From a route (which steps on which date) to a proposal: starts, and the resources for them."""

import numpy as np

from coordinator.scheduling import bits
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.journey import groups as grouping
from coordinator.scheduling.journey.filling import Filling, Start
from coordinator.scheduling.journey.offers import Journey, Offer
from coordinator.scheduling.journey.route import Route


def proposal(journey: Journey, route: Route) -> Proposal | None:
    """The proposal of a route; None where no resources are left for its starts."""
    site = journey.site
    starts: dict[str, Start] = {}
    days: dict[int, int] = {}
    for day, groups in route.legs:
        days |= dict.fromkeys(bits.each(groups), day)
        done = _cheapest(journey, journey.offers(groups), route.crew, day)
        ways = {journey.packing.ways[index].step: index for index in bits.each(done)}
        for key, tick in journey.packing.starts(done, day).items():
            way = ways[key]
            starts[key] = journey.packing.ways[way], tick, journey.packing.price(way, tick)
    starts |= {key: (None, tick, 0) for key, tick in _tasks(journey, starts, days).items()}
    placed = Filling(journey.ways).fill(starts)
    if placed is None:
        return None
    in_order = {key: placed[key] for key in site.steps}
    return Proposal(plan=site.plan.key, location=site.location, steps=in_order)


def best_crew(journey: Journey, route: Route) -> tuple[int, ...]:
    """The crew that serves a route at the least price."""
    total = journey.crews.further
    for day, groups in route.legs:
        total = total + journey.price(groups, day)
    return tuple(int(each) for each in np.unravel_index(int(total.argmin()), total.shape))


def _cheapest(journey: Journey, offers: list[Offer], crew: tuple[int, ...], day: int) -> int:
    """The ways (a set of indexes) of the cheapest offer on a date that a crew can take."""
    able = [ways for servers, ways in offers if journey.crews.has(crew, servers)]
    return min(able, key=lambda ways: float(journey.stock.cost(ways, day)[0]))


def _tasks(journey: Journey, starts: dict[str, Start], days: dict[int, int]) -> dict[str, int]:
    """A start for each step without phases: on its date, once all before it is over."""
    site = journey.site
    grouping.place(journey.groups, days, site.first_day)
    earliest = -(-site.plan.earliest // site.grid)
    made: dict[str, int] = {}
    for group in journey.groups:
        for key in group.steps:
            if site.steps[key].phases:
                continue
            ends = [starts[link.first][1] + site.steps[link.first].minutes // site.grid
                    for link in site.plan.links if link.then == key and link.first in starts]  # fmt: skip
            ends += [made[link.first] for link in site.plan.links if link.then == key and link.first in made]
            made[key] = max([site.day_ticks[days[group.number]][0], earliest, *ends])
    return made

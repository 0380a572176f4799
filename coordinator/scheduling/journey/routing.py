"""From a route (which steps on which date) to a proposal: starts, and the resources for them."""

from math import inf

import numpy as np

from coordinator.scheduling import bits
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.journey import groups as grouping
from coordinator.scheduling.journey.filling import Filling
from coordinator.scheduling.journey.fit import Fit
from coordinator.scheduling.journey.modes import Way
from coordinator.scheduling.journey.offers import Journey, Offer
from coordinator.scheduling.journey.search import Route


def proposal(journey: Journey, route: Route) -> Proposal | None:
    """The proposal of a route; None where no resources are left for its starts."""
    site = journey.site
    starts: dict[str, tuple[Way | None, int]] = {}
    days: dict[int, int] = {}
    for day, groups in route.legs:
        days |= dict.fromkeys(bits.each(groups), day)
        fit = _cheapest(journey, journey.offers(groups), route.crew, day)
        ways = {way.step: way for way in (journey.packing.ways[index] for index in bits.each(fit.done))}
        starts |= {key: (ways[key], tick) for key, tick in fit.starts(day).items()}
    starts |= {key: (None, tick) for key, tick in _tasks(journey, starts, days).items()}
    placed = Filling(journey.ways).fill(starts)
    if placed is None:
        return None
    in_order = {key: placed[key] for key in site.steps}
    return Proposal(plan=site.plan.key, location=site.location, steps=in_order)


def best_crew(journey: Journey, route: Route) -> tuple[int, ...]:
    """The crew that serves a route at the least price."""
    total = journey.crews.further
    for day, groups in route.legs:
        offered = [(servers, cost) for servers, fit in journey.offers(groups)
                   if (cost := fit.on(day, inf)) is not None]  # fmt: skip
        total = total + journey.at(offered)
    return tuple(int(each) for each in np.unravel_index(int(total.argmin()), total.shape))


def _cheapest(journey: Journey, offers: list[Offer], crew: tuple[int, ...], day: int) -> Fit:
    """The cheapest offer on a date that a crew can take."""
    costs = [
        (cost, number)
        for number, (servers, fit) in enumerate(offers)
        if journey.crews.has(crew, servers) and (cost := fit.on(day, inf)) is not None
    ]
    return offers[min(costs)[1]][1]


def _tasks(
    journey: Journey, starts: dict[str, tuple[Way | None, int]], days: dict[int, int]
) -> dict[str, int]:
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

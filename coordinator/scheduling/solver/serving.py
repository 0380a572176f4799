"""A plan in a location split by who serves its series, so that nothing is left to choose for them."""

from collections.abc import Iterator
from itertools import product
from math import prod

from coordinator.scheduling.problem import Series
from coordinator.scheduling.roles import Thing
from coordinator.scheduling.site import Site

MANY = 50  # ways to serve the series, from which on trying each takes longer than leaving the choice to the solver


Barred = list[tuple[str, set[str]]]
"""For some steps the names of the resources that may not serve in them."""


def by_one_each(site: Site, *, same: bool) -> list[Barred]:
    """Each way to have every hard series (``same``), or every wished one, served by one thing.

    Together they have every proposal in which each of those series is served by one thing at most. Empty where there
    is nothing to choose or too much.
    """
    who = {number: able for number, series in enumerate(site.plan.series)
           if series.same == same and len(able := _able(site, series)) > 1}  # fmt: skip
    if not 1 < prod(map(len, who.values())) <= MANY:
        return []
    ways = (zip(who, chosen, strict=True) for chosen in product(*who.values()))
    return [[barred for number, thing in way for barred in _others(site, number, thing)] for way in ways]


def _able(site: Site, series: Series) -> list[Thing]:
    """The things that could serve a step of a series."""
    names = {name for key in series.steps for role in site.roles[key] for name in role.starts}
    return sorted({site.things[name] for name in names if _counts(site, series, name)})


def _counts(site: Site, series: Series, name: str) -> bool:
    """Whether a resource counts in a series."""
    return series.capability in site.problem.resource[name].capabilities


def _others(site: Site, number: int, thing: Thing) -> Iterator[tuple[str, set[str]]]:
    """Who may not serve in the steps of a series that one thing serves."""
    series = site.plan.series[number]
    for key in series.steps:
        names = {name for role in site.roles[key] for name in role.starts}
        yield key, {each for each in names if _counts(site, series, each) and site.things[each] != thing}

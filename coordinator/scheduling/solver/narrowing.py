"""What links, common dates and the patient's time leave of the feasible starts, before anything is searched."""

from collections.abc import Callable, Iterable
from itertools import combinations

from coordinator.scheduling import bits
from coordinator.scheduling.problem import Link
from coordinator.scheduling.site import Domains, Site

Cut = Callable[[Site, dict[str, int]], Iterable[tuple[str, int]]]


def narrow(site: Site, domains: Domains, last_day: int | None = None) -> Domains | None:
    """The starts that remain when every rule between two steps is used until nothing changes; None: nothing fits.

    ``last_day``: no step with phases starts after that date of the horizon.
    """
    left = dict(domains)
    if last_day is not None:
        allowed = bits.span(0, site.day_ticks[last_day][1])
        left |= {key: ticks & allowed for key, ticks in left.items() if site.steps[key].phases}
    links = _in_order(site)
    stale = set(left)
    while stale:
        if not all(left.values()):
            return None
        stale = _sweep(site, left, links, stale)
    return left


def _sweep(site: Site, left: dict[str, int], links: list[Link], stale: set[str]) -> set[str]:
    """Use every rule once, links forward and back; the steps that changed."""
    changed: set[str] = set()

    def keep(key: str, ticks: int) -> bool:
        if ticks == left[key]:
            return True
        left[key] = ticks
        changed.add(key)
        return bool(ticks)

    for link in (*links, *reversed(links)):
        if {link.first, link.then} & (stale | changed):
            for key, ticks in _link(site, left, link):
                if not keep(key, ticks):
                    return changed
    for cut in (_same_day, _not_same_day):
        for key, ticks in cut(site, left):
            if not keep(key, ticks):
                return changed
    return changed


def _in_order(site: Site) -> list[Link]:
    """The links sorted so that a step is reached before those that follow it."""
    rank = dict.fromkeys(site.steps, 0)
    for _ in site.steps:
        later = {
            link.then: rank[link.first] + 1 for link in site.plan.links if rank[link.then] <= rank[link.first]
        }
        if not later:
            break
        rank |= later
    return sorted(site.plan.links, key=lambda link: rank[link.first])


def _link(site: Site, left: dict[str, int], link: Link) -> Iterable[tuple[str, int]]:
    """What a link leaves of its two steps."""
    one, other = left[link.first], left[link.then]
    grid, length = site.grid, site.steps[link.first].minutes
    least = -(-(length + (link.minutes.least if link.minutes else 0)) // grid)
    most = link.minutes.most if link.minutes else None
    if most is None:
        other &= -1 << bits.first(one) + least
        one &= bits.span(0, bits.last(other) - least) if other else 0
    else:
        reach = (length + most) // grid
        if reach < least:
            return ((link.first, 0), (link.then, 0))
        other &= bits.widen(one, least, reach)
        one &= bits.lower(other, least, reach)
    if link.days is not None and one and other:
        one, other = _day_link(site, one, other, link.days.least, link.days.most)
    return ((link.first, one), (link.then, other))


def _day_link(site: Site, one: int, other: int, least: int, most: int | None) -> tuple[int, int]:
    """What a number of days between two steps leaves of both."""
    most = site.days.count if most is None else min(most, site.days.count)
    if most < least:
        return 0, 0
    before, after = site.days_of(one), site.days_of(other)
    then = after & bits.widen(before, least, most)
    first = before & bits.lower(then, least, most)
    if first != before:
        one = site.on_days(one, first)
    if then != after:
        other = site.on_days(other, then)
    return one, other


def _same_day(site: Site, left: dict[str, int]) -> Iterable[tuple[str, int]]:
    """What one date for all leaves of the steps of each group."""
    for group in site.plan.same_day:
        dates = [site.days_of(left[key]) for key in group]
        common = dates[0]
        for other in dates[1:]:
            common &= other
        for key, own in zip(group, dates, strict=True):
            if own != common:
                yield key, site.on_days(left[key], common)


def _not_same_day(site: Site, left: dict[str, int]) -> Iterable[tuple[str, int]]:
    """A date that one step of a group must have is no other's."""
    for group in site.plan.not_same_day:
        for one, other in combinations(group, 2):
            for fixed, free in ((one, other), (other, one)):
                dates, others = site.days_of(left[fixed]), site.days_of(left[free])
                if dates & (dates - 1) == 0 and dates & others:
                    yield free, site.on_days(left[free], others & ~dates)

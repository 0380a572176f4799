"""What links and groups leave of the dates of a plan's steps, and which of them it came from."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from coordinator.scheduling import bits
from coordinator.scheduling.explaining import circles
from coordinator.scheduling.explaining.circles import Clash, Edge, Source
from coordinator.scheduling.problem import Link, Plan

EVER = 10**6  # days that no horizon has
TURNS = 6  # rounds after which a circle is looked for, that would go on for the whole horizon
SHORTEST_DAY = 22 * 60  # minutes; a date with a clock change may have that few


@dataclass(frozen=True, slots=True)
class Tie:
    """The date of ``then`` is ``least`` to ``most`` days after that of ``first``, as ``sources`` (rules) say."""

    first: str
    then: str
    least: int
    most: int
    sources: tuple[Source, ...]


def of(plan: Plan, minutes: dict[str, int]) -> list[Tie]:
    """The ties of a plan; ``minutes`` has the length of each step."""
    return [*_links(plan.links, minutes), *_groups(plan.same_day), *_parted(plan)]


def _links(links: Iterable[Link], minutes: dict[str, int]) -> Iterator[Tie]:
    for index, link in enumerate(links):
        least, most = (link.days.least, link.days.most) if link.days else (0, None)
        most = EVER if most is None else most
        if link.minutes and link.minutes.most is not None:
            most = min(most, 1 + (minutes[link.first] + link.minutes.most) // SHORTEST_DAY)
        yield Tie(link.first, link.then, least, most, (("link", index),))


def _groups(groups: Iterable[tuple[str, ...]]) -> Iterator[Tie]:
    for index, group in enumerate(groups):
        for key in group[1:]:
            yield Tie(group[0], key, 0, 0, (("same-day", index),))


def _parted(plan: Plan) -> Iterator[Tie]:
    """What comes later, and on another date, is a day later at least."""
    for index, group in enumerate(plan.not_same_day):
        for number, link in enumerate(plan.links):
            if link.first in group and link.then in group:
                yield Tie(link.first, link.then, 1, EVER, (("link", number), ("not-same-day", index)))


Trail = list[tuple[str, str, tuple[Source, ...]]]
"""What happened one after another: a step lost dates because of another one's, by some rules."""


def narrowed(
    dates: Mapping[str, int], ties: Sequence[Tie], trail: Trail, stale: Collection[str] | None = None
) -> dict[str, int] | Clash:
    """The dates that ties leave to each step, or the proof that they leave none.

    What is left is enough for dates alone: with the first one left of each step (or the last), every tie holds.
    ``trail`` is what happened before, and is written on; ``stale`` are the steps that lost dates since (None: all).
    """
    left = dict(dates)
    empty = next((key for key, days in left.items() if not days), None)
    if empty is not None:
        return clash(empty, trail)
    longest = max((bits.last(days) for days in left.values()), default=0)
    fresh, order = set(left if stale is None else stale), list(ties)
    turn = 0
    while fresh:
        turn += 1
        if turn == TURNS and (circle := circles.find(list(_edges(ties)), left)) is not None:
            return circle
        changed: set[str] = set()
        for tie in order:
            if tie.first in fresh or tie.then in fresh or tie.first in changed or tie.then in changed:
                empty = _tighten(left, tie, longest, changed, trail)
                if empty is not None:
                    return clash(empty, trail)
        fresh = changed
        order.reverse()  # what a deadline leaves runs down a chain as quickly as what a beginning leaves runs up
    return left


def _edges(ties: Iterable[Tie]) -> Iterator[Edge]:
    for tie in ties:
        yield Edge(tie.first, tie.then, tie.least, tie.sources)
        yield Edge(tie.then, tie.first, -tie.most, tie.sources)


def _tighten(left: dict[str, int], tie: Tie, longest: int, changed: set[str], trail: Trail) -> str | None:
    """Leave both ends of a tie the dates that go with one of the other's; the step that has none left."""
    one, other = left[tie.first], left[tie.then]
    then, first = _paired(one, other, tie.least, min(tie.most, longest), longest)
    for key, was, now, by in ((tie.then, other, then, tie.first), (tie.first, one, first, tie.then)):
        if now != was:
            left[key] = now
            changed.add(key)
            trail.append((key, by, tie.sources))
            if not now:
                return key
    return None


def clash(empty: str, trail: Trail) -> Clash:
    """What left a step without a date, back to where each part of it began."""
    steps, sources = {empty}, set[Source]()
    for key, by, rules in reversed(trail):
        if key in steps:
            steps.add(by)
            sources.update(rules)
    return Clash(frozenset(steps), frozenset(sources))


def _paired(one: int, other: int, least: int, most: int, longest: int) -> tuple[int, int]:
    """The dates of the later and of the earlier step that have one of the other's at such a distance."""
    if most < longest:
        then = other & bits.widen(one, least, most) if most >= least else 0
        return then, one & bits.lower(then, least, most) if then else 0
    soonest = bits.first(one) + least
    then = other >> soonest << soonest
    return then, one & bits.span(0, bits.last(then) - least) if then else 0

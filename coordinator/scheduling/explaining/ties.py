"""What links and groups leave of the dates of a plan's steps, and which of them it came from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from coordinator.scheduling import bits
from coordinator.scheduling.problem import Link, Plan

EVER = 10**6  # days that no horizon has
SHORTEST_DAY = 22 * 60  # minutes; a date with a clock change may have that few


@dataclass(frozen=True, slots=True)
class Tie:
    """The date of ``then`` is ``least`` to ``most`` days after that of ``first``, as ``source`` (a rule) says."""

    first: str
    then: str
    least: int
    most: int
    source: tuple[str, int]


@dataclass(frozen=True, slots=True)
class Clash:
    """A proof that dates leave no room: the steps, and the rules between them, that it rests on."""

    steps: frozenset[str]
    sources: frozenset[tuple[str, int]]


def of(plan: Plan, minutes: dict[str, int]) -> list[Tie]:
    """The ties of a plan; ``minutes`` has the length of each step."""
    return [*_links(plan.links, minutes), *_groups(plan.same_day)]


def _links(links: Iterable[Link], minutes: dict[str, int]) -> Iterator[Tie]:
    for index, link in enumerate(links):
        least, most = (link.days.least, link.days.most) if link.days else (0, None)
        most = EVER if most is None else most
        if link.minutes and link.minutes.most is not None:
            most = min(most, 1 + (minutes[link.first] + link.minutes.most) // SHORTEST_DAY)
        yield Tie(link.first, link.then, least, most, ("link", index))


def _groups(groups: Iterable[tuple[str, ...]]) -> Iterator[Tie]:
    for index, group in enumerate(groups):
        for key in group[1:]:
            yield Tie(group[0], key, 0, 0, ("same-day", index))


def narrowed(dates: dict[str, int], ties: list[Tie]) -> dict[str, int] | Clash:
    """The dates that ties leave to each step, or the proof that they leave none.

    What is left is enough for dates alone: with the first one left of each step (or the last), every tie holds.
    """
    left, trail = dict(dates), list[tuple[str, str, tuple[str, int]]]()
    empty = next((key for key, days in left.items() if not days), None)
    if empty is not None:
        return Clash(frozenset((empty,)), frozenset())
    longest = max((bits.last(days) for days in left.values()), default=0)
    stale = set(left)
    while stale:
        changed: set[str] = set()
        for tie in ties:
            if tie.first not in stale and tie.then not in stale and not {tie.first, tie.then} & changed:
                continue
            one, other, most = left[tie.first], left[tie.then], min(tie.most, longest)
            then = other & bits.widen(one, tie.least, most) if most >= tie.least else 0
            first = one & bits.lower(then, tie.least, most) if then else 0
            for key, was, now, by in ((tie.then, other, then, tie.first), (tie.first, one, first, tie.then)):
                if now != was:
                    left[key] = now
                    changed.add(key)
                    trail.append((key, by, tie.source))
                    if not now:
                        return _clash(key, trail)
        stale = changed
    return left


def _clash(empty: str, trail: list[tuple[str, str, tuple[str, int]]]) -> Clash:
    """What left a step without a date, back to where each part of it began."""
    steps, sources = {empty}, set()
    for key, by, source in reversed(trail):
        if key in steps:
            steps.add(by)
            sources.add(source)
    return Clash(frozenset(steps), frozenset(sources))

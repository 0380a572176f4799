"""What steps that follow each other on one date, or within minutes, leave of each other's hours."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from coordinator.scheduling import bits
from coordinator.scheduling.explaining import ties
from coordinator.scheduling.explaining.circles import Clash, Source
from coordinator.scheduling.explaining.ground import Ground, Serving
from coordinator.scheduling.explaining.ties import Tie, Trail
from coordinator.scheduling.problem import Link, Plan

TURNS = 60  # rounds after which it is left at that

Dates = dict[str, int]


@dataclass(frozen=True, slots=True)
class Next:
    """``then`` starts ``least`` to ``most`` ticks after ``first`` does; None: before that date is over."""

    first: str
    then: str
    least: int
    most: int | None
    sources: tuple[Source, ...]


def of(plan: Plan, grid: int) -> list[Next]:
    """The links of a plan that bind so closely."""
    groups = [set(group) for group in plan.same_day]
    close = [
        (number, link)
        for number, link in enumerate(plan.links)
        if (link.minutes and link.minutes.most is not None)
        or (link.days and link.days.most == 0)
        or any(link.first in group and link.then in group for group in groups)
    ]
    minutes = {step.key: step.minutes for step in plan.steps} if close else {}
    return [each for number, link in close for each in _nexts(plan, link, number, minutes, grid)]


def _nexts(plan: Plan, link: Link, number: int, minutes: Mapping[str, int], grid: int) -> Iterator[Next]:
    length, gap = minutes[link.first], link.minutes
    least, here = -(-(length + (gap.least if gap else 0)) // grid), ("link", number)
    if gap and gap.most is not None:
        yield Next(link.first, link.then, least, (length + gap.most) // grid, (here,))
    if link.days and link.days.most == 0:
        yield Next(link.first, link.then, least, None, (here,))
    for index, group in enumerate(plan.same_day):
        if link.first in group and link.then in group:
            yield Next(link.first, link.then, least, None, (here, ("same-day", index)))


class Hours:
    """The hours of such steps of a variant, in one location."""

    def __init__(self, ground: Ground, plan: Plan, tied: list[Tie]) -> None:
        self.ground, self.plan, self.tied = ground, plan, tied
        self.nexts = of(plan, ground.site.grid)
        keys = {key for each in self.nexts for key in (each.first, each.then)}
        self.steps = [step for step in plan.steps if step.key in keys]

    def narrowed(self, serving: Serving, left: Dates | Clash, trail: Trail) -> Dates | Clash:
        """The dates that are left if the hours are looked at too."""
        if isinstance(left, Clash) or not self.nexts:
            return left
        site = self.ground.site
        ticks = {step.key: self.ground.ticks(self.plan, step, serving) for step in self.steps}
        for _ in range(TURNS):
            ticks = {key: site.on_days(ticks[key], left[key]) for key in ticks}
            empty = self._tighten(ticks, trail)
            if empty is not None:
                return ties.clash(empty, trail)
            lost = {key: days for key in ticks if (days := site.days_of(ticks[key])) != left[key]}
            if not lost:
                break
            fewer = ties.narrowed(left | lost, self.tied, trail, lost)
            if isinstance(fewer, Clash):
                return fewer
            left = fewer
        return left

    def _tighten(self, ticks: dict[str, int], trail: Trail) -> str | None:
        """Leave each step the ticks that go with those of the others; the step that has none left."""
        for _ in range(TURNS):
            before = dict(ticks)
            for each in self.nexts:
                for key, by, allowed in self._allowed(each, ticks):
                    if ticks[key] & ~allowed:
                        ticks[key] &= allowed
                        trail.append((key, by, each.sources))
                    if not ticks[key]:
                        return key
            if before == ticks:
                break
        return None

    def _allowed(self, each: Next, ticks: dict[str, int]) -> Iterator[tuple[str, str, int]]:
        """The ticks that a link leaves to the one step, and to the other."""
        if each.most is None:
            yield each.then, each.first, self.ground.later(ticks[each.first] << each.least)
        elif each.most < each.least:
            yield each.then, each.first, 0
        else:
            yield each.then, each.first, bits.widen(ticks[each.first], each.least, each.most)
            yield each.first, each.then, bits.lower(ticks[each.then], each.least, each.most)

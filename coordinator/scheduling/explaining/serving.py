"""What dates leave to the steps of a variant in one location, for each way to have its hard series served."""

from collections.abc import Callable, Iterator
from itertools import product
from math import prod

from coordinator.scheduling.explaining import ties
from coordinator.scheduling.explaining.circles import Clash
from coordinator.scheduling.explaining.closely import Hours
from coordinator.scheduling.explaining.ground import Ground, Serving
from coordinator.scheduling.explaining.ties import Tie, Trail
from coordinator.scheduling.problem import Plan

MANY = 200  # ways to serve several series, from which on they are not told apart

Dates = dict[str, int]
Cut = tuple[Serving, Dates | Clash]
"""A way to serve, and the dates that are left with it, or why there are none."""


def cuts(ground: Ground, plan: Plan, tied: list[Tie]) -> Iterator[Cut]:
    """Every way to serve; where one series cannot be served by anybody, only the ways to serve that one."""
    trail, hours = Trail(), Hours(ground, plan, tied)
    anyhow = hours.narrowed({}, ties.narrowed(ground.dates(plan, {}), tied, trail), trail)
    able = {} if isinstance(anyhow, Clash) else ground.able(plan)
    if isinstance(anyhow, Clash) or not able:
        yield {}, anyhow
        return

    def served(serving: Serving) -> Dates | Clash:
        """What is left of what anybody could do."""
        among = {key for number in serving for key in plan.series[number].steps}
        theirs = ground.dates(plan, serving, among)
        fewer = {key: days & anyhow[key] for key, days in theirs.items() if anyhow[key] & ~days}
        mine = list(trail)
        return hours.narrowed(serving, ties.narrowed(anyhow | fewer, tied, mine, fewer), mine)

    singly = {number: (({number: who}, served({number: who})) for who in able[number]) for number in able}
    if len(able) == 1:
        yield from singly[next(iter(able))]
    else:
        yield from _together({number: list(each) for number, each in singly.items()}, served, anyhow)


def _together(
    singly: dict[int, list[Cut]], served: Callable[[Serving], Dates | Clash], anyhow: Dates
) -> Iterator[Cut]:
    """The ways to serve several series, of which it is known what each by itself leaves."""
    left: list[list[Serving]] = []
    for each in singly.values():
        left.append([serving for serving, dates in each if not isinstance(dates, Clash)])
        if not left[-1]:
            yield from each
            return
    for each in singly.values():
        yield from (cut for cut in each if isinstance(cut[1], Clash))
    if prod(map(len, left)) > MANY:
        yield {}, anyhow
        return
    for chosen in product(*left):
        serving = {number: who for one in chosen for number, who in one.items()}
        yield serving, served(serving)

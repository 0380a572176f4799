"""Best first from date to date: which groups share which date, until every group has one."""

from heapq import heappop, heappush
from itertools import islice
from typing import NamedTuple

import numpy as np

from coordinator.scheduling import bits
from coordinator.scheduling.journey.covering import TRIED, dates_at_least
from coordinator.scheduling.journey.crews import INFINITE, Prices
from coordinator.scheduling.journey.outlook import Outlook
from coordinator.scheduling.journey.route import Key, Leg, Route, State
from coordinator.scheduling.journey.sharing import Part, Sharing
from coordinator.scheduling.journey.view import View
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.run import START, Run

TOLLS = (
    25,
    50,
    100,
    150,
    200,
    300,
)  # prices on top of a date that is to be avoided, of which the best is taken
FEW = 8  # groups that could share a date, of which every set is looked at once


class Haste(NamedTuple):
    """How some proposal comes soon: a price for every group that is still to be done, how many sets of groups are tried
    for one date, the largest first, and how many dates on which something can be done."""

    price: int
    sets: int
    dates: int


class Search:
    """Best first over keys; the first one with nothing left to do is the best."""

    def __init__(self, view: View, limits: Limits, run: Run, haste: Haste | None = None) -> None:
        self.haste = haste
        self.journey, self.groups, self.dates = view.journey, view.journey.groups, view.dates
        self.view, self.outlook = view, view.outlook
        self.site, self.limits, self.run = view.journey.site, limits, run
        self.weights = self.site.problem.weights
        self.timed = sum(1 << group.number for group in self.groups if group.timed)
        self.visits = sum(1 << group.number for group in self.groups if group.visit)
        self.all = (1 << len(self.groups)) - 1
        days = enumerate(range(self.site.days.first, self.site.days.first + self.site.days.count))
        self.shared = sum(1 << index for index, day in days if day in limits.dates) if limits.dates else 0
        self.apart = sum(1 << number for number in self.outlook.apart)
        self._roots_of: dict[int, list[int]] = {}
        self.sharing = Sharing(self.journey, self.dates)
        self.states: dict[Key, State] = {}
        self.heap: list[tuple[float, int, int, Key, Prices | None, Part | None]] = []
        self.count = self.pushed = 0
        self.tolled: list[Outlook] = []
        run.did(START)
        self._begin()

    def _begin(self) -> None:
        """Come to where nothing is done."""
        windows = tuple(
            (bits.first(each), bits.last(each)) if group.timed else (-1, -1)
            for group, each in zip(self.groups, self.dates, strict=True)
        )
        start: Key = (self.all & ~self.timed, windows, 0, 0)
        rank, crews = self.weights.location_rank * self.site.rank, self.journey.crews
        prices = np.full((1,) * len(crews.axis), rank, crews.kind)
        if self.limits.dates_most is not None:
            tolls = (self.view.tolled(each, self.shared) for each in TOLLS)
            self.tolled = [max(tolls, key=lambda each: self._with_toll(each, start, prices))]
        self._reach(start, prices, None)
        self.root = self.heap[0][0] if self.heap else INFINITE

    def roots(self) -> Prices:
        """What a whole plan costs at least, by crew."""
        key: Key = next(iter(self.states))
        total = self.states[key].prices + self.journey.crews.further
        for group in self.groups:
            if group.timed and self.outlook.parent[group.number] is None:
                total = total + self.outlook.least(group.number, *key[1][group.number])
        return total

    def best(self, most: float = INFINITE) -> Route:
        """The cheapest route; its bound is proven also where time runs out, or more than so much is to be looked at."""
        while self.heap and self.pushed <= most and not self.run.over:
            cost, left, number, key, prices, part = heappop(self.heap)
            if self.haste is None and self.limits.below is not None and cost >= self.limits.below:
                return Route(cost=None, bound=self.limits.below)
            if part is not None and prices is not None:
                self._decide(key, prices, part)
                continue
            if key[0] == self.all:
                return self._route(key, cost)
            self.count += 1
            if not self._go_on(key):
                heappush(self.heap, (cost, left, number, key, prices, part))
        if self.heap:
            return Route(cost=None, bound=int(self.heap[0][0]), done=False)
        return Route(cost=None, bound=self.limits.below or 0)

    def _push(self, cost: float, key: Key, prices: Prices | None = None, part: Part | None = None) -> None:
        if cost < INFINITE and (self.limits.below is None or cost < self.limits.below):
            self.pushed += 1
            left = (self.all & ~key[0]).bit_count()
            cost += self.haste.price * left if self.haste else 0
            heappush(self.heap, (cost, left, self.pushed, key, prices, part))

    def _reach(self, key: Key, prices: Prices, leg: Leg | None) -> None:
        """Come to a key for a price; worth going on only if it is better than before for some crew."""
        if any((self._beside(key, fewer) <= prices).all() for fewer in range(key[3])):
            return
        state = self.states.get(key)
        if state is None:
            state = self.states[key] = State(prices, None, [])
        elif not (prices < state.prices).any():
            return
        else:
            state.prices = np.minimum(state.prices, prices)
        if leg is not None:
            state.legs.append(leg)
        self._push(self._floor(key, prices), key)

    def _beside(self, key: Key, shared: int) -> Prices:
        """What it costs to come to the same with fewer of the dates that are limited."""
        state = self.states.get((*key[:3], shared))
        return state.prices if state is not None else np.array(INFINITE)

    def _floor(self, key: Key, prices: Prices) -> float:
        """What a whole plan costs at least that comes by a key."""
        floor, apart = self._add(self.outlook, key, prices), (self.apart & ~key[0]).bit_count()
        if self.limits.after is not None and key[0] != self.all:
            late = self.weights.finish_day * (self.limits.after + 1 - self.site.first_day)
            floor = max(floor, self._add(self.view.without_finish, key, prices) + late)
        for outlook in self.tolled:
            floor = max(floor, self._with_toll(outlook, key, prices))
        if apart >= TRIED or (self.limits.below is not None and floor >= self.limits.below):
            return floor
        visits = self._visits_left(key)
        if visits > apart:
            free = self._add(self.view.without_visits, key, prices) + self.weights.visit_day * visits
            floor = max(floor, free)
        return floor

    def _with_toll(self, outlook: Outlook, key: Key, prices: Prices) -> float:
        """A floor for all that keep to the number of certain dates: who pays a toll on each of them gets it back for as
        many as are allowed."""
        spare = (self.limits.dates_most or 0) - key[3]
        return self._add(outlook, key, prices) - outlook.toll[0] * spare

    def _add(self, outlook: Outlook, key: Key, prices: Prices) -> float:
        """A price and the floors of everything that is left."""
        done, windows, _, _ = key
        total = prices + self.journey.crews.further
        for number in self._roots(outlook, done):
            total = total + outlook.least(number, *windows[number])
        if done >> outlook.final & 1 and done != self.all and outlook.finish_day:
            end = max(low for low, _ in windows)
            total = total + self.weights.finish_day * (end - self.site.first_day)
        return float(total.min())

    def _roots(self, outlook: Outlook, done: int) -> list[int]:
        """The groups that are left and hang on none that is left."""
        if done not in self._roots_of:
            left = (number for number in range(len(self.groups)) if not done >> number & 1)
            self._roots_of[done] = [
                number for number in left
                if (parent := outlook.parent[number]) is None or done >> parent & 1
            ]  # fmt: skip
        return self._roots_of[done]

    def _visits_left(self, key: Key) -> int:
        """How many dates with a visit are still to come at least."""
        return dates_at_least(
            [
                (number, self.dates[number] >> low << low & (1 << high + 1) - 1, self.groups[number].apart)
                for number, (low, high) in enumerate(key[1])
                if low >= 0 and self.visits >> number & 1
            ]
        )

    def _go_on(self, key: Key) -> bool:
        """Every next date, and what could be done on it; False where time ran out before all were seen."""
        state = self.states[key]
        prices = state.prices
        if state.gone_on is not None:
            prices = np.where(prices < state.gone_on, prices, INFINITE)
            if not (prices < INFINITE).any():
                return True
        reached = state.prices
        done, windows, _, _ = key
        left = [window for window in windows if window[0] >= 0]
        sets, most = (self.haste.sets, self.haste.dates) if self.haste else (None, self.site.days.count)
        for day in range(min(low for low, _ in left), min(high for _, high in left) + 1):
            part, pushed = self.sharing.begin(done, windows, day), self.pushed
            if part.open > FEW and not self.haste:
                self._put_off(key, prices, part)
                continue
            for groups in islice(self.sharing.sets(part), sets):
                self._leg(key, prices, day, groups)
            most -= self.pushed > pushed
            if not most:
                break
            if self.run.over:
                return False
        state.gone_on = reached
        return True

    def _put_off(self, key: Key, prices: Prices, part: Part) -> None:
        """Go on with a date that is half decided when nothing is cheaper than what it leads to at least."""
        windows = self.sharing.left(part, key[1])
        if windows is not None:
            self._push(self._floor((key[0], windows, *key[2:]), prices), key, prices, part)

    def _decide(self, key: Key, prices: Prices, part: Part) -> None:
        """Ask the next group of a date that is half decided."""
        for further in self.sharing.further(part):
            if not further.decided:
                self._put_off(key, prices, further)
            elif further.chosen and not further.must & ~further.chosen:
                self._leg(key, prices, further.day, further.chosen)

    def _leg(self, key: Key, prices: Prices, day: int, groups: int) -> None:
        """Do some groups on a date, if that is allowed."""
        self.run.did(1)
        done, windows, visits, shared = key
        after = self._after(done | groups, windows, day, groups)
        if after is None:
            return
        if groups & self.visits:
            prices = prices + self.weights.visit_day
            visits += self.limits.visits_most is not None
            shared += self.limits.dates_most is not None and self.shared >> day & 1
            if shared > (self.limits.dates_most or 0) and self.limits.dates_most is not None:
                return
        if groups & self.timed and not self.timed & ~(done | groups):
            prices = prices + self.weights.finish_day * max(0, day - self.site.first_day)
        then: Key = (done | groups, after, visits, shared)
        if self._too_many(then):
            return
        prices = prices + self.journey.price(groups, day)
        self._reach(then, prices, Leg(day, groups, key, prices))

    def _too_many(self, key: Key) -> bool:
        """Whether more dates with a visit are had, or still to come, than limits allow."""
        if self.limits.visits_most is None:
            return False
        spare = self.limits.visits_most - key[2]
        return spare < (self.apart & ~key[0]).bit_count() or spare < self._visits_left(key)

    def _after(
        self, done: int, windows: tuple[tuple[int, int], ...], day: int, groups: int
    ) -> tuple[tuple[int, int], ...] | None:
        """The dates that are open to the rest once some groups are done on a date."""
        made, touched = list(windows), 0
        for number in bits.each(groups):
            made[number] = (-1, -1)
            for other, (least, most) in self.groups[number].after.items():
                if not done >> other & 1:
                    low, high = made[other]
                    made[other] = (max(low, day + least), min(high, day + most))
                    touched |= 1 << other
        for number, (low, high) in enumerate(made):
            if low > day and not touched >> number & 1:
                continue
            if low >= 0:
                low = max(low, day + 1)
                ahead = self.dates[number] >> low << low & (1 << high + 1) - 1 if low <= high else 0
                if not ahead:
                    return None
                made[number] = ((ahead & -ahead).bit_length() - 1, ahead.bit_length() - 1)
        return tuple(made)

    def _route(self, key: Key, cost: float) -> Route:
        """The dates that led to a key for the crew that is cheapest."""
        total = self.states[key].prices + self.journey.crews.further
        crew = tuple(int(each) for each in np.unravel_index(int(total.argmin()), total.shape))
        legs, at = [], key
        while self.states[at].legs:
            leg = min(self.states[at].legs, key=lambda each: _of(each.prices, crew))
            legs.append((leg.day, leg.groups))
            at = leg.before
        return Route(cost=int(cost), bound=int(cost), crew=crew, legs=tuple(reversed(legs)))


def _of(prices: Prices, crew: tuple[int, ...]) -> float:
    """The price for one crew; an axis of length 1 is for all."""
    return float(
        prices[tuple(min(index, length - 1) for index, length in zip(crew, prices.shape, strict=True))]
    )

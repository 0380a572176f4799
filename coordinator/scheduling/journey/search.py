"""Best first from date to date: which groups share which date, until every group has one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import product
from typing import TypeAlias

import numpy as np

from coordinator.scheduling import bits
from coordinator.scheduling.journey.crews import INFINITE, Crews, Prices
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.modes import Way
from coordinator.scheduling.journey.outlook import Outlook
from coordinator.scheduling.journey.packing import Fit, Packing
from coordinator.scheduling.journey.window import Window
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.roles import Thing
from coordinator.scheduling.run import Run

Key: TypeAlias = tuple[int, tuple[tuple[int, int], ...], int, int]
"""What is left to do after some dates: the groups done (a set of numbers), for every other one the first and last date
that is still open to it, and what limits count: the last date, visits."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One date: the groups done on it, and how they came to it: the key before."""

    day: int
    groups: int
    before: Key
    prices: Prices
    level: float = -1.0


Offer: TypeAlias = tuple[tuple[tuple[int, Thing], ...], Fit]
"""Who is needed for which series, and what that costs on each date."""


class Journey:
    """A plan in a location, ready to be searched from date to date."""

    def __init__(self, window: Window, crews: Crews, packing: Packing) -> None:
        self.site, self.groups, self.ways = window.site, window.groups, window.ways
        self.crews, self.packing = crews, packing
        self._ways = {key: packing.ways_of(key) for key, step in self.site.steps.items() if step.phases}
        self._own: dict[object, dict[int, Prices]] = {}
        self._offers: dict[int, list[Offer]] = {}

    def own(self, group: Group) -> dict[int, Prices]:
        """For each date what it costs to do a group, by crew."""
        keys = [key for key in group.steps if key in self._ways]
        alike = self._signature(keys)
        if alike not in self._own:
            self._own[alike] = self.crews.prices(self._costs(keys))
        return self._own[alike]

    def possible(self, dates: list[int]) -> list[int]:
        """Those of the dates of each group on which some crew can do it."""
        made = []
        for group, days in zip(self.groups, dates, strict=True):
            some = sum(1 << day for day in self.own(group)) if group.timed else -1
            made.append(days & some)
        return made

    def _signature(self, keys: list[str]) -> object:
        """What two groups must have in common to cost the same."""
        ways = tuple(tuple((way.servers, way.modes) for way in self._ways_of(key)) for key in keys)
        order = self.packing.order
        among = tuple(tuple(bool(order.later[key] & order.bit[other]) for other in keys) for key in keys)
        return ways, among, tuple(order.gap.get(key) for key in keys)

    def _ways_of(self, key: str) -> Iterator[Way]:
        return (self.packing.ways[index] for index in self._ways[key])

    def _costs(self, keys: list[str]) -> Iterator[tuple[tuple[tuple[int, Thing], ...], Mapping[int, int]]]:
        if len(keys) == 1:
            return ((way.servers, self._by_date(way)) for way in self._ways_of(keys[0]))
        return ((servers, fit.all()) for servers, fit in self._fits(keys))

    def _by_date(self, way: Way) -> dict[int, int]:
        """What a way costs on each date it has a start on, if it is not too long for any."""
        found: dict[int, int] = {}
        step, most = self.site.steps[way.step], self.site.plan.max_day_minutes
        if most is not None and step.minutes > most and not step.remote:
            return found
        for price, ticks in way.modes:
            for day in bits.each(self.site.days_of(ticks)):
                found[day] = min(price, found.get(day, price))
        return found

    def _fits(self, keys: list[str]) -> Iterator[Offer]:
        for chosen in product(*(self._ways[key] for key in keys)):
            servers = tuple(server for each in chosen for server in self.packing.ways[each].servers)
            if self.crews.allows(servers):
                yield servers, self.packing.fit(chosen)

    def offers(self, groups: int) -> list[Offer]:
        """Every choice of who serves in the steps of some groups (a set of numbers) on one date."""
        if groups not in self._offers:
            keys = [
                key for number in bits.each(groups) for key in self.groups[number].steps if key in self._ways
            ]
            self._offers[groups] = list(self._fits(keys))
        return self._offers[groups]


@dataclass(slots=True)
class State:
    """What is known of a key: the least price by crew, what of it was gone on from, and the ways to come here."""

    prices: Prices
    gone_on: Prices | None
    legs: list[Leg]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A finished search: by crew and date what is done; ``bound`` is proven, ``done`` that time was enough."""

    cost: int | None
    bound: int
    crew: tuple[int, ...] = ()
    legs: tuple[tuple[int, int], ...] = ()
    done: bool = True


class Search:
    """Best first over keys; the first one with nothing left to do is the best."""

    def __init__(self, journey: Journey, dates: list[int], limits: Limits, run: Run) -> None:
        self.journey, self.groups, self.dates = journey, journey.groups, dates
        self.site, self.limits, self.run = journey.site, limits, run
        self.weights = self.site.problem.weights
        self.own = [journey.own(group) if group.timed else {} for group in self.groups]
        self.least = [self._least(group) for group in self.groups]
        self.outlook = Outlook(self.groups, dates, self.least, self.weights, self.site.first_day)
        self.timed = sum(1 << group.number for group in self.groups if group.timed)
        self.visits = sum(1 << group.number for group in self.groups if group.visit)
        self.all = (1 << len(self.groups)) - 1
        days = enumerate(range(self.site.days.first, self.site.days.first + self.site.days.count))
        self.shared = sum(1 << index for index, day in days if day in limits.dates)
        self.step = 30 * self.weights.wait_minute or INFINITE
        self.states: dict[Key, State] = {}
        self.heap: list[tuple[float, int, int, Key, Leg | None]] = []
        self.count = self.pushed = 0
        self._begin()

    def _least(self, group: Group) -> Mapping[int, Prices]:
        """What a group costs at least on each date: others may fill the time that is waited for it alone."""
        own, dates = self.own[group.number], self.dates[group.number]
        if len(group.steps) < 2:
            return own
        others = (other for other in self.groups if other is not group and not group.apart >> other.number & 1
                  and self.dates[other.number] & dates)  # fmt: skip
        minutes = sum(self.site.steps[key].minutes for other in others for key in other.steps)
        filled = minutes * self.weights.wait_minute
        return {day: np.maximum(own[day] - filled, 0) for day in bits.each(dates)} if filled else own

    def _begin(self) -> None:
        """Come to where nothing is done."""
        windows = tuple(
            (bits.first(each), bits.last(each)) if group.timed else (-1, -1)
            for group, each in zip(self.groups, self.dates, strict=True)
        )
        start: Key = (self.all & ~self.timed, windows, 0, 0)
        rank = float(self.weights.location_rank * self.site.rank)
        self._reach(start, np.full((1,) * len(self.journey.crews.axis), rank), None)
        self.root = self.heap[0][0] if self.heap else INFINITE

    def best(self) -> Route:
        """The cheapest route; its bound is proven also where time runs out."""
        while self.heap:
            cost, _, _, key, leg = heappop(self.heap)
            if leg is not None:
                self._pack(key, leg)
                continue
            if key[0] == self.all:
                return self._route(key, cost)
            self.count += 1
            if self.count % 16 == 0 and self.run.over:
                return Route(cost=None, bound=int(cost), done=False)
            self._go_on(key)
        return Route(cost=None, bound=self.limits.below or 0)

    def _push(self, cost: float, key: Key, leg: Leg | None) -> None:
        if cost < INFINITE and (self.limits.below is None or cost < self.limits.below):
            self.pushed += 1
            heappush(self.heap, (cost, -key[0].bit_count(), self.pushed, key, leg))

    def _pack(self, key: Key, leg: Leg) -> None:
        """Come to a key by a leg that looked cheap, as far as its date can be packed for little more."""
        level, day = leg.level + self.step, leg.day
        offers = self.journey.offers(leg.groups)
        found = [(servers, {day: cost}) for servers, fit in offers
                 if (cost := fit.on(day, level)) is not None and cost > leg.level]  # fmt: skip
        if found and (cost := self.journey.crews.prices(found).get(day)) is not None:
            prices = leg.prices + cost
            self._reach(key, prices, replace(leg, prices=prices))
        if any(fit.may(day, level) for _, fit in offers):
            self._later(key, replace(leg, level=level))

    def _later(self, key: Key, leg: Leg) -> None:
        """Put off a leg to when nothing is cheaper than what it must cost at least."""
        least = sum((self.least[number][leg.day] for number in bits.each(leg.groups)), start=np.float64(0))
        prices = leg.prices + np.maximum(least, max(leg.level, 0))
        self._push(self._floor(key, prices), key, leg)

    def _reach(self, key: Key, prices: Prices, leg: Leg | None) -> None:
        """Come to a key for a price; worth going on only if it is better than before for some crew."""
        state = self.states.get(key)
        if state is None:
            state = self.states[key] = State(prices, None, [])
        elif not (prices < state.prices).any():
            return
        else:
            state.prices = np.minimum(state.prices, prices)
        if leg is not None:
            state.legs.append(leg)
        self._push(self._floor(key, prices), key, None)

    def _floor(self, key: Key, prices: Prices) -> float:
        """What a whole plan costs at least that comes by a key."""
        done, windows, _, _ = key
        total = prices + self.journey.crews.further
        end = -1
        for number, (low, high) in enumerate(windows):
            if done >> number & 1:
                continue
            parent = self.outlook.parent[number]
            if parent is None or done >> parent & 1:
                total = total + self.outlook.least(number, low, high)
            end = max(end, low)
        if end >= 0 and done >> self.outlook.final & 1:
            total = total + self.weights.finish_day * (end - self.site.first_day)
        return float(total.min())

    def _go_on(self, key: Key) -> None:
        """Every next date, and what could be done on it."""
        state = self.states[key]
        prices = state.prices
        if state.gone_on is not None:
            prices = np.where(prices < state.gone_on, prices, INFINITE)
            if not (prices < INFINITE).any():
                return
        state.gone_on = state.prices
        done, windows, visits, shared = key
        open_ones = [number for number in range(len(windows)) if not done >> number & 1]
        until = min(windows[number][1] for number in open_ones)
        for day in range(min(windows[number][0] for number in open_ones), until + 1):
            for groups in self._together(done, windows, day, open_ones):
                self._leg(key, prices, day, groups)

    def _together(
        self, done: int, windows: tuple[tuple[int, int], ...], day: int, open_ones: list[int]
    ) -> Iterator[int]:
        """The sets of groups that could share a date, with all that cannot wait longer."""
        able, must = [], 0
        for number in open_ones:
            low, high = windows[number]
            if low <= day and self.dates[number] >> day & 1:
                able.append(number)
            if high <= day:
                must |= 1 << number

        def add(index: int, chosen: int, barred: int) -> Iterator[int]:
            if index == len(able):
                if chosen and not must & ~chosen:
                    yield chosen
                return
            number = able[index]
            group = self.groups[number]
            if not barred >> number & 1 and all(
                done >> other & 1 or (chosen >> other & 1 and least == 0)
                for other, (least, _) in group.before.items()
            ):
                yield from add(index + 1, chosen | 1 << number, barred | group.apart)
            if not must >> number & 1:
                yield from add(index + 1, chosen, barred)

        yield from add(0, 0, 0)

    def _leg(self, key: Key, prices: Prices, day: int, groups: int) -> None:
        """Do some groups on a date, if that is allowed."""
        done, windows, visits, shared = key
        after = self._after(done | groups, windows, day, groups)
        if after is None:
            return
        if groups & self.visits:
            prices = prices + self.weights.visit_day
            visits += self.limits.visits_most is not None
            shared += self.limits.dates_most is not None and self.shared >> day & 1
            if self._too_many(visits + bool(self.visits & ~(done | groups)), shared):
                return
        if groups & self.timed and not self.timed & ~(done | groups):
            prices = prices + self.weights.finish_day * max(0, day - self.site.first_day)
        then: Key = (done | groups, after, visits, shared)
        leg = Leg(day, groups, key, prices)
        if groups & (groups - 1):
            self._later(then, leg)
        else:
            prices = prices + self.own[bits.first(groups)][day]
            self._reach(then, prices, replace(leg, prices=prices))

    def _too_many(self, visits: int, shared: int) -> bool:
        """Whether limits on dates are broken."""
        most, dates = self.limits.visits_most, self.limits.dates_most
        return (most is not None and visits > most) or (dates is not None and shared > dates)

    def _after(
        self, done: int, windows: tuple[tuple[int, int], ...], day: int, groups: int
    ) -> tuple[tuple[int, int], ...] | None:
        """The dates that are open to the rest once some groups are done on a date."""
        made = list(windows)
        for number in bits.each(groups):
            made[number] = (-1, -1)
            for other, (least, most) in self.groups[number].after.items():
                if not done >> other & 1:
                    low, high = made[other]
                    made[other] = (max(low, day + least), min(high, day + most))
        for number, (low, high) in enumerate(made):
            if low >= 0:
                low = max(low, day + 1)
                if low > high:
                    return None
                ahead = self.dates[number] >> low << low & bits.span(0, high)
                if not ahead:
                    return None
                made[number] = (bits.first(ahead), bits.last(ahead))
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

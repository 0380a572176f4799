"""The smallest changes of one rule of a plan that make the plan fit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from coordinator.scheduling.explaining import said
from coordinator.scheduling.explaining.change import Change
from coordinator.scheduling.explaining.demands import Demand, Demands
from coordinator.scheduling.explaining.fitting import Fitting
from coordinator.scheduling.problem import Gap, Link, Plan

DAY = 1440


@dataclass(frozen=True, slots=True)
class Easing:
    """A plan that does not fit, and what is known of it."""

    fitting: Fitting
    demands: Demands

    @property
    def plan(self) -> Plan:
        """The plan as it is."""
        return self.demands.plan

    def fits(self, plan: Plan) -> bool:
        """Whether a changed plan fits for sure."""
        return self.fitting.fits(plan) is True

    def enough(self, make: Callable[[int], Plan], most: int) -> int | None:
        """The smallest number from 1 to ``most`` that makes the plan fit; None: not even the largest does."""
        if most < 1 or not self.fits(make(most)):
            return None
        low, high = 0, most
        near = 1
        while low + near < high and not self.fits(make(low + near)):
            low, near = low + near, 2 * near
        high = min(high, low + near)
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.fits(make(middle)) else (middle, high)
        return high

    def of(self, demand: Demand) -> Iterator[Change]:
        """The smallest changes of one rule."""
        known = _EASINGS.get(demand.rule)
        if known is not None:
            yield from known(self, demand)

    def _links(self, demand: Demand) -> Iterator[Change]:
        link = self.plan.links[demand.index]
        if link.days is not None:
            yield from _stretched(self, link, (demand.index,), "days")
            alike = _alike(self.plan, link)
            if len(alike) > 1:
                yield from _stretched(self, link, alike, "days")
        if link.minutes is not None:
            yield from _stretched(self, link, (demand.index,), "minutes")

    def _series(self, demand: Demand) -> Iterator[Change]:
        series = self.plan.series[demand.index]
        items = list(self.plan.series)
        items[demand.index] = replace(series, same=False)
        who = said.capabilities((series.capability,))
        text = f"Let more than one {who} do {said.listed(series.steps)}"
        yield from self._if_fits("relax-series", text, DAY, replace(self.plan, series=tuple(items)))

    def _if_fits(self, word: str, text: str, size: int, plan: Plan) -> Iterator[Change]:
        if self.fits(plan):
            yield Change(word=word, text=text, size=size, plan=plan)

    def _pinned(self, demand: Demand) -> Iterator[Change]:
        plan = replace(
            self.plan, pinned=tuple(key for key in dict.fromkeys(self.plan.pinned) if key != demand.step)
        )
        yield from self._if_fits("unpin", f"Let {demand.step} move from where it is booked", DAY, plan)

    def _together(self, demand: Demand) -> Iterator[Change]:
        groups, steps = self.plan.same_day, said.listed(self.plan.same_day[demand.index])
        plan = replace(self.plan, same_day=_but(groups, demand.index))
        yield from self._if_fits("separate-days", f"Let {steps} be on different dates", DAY, plan)

    def _apart(self, demand: Demand) -> Iterator[Change]:
        groups, steps = self.plan.not_same_day, said.listed(self.plan.not_same_day[demand.index])
        plan = replace(self.plan, not_same_day=_but(groups, demand.index))
        yield from self._if_fits("share-day", f"Let {steps} share a date", DAY, plan)

    def _day_length(self, _demand: Demand) -> Iterator[Change]:
        most, grid = self.plan.max_day_minutes or 0, self.fitting.problem.grid

        def longer(more: int) -> Plan:
            return replace(self.plan, max_day_minutes=most + more * grid)

        more = self.enough(longer, -(-(DAY - most) // grid))
        if more is not None:
            text = f"Let a day last {said.minutes(most + more * grid)} instead of {said.minutes(most)}"
            yield Change(word="longer-day", text=text, size=more * grid, plan=longer(more))

    def _window(self, demand: Demand) -> Iterator[Change]:
        step, grid = self.plan.step(demand.step), self.fitting.problem.grid
        windows = step.windows or ()
        for early, late in ((1, 0), (0, 1)):

            def wider(more: int, among: Sequence[int], early: int = early, late: int = late) -> Plan:
                made = tuple(
                    (low - early * more * grid, high + late * more * grid) if number in among else (low, high)
                    for number, (low, high) in enumerate(windows)
                )
                return _with_windows(self.plan, demand.step, made)

            every = range(len(windows))
            more = self.enough(lambda much: wider(much, every), self.fitting.problem.minutes // grid)  # noqa: B023
            if more is None:
                continue
            one = next((number for number in every if self.fits(wider(more, (number,)))), None)
            plan = wider(more, every if one is None else (one,))
            side = "earlier" if early else "later"
            end = "begin" if early else "end"
            text = f"Let the window of {demand.step} {end} {said.minutes(more * grid)} {side}"
            yield Change(word="widen-window", text=text, size=more * grid, plan=plan)


def earlier(easing: Easing) -> Iterator[Change]:
    """The plan begins sooner: by as few days as suffice."""
    plan = easing.plan

    def sooner(days: int) -> Plan:
        return replace(plan, earliest=max(0, plan.earliest - days * DAY))

    days = easing.enough(sooner, -(-plan.earliest // DAY)) if plan.earliest else None
    if days is not None:
        text = f"Let the plan begin {said.count(days, 'days')} sooner"
        yield Change(word="earlier-start", text=text, size=days * DAY, plan=sooner(days))


def _stretched(easing: Easing, link: Link, among: Sequence[int], unit: str) -> Iterator[Change]:
    """Links with a longer gap at most, or a shorter one at least."""
    plan, problem = easing.plan, easing.fitting.problem
    gap: Gap = getattr(link, unit)
    each, far = (1, problem.minutes // DAY) if unit == "days" else (problem.grid, problem.minutes)

    def wider(more: int) -> Plan:
        return _with_gap(plan, among, unit, replace(gap, most=(gap.most or 0) + more * each))

    floor = min(gap.least, 1) if len(among) > 1 else 0  # a series has a date for each step, and keeps it

    def closer(less: int) -> Plan:
        return _with_gap(plan, among, unit, replace(gap, least=max(floor, gap.least - less * each)))

    spare = gap.least - floor
    for make, most in ((wider, far // each if gap.most is not None else 0), (closer, -(-spare // each))):
        amount = easing.enough(make, most)
        if amount is not None:
            changed = make(amount)
            now: Gap = getattr(changed.links[among[0]], unit)
            text = _says(link, len(among), gap, now, unit)
            size = amount * each * (DAY if unit == "days" else 1) * len(among)
            yield Change(word="stretch-link", text=text, size=size, plan=changed)
            return  # a gap at least has its reason more often: it is touched only where nothing else helps


def _says(link: Link, several: int, was: Gap, now: Gap, unit: str) -> str:
    who = (
        f"Let {link.then} follow {link.first}"
        if several == 1
        else "Let the steps of the series follow each other"
    )
    if now.most != was.most:
        return f"{who} after up to {said.count(now.most or 0, unit)} instead of {was.most}"
    return f"{who} after {said.count(now.least, unit)} or more instead of {was.least}"


def _alike(plan: Plan, link: Link) -> tuple[int, ...]:
    """The links with the same gap between steps of the same series."""
    series = next(
        (set(each.steps) for each in plan.series if {link.first, link.then} <= set(each.steps)), set()
    )
    return tuple(
        number
        for number, other in enumerate(plan.links)
        if other.days == link.days and {other.first, other.then} <= series
    )


def _with_gap(plan: Plan, among: Sequence[int], unit: str, gap: Gap) -> Plan:
    links = (_given(link, unit, gap) if number in among else link for number, link in enumerate(plan.links))
    return replace(plan, links=tuple(links))


def _given(link: Link, unit: str, gap: Gap) -> Link:
    return replace(link, days=gap) if unit == "days" else replace(link, minutes=gap)


def _with_windows(plan: Plan, key: str, windows: tuple[tuple[int, int], ...]) -> Plan:
    steps = (replace(step, windows=windows) if step.key == key else step for step in plan.steps)
    return replace(plan, steps=tuple(steps))


def _but(groups: tuple[tuple[str, ...], ...], index: int) -> tuple[tuple[str, ...], ...]:
    return groups[:index] + groups[index + 1 :]


_EASINGS = {
    "link": Easing._links, "series": Easing._series, "pinned": Easing._pinned, "same-day": Easing._together,
    "not-same-day": Easing._apart, "day-length": Easing._day_length, "window": Easing._window,
}  # fmt: skip

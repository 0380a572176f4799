"""What calendars leave to each step of a plan in one location, in as many variants of the plan as are asked for."""

from collections.abc import Collection, Mapping
from functools import cached_property

from coordinator.scheduling import bits, roles
from coordinator.scheduling.problem import Plan, Step
from coordinator.scheduling.roles import Role, Thing
from coordinator.scheduling.site import Site, patient_runs

Serving = Mapping[int, Thing]
"""Who serves each hard series of a plan, by the number of the series."""

Mine = tuple[tuple[str, Thing], ...]
"""Who serves a step, for each capability of which a series asks for one and the same."""


class Ground:
    """A location over the whole horizon. Variants of the plan have the same steps, with other rules or without some."""

    def __init__(self, site: Site) -> None:
        self.site, self.plan = site, site.plan
        self._roles: dict[object, list[Role]] = {}
        self._able: dict[object, int] = {}
        self._known: dict[object, tuple[int, int]] = {}
        self._quick: dict[object, tuple[int, int]] = {}
        self._kept: list[object] = []

    def ticks(self, plan: Plan, step: Step, serving: Serving) -> int:
        """The ticks at which a step of a variant could start if it were alone."""
        return self._alone(plan, step, _mine(plan, serving).get(step.key, ()), serving)[0]

    def dates(self, plan: Plan, serving: Serving, among: Collection[str] | None = None) -> dict[str, int]:
        """The dates of those ticks, as sets of indexes, for all steps or some of them."""
        mine = _mine(plan, serving)
        return {
            step.key: self._alone(plan, step, mine.get(step.key, ()), serving)[1]
            for step in plan.steps
            if among is None or step.key in among
        }

    def _alone(self, plan: Plan, step: Step, mine: Mine, serving: Serving) -> tuple[int, int]:
        """Ticks and dates of a step that some things serve; what is the same object need not be compared."""
        pinned = step.key in plan.pinned
        quick = id(step), id(plan.free), pinned, mine, plan.earliest, plan.max_day_minutes
        if quick not in self._quick:
            self._kept += (step, plan.free)  # what is kept here has no other's identity
            asked = self._key(plan, step, mine)
            if asked not in self._known:
                ticks = self._find(plan, step, serving)
                self._known[asked] = ticks, self.site.days_of(ticks)
            self._quick[quick] = self._known[asked]
        return self._quick[quick]

    def _key(self, plan: Plan, step: Step, mine: Mine) -> tuple[object, ...]:
        """What says when a step could start; steps that ask for the same have it in common."""
        was = (step.key, plan.booked[step.key].start) if step.key in plan.pinned else None
        return (
            step.phases,
            step.remote,
            step.windows,
            plan.free,
            was,
            mine,
            plan.earliest,
            plan.max_day_minutes,
        )

    def _find(self, plan: Plan, step: Step, serving: Serving) -> int:
        grid, most = self.site.grid, self.site.most
        first = -(-plan.earliest // grid)
        ticks = bits.span(first, min(most, (self.site.problem.minutes - step.minutes) // grid))
        if step.key in plan.pinned:
            ticks &= self._pinned(plan, step)
        if step.windows is not None:
            ticks &= self._in_windows(step)
        if plan.max_day_minutes is not None and not step.remote and _visit(step) > plan.max_day_minutes:
            return 0
        if plan.free is not None:
            for offset, minutes in patient_runs(step):
                ticks &= bits.starts(plan.free, offset, minutes, grid, most)
        return ticks & self._anyone(plan, step, serving) if ticks else 0

    def _pinned(self, plan: Plan, step: Step) -> int:
        was, grid = plan.booked[step.key], self.site.grid
        asked = [len(phase.needs) for phase in step.phases]
        fits = plan.booked_location == self.site.location and asked == [len(names) for names in was.uses]
        return 1 << was.start // grid if fits and was.start >= 0 and was.start % grid == 0 else 0

    def _in_windows(self, step: Step) -> int:
        made = 0
        for window in step.windows or ():
            made |= bits.starts((window,), 0, step.minutes, self.site.grid, self.site.most)
        return made

    def _anyone(self, plan: Plan, step: Step, serving: Serving) -> int:
        """The ticks at which somebody is there for every role of a step."""
        ticks, barred = -1, self.barred(plan, step, serving)
        for role in self.roles(plan, step):
            ticks &= self._by(role, frozenset(barred.intersection(role.starts)))
        return ticks

    def later(self, ticks: int) -> int:
        """All ticks of the same date that are not before one of these."""
        begins, tops = self._edges
        below = bits.span(0, bits.last(tops)) & ~tops
        ticks &= below | tops
        touched = (((ticks & below) + below) | ticks) & tops
        some = ticks | tops  # within each date, adding 1 to what is missing carries up to the first of them
        return ((some | ((below & ~some) + begins)) & below) | touched

    @cached_property
    def _edges(self) -> tuple[int, int]:
        """The first ticks of all dates, and the last ones."""
        dates = [(low, high) for low, high in self.site.day_ticks[: self.site.last_day + 1] if low <= high]
        return sum(1 << low for low, _ in dates), sum(1 << high for _, high in dates)

    def barred(self, plan: Plan, step: Step, serving: Serving) -> frozenset[str]:
        """Who may not serve in a step, because another one serves its series."""
        things = self.site.things
        return frozenset(
            name
            for number, who in serving.items()
            if step.key in plan.series[number].steps
            for name in self.counting(plan, number)
            if things[name] != who
        )

    def _by(self, role: Role, barred: frozenset[str]) -> int:
        asked = (
            id(role.starts),
            barred,
        )  # steps that ask for the same share one; all stay as long as this does
        if asked not in self._able:
            self._able[asked] = role.by(name for name in role.starts if name not in barred)
        return self._able[asked]

    def roles(self, plan: Plan, step: Step) -> list[Role]:
        """The roles of a step of a variant."""
        if not any(phase.needs for phase in step.phases):
            return []
        pinned = step.key in plan.pinned
        if pinned == (step.key in self.plan.pinned):
            return self.site.roles[step.key]
        if (step.key, pinned) not in self._roles:
            site = self.site
            found = roles.of_step(site.problem, plan, step, site.location, site.problem.openings, site.most)
            self._roles[step.key, pinned] = found
        return self._roles[step.key, pinned]

    def counting(self, plan: Plan, number: int) -> frozenset[str]:
        """The names of the resources that count in a series."""
        able = self.site.problem.able.get((self.site.location, plan.series[number].capability), ())
        return frozenset(each.key for each in able)

    def able(self, plan: Plan) -> dict[int, list[Thing]]:
        """The things that could serve each hard series of a variant, where there are several."""
        hard = (number for number, series in enumerate(plan.series) if series.same)
        return {number: able for number in hard if len(able := self._things(plan, number)) > 1}

    def _things(self, plan: Plan, number: int) -> list[Thing]:
        """The things that could serve a step of a series."""
        keys, counting = set(plan.series[number].steps), self.counting(plan, number)
        rows = {id(role.starts): role.starts for step in plan.steps if step.key in keys
                for role in self.roles(plan, step)}  # fmt: skip
        names = {name for row in rows.values() for name in row if name in counting}
        return sorted({self.site.things[name] for name in names})


def _mine(plan: Plan, serving: Serving) -> dict[str, Mine]:
    """Who serves each step that is in a series."""
    made: dict[str, Mine] = {}
    for number, who in serving.items():
        for key in plan.series[number].steps:
            made[key] = (*made.get(key, ()), (plan.series[number].capability, who))
    return made


def _visit(step: Step) -> int:
    """The minutes from the patient's arrival for a step to the leaving."""
    runs = patient_runs(step)
    return sum(runs[-1]) - runs[0][0] if runs else 0

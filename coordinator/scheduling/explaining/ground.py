"""What calendars leave to each step of a plan in one location, in as many variants of the plan as are asked for."""

from collections.abc import Iterator, Mapping
from itertools import product
from math import prod

from coordinator.scheduling import bits, roles
from coordinator.scheduling.problem import Interval, Plan, Step
from coordinator.scheduling.roles import Role, Thing
from coordinator.scheduling.site import Site, patient_runs

MANY = 200  # ways to serve the hard series, from which on nothing is said of them here

Serving = Mapping[int, Thing]
"""Who serves each hard series of a plan, by the number of the series."""


class Ground:
    """A location over the whole horizon. Variants of the plan have the same steps, with other rules or without some."""

    def __init__(self, site: Site) -> None:
        self.site, self.plan = site, site.plan
        self._roles: dict[object, list[Role]] = {}
        self._free: dict[int, tuple[Interval, ...]] = {}
        self._able: dict[object, int] = {}
        self._ticks: dict[object, int] = {}
        self._days: dict[object, int] = {}

    def ticks(self, plan: Plan, step: Step, serving: Serving) -> int:
        """The ticks at which a step of a variant could start if it were alone."""
        asked = self._key(plan, step, serving)
        if asked not in self._ticks:
            self._ticks[asked] = self._find(plan, step, serving)
        return self._ticks[asked]

    def days(self, plan: Plan, step: Step, serving: Serving) -> int:
        """The dates of those ticks, as a set of indexes."""
        asked = self._key(plan, step, serving)
        if asked not in self._days:
            self._days[asked] = self.site.days_of(self.ticks(plan, step, serving))
        return self._days[asked]

    def _key(self, plan: Plan, step: Step, serving: Serving) -> tuple[object, ...]:
        free = plan.free
        if free is not None:
            self._free[id(free)] = free  # what is kept here has no other's identity
        bare = not any(phase.needs for phase in step.phases)
        pinned = plan.booked[step.key].start if step.key in plan.pinned else None
        mine = () if bare else tuple((plan.series[number].capability, who) for number, who in serving.items()
                                     if step.key in plan.series[number].steps)  # fmt: skip
        earliest = plan.earliest
        return step.key, bare, step.windows, None if free is None else id(free), pinned, mine, earliest

    def _find(self, plan: Plan, step: Step, serving: Serving) -> int:
        grid, most = self.site.grid, self.site.most
        first = -(-plan.earliest // grid)
        ticks = bits.span(first, min(most, (self.site.problem.minutes - step.minutes) // grid))
        if step.key in plan.pinned:
            ticks &= self._pinned(plan, step)
        if step.windows is not None:
            ticks &= self._in_windows(step)
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

    def servings(self, plan: Plan) -> Iterator[Serving]:
        """Every way to have each hard series of a variant served by one thing."""
        who = {number: able for number, series in enumerate(plan.series) if series.same
               and len(able := self._things(plan, number)) > 1}  # fmt: skip
        if prod(map(len, who.values())) > MANY:
            who = {}
        return (dict(zip(who, chosen, strict=True)) for chosen in product(*who.values()))

    def _things(self, plan: Plan, number: int) -> list[Thing]:
        """The things that could serve a step of a series."""
        keys, counting = set(plan.series[number].steps), self.counting(plan, number)
        names = {name for step in plan.steps if step.key in keys
                 for role in self.roles(plan, step) for name in role.starts}  # fmt: skip
        return sorted({self.site.things[name] for name in names & counting})

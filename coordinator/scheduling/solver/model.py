"""The times of one plan in one location as a CP-SAT model: starts, dates, links, visits, cost."""

from collections import defaultdict
from dataclasses import dataclass

from ortools.sat.python import cp_model

from coordinator.scheduling import bits
from coordinator.scheduling.limits import Limits
from coordinator.scheduling.problem import Gap, Link
from coordinator.scheduling.site import Domains, Site, patient_runs
from coordinator.scheduling.solver import order

Expr = cp_model.LinearExpr | int


@dataclass(frozen=True, slots=True)
class Visit:
    """A stretch of a step that begins on one date: from ``arrive`` to ``leave``, in minutes from the step's start.

    ``on`` says for each date, by its index, the literal of beginning then; ``date`` is the plan's date, if it is that.
    """

    step: str
    arrive: int
    leave: int
    minutes: int
    on: dict[int, cp_model.IntVar]
    date: int | None


class Model:
    """Starts and dates of every step, with the rules that do not ask which resource it is."""

    def __init__(self, site: Site, domains: Domains, limits: Limits) -> None:
        self.site, self.domains, self.limits = site, domains, limits
        self.model = cp_model.CpModel()
        self.cost: list[Expr] = []
        self.dates = order.Dates(site)
        self.true = self.model.new_constant(1)
        self.tick = {key: self._tick(ticks) for key, ticks in domains.items()}
        self.on: dict[int, dict[int, cp_model.IntVar]] = {}
        self.day: dict[int, Expr] = {}
        for date, keys in self.dates.members.items():
            self._date(date, keys)
        for link in site.plan.links:
            self._link(link)
        for group in site.plan.not_same_day:
            self._not_same_day([self.dates.of[key] for key in group])
        self._patient_in_one_place()
        self._finish()

    def _tick(self, ticks: int) -> cp_model.IntVar:
        return self.model.new_int_var_from_domain(cp_model.Domain.from_intervals(bits.runs(ticks)), "")

    def never(self) -> None:
        """Nothing fits."""
        self.model.add_bool_or([])

    def within(self, key: str, ticks: int, flag: cp_model.IntVar) -> None:
        """Where ``flag`` holds the step starts at one of ``ticks``."""
        if self.domains[key] & ~ticks == 0:
            return
        domain = cp_model.Domain.from_intervals(bits.runs(ticks & self.domains[key]))
        self.model.add_linear_expression_in_domain(self.tick[key], domain).only_enforce_if(flag)

    def _date(self, date: int, keys: list[str]) -> None:
        """The literals of one date, and the starts that go with each."""
        common = -1
        for key in keys:
            common &= self.site.days_of(self.domains[key])
        days = list(bits.each(common))
        if not days:
            self.never()
            self.on[date], self.day[date] = {}, 0
            return
        if len(days) == 1:
            self.on[date], self.day[date] = {days[0]: self.true}, days[0]
            for key in keys:
                self.within(key, bits.span(*self.site.day_ticks[days[0]]), self.true)
            return
        on = {day: self.model.new_bool_var("") for day in days}
        value = self.model.new_int_var_from_domain(cp_model.Domain.from_values(days), "")
        self.model.add_exactly_one(on.values())
        self.model.add(value == sum(day * flag for day, flag in on.items()))
        for key in keys:
            self._starts_on(key, on)
        self.on[date], self.day[date] = on, value

    def _starts_on(self, key: str, on: dict[int, cp_model.IntVar]) -> None:
        """Bind a start to the literals of its date."""
        ticks, hull = self.domains[key], {}
        for day, flag in on.items():
            begin, end = self.site.day_ticks[day]
            todays = ticks >> begin & (1 << end - begin + 1) - 1
            low, high = begin + bits.first(todays), begin + bits.last(todays)
            hull[day] = (low, high)
            self.model.add_linear_constraint(self.tick[key], low, high).only_enforce_if(flag)
        self.model.add(self.tick[key] >= sum(hull[day][0] * flag for day, flag in on.items()))
        self.model.add(self.tick[key] <= sum(hull[day][1] * flag for day, flag in on.items()))

    def _link(self, link: Link) -> None:
        """Order, minutes and days between two steps."""
        gap = self.site.grid * (self.tick[link.then] - self.tick[link.first])
        length = self.site.steps[link.first].minutes
        self._hold(gap, Gap(least=length))
        if link.minutes is not None:
            most = None if link.minutes.most is None else length + link.minutes.most
            self._hold(gap, Gap(least=length + link.minutes.least, most=most))
        if link.days is not None:
            apart = self.day[self.dates.of[link.then]] - self.day[self.dates.of[link.first]]
            self._hold(apart, link.days)

    def _hold(self, value: Expr, gap: Gap) -> None:
        if isinstance(value, int):
            if not gap.holds(value):
                self.never()
            return
        self.model.add(value >= gap.least)
        if gap.most is not None:
            self.model.add(value <= gap.most)

    def _not_same_day(self, dates: list[int]) -> None:
        """At most one of a group begins on a date."""
        if len(set(dates)) < len(dates):
            self.never()
        by_day = defaultdict(list)
        for date in dates:
            for day, flag in self.on[date].items():
                by_day[day].append(flag)
        for flags in by_day.values():
            if len(flags) > 1:
                self.model.add_at_most_one(flags)

    def start(self, key: str) -> Expr:
        """The minute at which a step starts."""
        return self.site.grid * self.tick[key]

    def _patient_in_one_place(self) -> None:
        """The phases with the patient of different steps do not overlap."""
        self.model.add_no_overlap(
            self.model.new_fixed_size_interval_var(self.start(key) + offset, minutes, "")
            for key, step in self.site.steps.items()
            for offset, minutes in patient_runs(step)
        )

    def _finish(self) -> None:
        """The last date of a step with phases, at its price."""
        days = [self.day[date] for date, keys in self.dates.members.items()
                if any(self.site.steps[key].phases for key in keys)]  # fmt: skip
        self.finish = self.model.new_int_var(0, self.site.days.count, "")
        for day in days:
            self.model.add(self.finish >= day)
        if self.limits.after is not None and days:
            self.model.add_max_equality(self.finish, days)
            self.model.add(self.finish > self.limits.after)
        weight, most = self.site.problem.weights.finish_day, self.limits.finish_most
        if days:
            self.cost.append(weight * (self.finish - self.site.first_day))
        if most is not None and days:
            self.model.add(self.finish - self.site.first_day <= most)

"""The textbook model to compare with: an optional interval for every step, phase and resource that could serve it.

Every busy stretch of every calendar is a fixed interval; nothing is computed beforehand, nothing is cut off. It knows
what the shapes of ``plans`` use: phases, links, series, preferences, days in common and apart, bookings to keep.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from coordinator.scheduling import days
from coordinator.scheduling.problem import Gap, Plan, Problem, Series, Step

FAR = 10_000  # minutes before and after the horizon in which nothing is free


@dataclass(frozen=True, slots=True)
class Result:
    """What the model came to: ``proven`` says that nothing is cheaper; ``cost`` is None where nothing was found."""

    cost: int | None
    proven: bool
    infeasible: bool = False


class Textbook:
    """All plans of a problem in one location, as one model."""

    def __init__(self, problem: Problem, location: str, rank: int) -> None:
        self.problem, self.location, self.model = problem, location, cp_model.CpModel()
        self.weights = problem.weights
        self.costs: list[Any] = [problem.weights.location_rank * rank * len(problem.plans)]
        self.tick: dict[str, Any] = {}
        self.day: dict[str, Any] = {}
        self.pick: dict[tuple[str, int, int], dict[str, Any]] = {}
        self.calendar = days.of(problem, location)
        self.here = [each for each in problem.resources if each.location == location]
        self.used = {each.key: self._busy(each.free) for each in self.here}
        for plan in problem.plans:
            self._plan(plan)
        for intervals in self.used.values():
            self.model.add_no_overlap(intervals)
        self.model.minimize(sum(self.costs))

    def _busy(self, free: tuple[tuple[int, int], ...]) -> list[Any]:
        edges = [-FAR, *(minute for span in free for minute in span), self.problem.minutes + FAR]
        pairs = zip(edges[::2], edges[1::2], strict=True)
        return [self.model.new_fixed_size_interval_var(a, b - a, "") for a, b in pairs if b > a]

    def _plan(self, plan: Plan) -> None:
        self.tick, self.day, self.pick = {}, {}, {}
        patient = []
        for step in plan.steps:
            patient += self._step(plan, step)
        self.model.add_no_overlap(patient)
        for link in plan.links:
            length = plan.step(link.first).minutes
            apart = self.start(link.then) - self.start(link.first) - length
            self._hold(apart, link.minutes or Gap(least=0))
            self.model.add(apart >= 0)
            if link.days is not None:
                self._hold(self.day[link.then] - self.day[link.first], link.days)
        for group in plan.same_day:
            for other in group[1:]:
                self.model.add(self.day[other] == self.day[group[0]])
        for group in plan.not_same_day:
            self.model.add_all_different([self.day[key] for key in group])
        for series in plan.series:
            self._series(series)
        self._finish(plan)
        self._visits(plan)
        for key in plan.booked:
            self._booked(plan, plan.step(key))

    def start(self, key: str) -> Any:
        """The minute at which a step starts."""
        return self.tick[key] * self.problem.grid

    def _hold(self, value: Any, gap: Gap) -> None:
        self.model.add(value >= gap.least)
        if gap.most is not None:
            self.model.add(value <= gap.most)

    def _step(self, plan: Plan, step: Step) -> list[Any]:
        """The variables of a step; the intervals in which the patient is there."""
        grid, model, patient = self.problem.grid, self.model, []
        last = (self.problem.minutes - step.minutes) // grid
        self.tick[step.key] = model.new_int_var(-(-plan.earliest // grid), last, "")
        self.day[step.key] = self._date(self.start(step.key))
        liked = []
        for number, (phase, offset) in enumerate(zip(step.phases, step.offsets(), strict=True)):
            begin = self.start(step.key) + offset
            if phase.patient:
                patient.append(model.new_fixed_size_interval_var(begin, phase.minutes, ""))
            for index, need in enumerate(phase.needs):
                able = [each for each in self.here if each.capabilities >= set(need.capabilities)]
                flags = {each.key: model.new_bool_var("") for each in able}
                model.add_exactly_one(flags.values())
                for name, flag in flags.items():
                    self.used[name].append(
                        model.new_optional_fixed_size_interval_var(begin, phase.minutes, flag, "")
                    )
                self.pick[step.key, number, index] = flags
                liked += [flag for name, flag in flags.items() if name in step.prefer]
        if step.prefer:
            missed = model.new_bool_var("")
            model.add_bool_or([missed, *liked])
            self.costs.append(self.weights.preference * missed)
        return patient

    def _date(self, minute: Any) -> Any:
        """The index of the date in which a minute lies."""
        begins, count = self.calendar.begins, self.calendar.count
        day = self.model.new_int_var(0, count - 1, "")
        low, high = (self.model.new_int_var(begins[0], begins[-1], "") for _ in range(2))
        self.model.add_element(day, begins[:-1], low)
        self.model.add_element(day, begins[1:], high)
        self.model.add(minute >= low)
        self.model.add(minute < high)
        return day

    def _series(self, series: Series) -> None:
        used: dict[str, list[Any]] = defaultdict(list)
        for (key, _, _), flags in self.pick.items():
            if key in series.steps:
                for name, flag in flags.items():
                    if series.capability in self.problem.resource[name].capabilities:
                        used[name].append(flag)
        serving: list[Any] = []
        for of_one in used.values():
            serving.append(self.model.new_bool_var(""))
            self.model.add_max_equality(serving[-1], of_one)
        if series.same:
            self.model.add(sum(serving) <= 1)
        else:
            further = self.model.new_int_var(0, len(serving), "")
            self.model.add(further >= sum(serving) - 1)
            self.costs.append(self.weights.continuity * further)

    def _finish(self, plan: Plan) -> None:
        last = self.model.new_int_var(0, self.calendar.count, "")
        self.model.add_max_equality(last, [self.day[step.key] for step in plan.steps if step.phases])
        first = self.calendar.ordinal(plan.earliest) - self.calendar.first
        self.costs.append(self.weights.finish_day * (last - first))

    def _visits(self, plan: Plan) -> None:
        """Each date with a visit, and the minutes of it in which nothing is done: the first step of a date counts."""
        model = self.model
        steps = [step for step in plan.steps if any(phase.patient for phase in step.phases)]
        same: dict[tuple[int, int], Any] = {}
        for i, one in enumerate(steps):
            for j in range(i):
                same[j, i] = both = model.new_bool_var("")
                model.add(self.day[one.key] == self.day[steps[j].key]).only_enforce_if(both)
                model.add(self.day[one.key] != self.day[steps[j].key]).only_enforce_if(~both)
        for i, one in enumerate(steps):
            first, work = model.new_bool_var(""), one.minutes
            model.add_bool_or([first, *(same[j, i] for j in range(i))])
            arrive, leave = (model.new_int_var(0, self.problem.minutes, "") for _ in range(2))
            model.add(arrive <= self.start(one.key))
            model.add(leave >= self.start(one.key) + one.minutes)
            for j in range(i + 1, len(steps)):
                other, there = steps[j], same[i, j]
                model.add(arrive <= self.start(other.key)).only_enforce_if(there)
                model.add(leave >= self.start(other.key) + other.minutes).only_enforce_if(there)
                work += other.minutes * there
            wait = model.new_int_var(0, 1440, "")
            model.add(wait >= leave - arrive - work).only_enforce_if(first)
            self.costs += [self.weights.visit_day * first, self.weights.wait_minute * wait]

    def _booked(self, plan: Plan, step: Step) -> None:
        """The price of a step that starts at another time, or then with other resources."""
        was, model = plan.booked[step.key], self.model
        there, kept = model.new_bool_var(""), model.new_bool_var("")
        model.add(self.start(step.key) == was.start).only_enforce_if(there)
        flags = [self.pick[step.key, number, index].get(name, 0)
                 for number, row in enumerate(was.uses) for index, name in enumerate(row)]  # fmt: skip
        if plan.booked_location != self.location:
            model.add(there == 0)
        model.add_implication(kept, there)
        for flag in flags:
            model.add(flag == 1).only_enforce_if(kept)
        self.costs += [self.weights.moved * (1 - there), self.weights.reassigned * (there - kept)]


def solve(problem: Problem, seconds: float, workers: int = 2) -> Result:
    """The best of all locations within so many seconds; plans of a batch go all into the first one."""
    places = problem.plans[0].locations if len(problem.plans) == 1 else problem.plans[0].locations[:1]
    best: Result | None = None
    proven = True
    for rank, place in enumerate(places):
        solver = cp_model.CpSolver()
        solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds / len(places), workers
        model = Textbook(problem, place, rank)
        status = solver.solve(model.model)
        proven &= status in (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            cost = round(solver.objective_value)
            best = min(best or Result(cost, True), Result(cost, True), key=lambda each: each.cost or 0)
    if best is None:
        return Result(cost=None, proven=proven, infeasible=proven)
    return Result(cost=best.cost, proven=proven)

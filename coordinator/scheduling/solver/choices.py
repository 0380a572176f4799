"""Which resource fills which role, in a CP-SAT model of a plan's times: only where the choice can matter."""

from collections import defaultdict
from collections.abc import Iterable

from ortools.sat.python import cp_model

from coordinator.scheduling import roles as rolebook
from coordinator.scheduling.problem import Series, Step
from coordinator.scheduling.roles import Part, Role, Thing
from coordinator.scheduling.solver.binding import Binding
from coordinator.scheduling.solver.model import Model

Flag = cp_model.IntVar


class Choices:
    """The roles of a plan in one location; those that matter have a literal for each resource that could fill them."""

    def __init__(self, model: Model, binding: Binding) -> None:
        self.model, self.site, self.binding = model, model.site, binding
        self.roles = [role for roles in self.site.roles.values() for role in roles]
        beside = rolebook.beside_each_other(self.roles, self.site.things) if binding.rivals else set()
        chosen = self._matter() | beside
        self.pick: dict[Role, dict[str, Flag]] = {
            self.roles[index]: self._flags(index) for index in sorted(chosen)
        }
        self.liked: dict[str, Flag] = {}
        self._tangled()
        self._nothing_twice({self.roles[index] for index in beside})
        for series in self.site.plan.series:
            if series.same or binding.wishes:
                self._series(series)
        for step in self.site.steps.values():
            self._prefer(step)
            self._booked(step)

    def _matter(self) -> set[int]:
        """The roles of which it matters who fills them, apart from other steps' claims."""
        found = {index for index, role in enumerate(self.roles) if role.tangled}
        plan = self.site.plan
        for series in plan.series:
            if series.same or self.binding.wishes:
                found |= self._able(series.steps, self._with(series.capability))
        for step in self.site.steps.values():
            if step.prefer and step.key in plan.booked:
                found |= self._able((step.key,), self._likes(step))
        return found

    def _able(self, steps: Iterable[str], names: set[str]) -> set[int]:
        """The roles of some steps that some resources could fill."""
        wanted = set(steps)
        return {
            index
            for index, role in enumerate(self.roles)
            if role.step in wanted and not names.isdisjoint(role.starts)
        }

    def _with(self, capability: str) -> set[str]:
        return {each.key for each in self.site.problem.resources if capability in each.capabilities}

    def _likes(self, step: Step) -> set[str]:
        """The names of the things that a step prefers."""
        wanted = {self.site.things[name] for name in step.prefer}
        return {name for name, thing in self.site.things.items() if thing in wanted}

    def _flags(self, index: int) -> dict[str, Flag]:
        """A literal for each resource that could fill a role, exactly one of them true, with the starts it allows."""
        role, made = self.roles[index], {}
        for name, ticks in role.starts.items():
            if ticks & self.model.domains[role.step]:
                made[name] = self.model.model.new_bool_var("")
                self.model.within(role.step, ticks, made[name])
        self.model.model.add_exactly_one(made.values())
        self._dates_of(role, made)
        return made

    def _dates_of(self, role: Role, flags: dict[str, Flag]) -> None:
        """On a date nobody fills a role who is away then: implied, yet seen at once by the solver."""
        ticks = self.model.domains[role.step]
        days = {name: self.site.days_of(role.starts[name] & ticks) for name in flags}
        for day, on in self.model.on[self.model.dates.of[role.step]].items():
            away = [flags[name] for name, dates in days.items() if not dates >> day & 1]
            if away:
                self.model.model.add_at_most_one([on, *away])

    def _tangled(self) -> None:
        """Tangled roles of one phase take different things; set-up and cleaning where a resource begins and ends."""
        by_phase: dict[tuple[str, int, Thing], list[Flag]] = defaultdict(list)
        for role, flags in self.pick.items():
            for name, flag in flags.items() if role.tangled else ():
                for part in role.parts:
                    by_phase[role.step, part.phase, self.site.things[name]].append(flag)
                self._turnover(role, name, flag)
        for together in by_phase.values():
            if len(together) > 1:
                self.model.model.add_at_most_one(together)

    def _turnover(self, role: Role, name: str, flag: Flag) -> None:
        """Before the first part and after the last the resource is free for set-up and cleaning, if it is due."""
        resource, (openings, most) = self.site.problem.resource[name], self.site.window
        first, last = role.parts[0], role.parts[-1]
        if first.need.before:
            ticks = first.starts(resource, openings, most, before=True, after=False)
            self.model.within(role.step, ticks, self._due(role, name, flag, first, -1))
        if last.need.after:
            ticks = last.starts(resource, openings, most, before=False, after=True)
            self.model.within(role.step, ticks, self._due(role, name, flag, last, 1))

    def _due(self, role: Role, name: str, flag: Flag, part: Part, side: int) -> Flag:
        """That the resource fills the role and, in the step, nothing earlier (side -1) or later (1) than ``part``."""
        others = [
            flags[name]
            for other, flags in self.pick.items()
            if other is not role and other.step == role.step and name in flags
            and any((each.phase - part.phase) * side > 0 for each in other.parts)
        ]  # fmt: skip
        return self.all_of([flag, *(~other for other in others)]) if others else flag

    def all_of(self, literals: list[cp_model.LiteralT]) -> Flag:
        """A literal that holds exactly where all of the others do."""
        both = self.model.model.new_bool_var("")
        self.model.model.add_bool_and(literals).only_enforce_if(both)
        self.model.model.add_bool_or([both, *(~literal for literal in literals)])
        return both

    def _nothing_twice(self, contested: set[Role]) -> None:
        """No thing is claimed twice at once, by the contested roles and the tangled ones."""
        taken: dict[Thing, list[cp_model.IntervalVar]] = defaultdict(list)
        for role, flags in self.pick.items():
            if role in contested or role.tangled:
                for name, flag in flags.items():
                    taken[self.site.things[name]] += self._claims(role, name, flag)
        for intervals in taken.values():
            if len(intervals) > 1:
                self.model.model.add_no_overlap(intervals)

    def _claims(self, role: Role, name: str, flag: Flag) -> list[cp_model.IntervalVar]:
        """The stretches for which a role takes a resource, where it does."""
        made, start = [], self.model.start(role.step)
        new = self.model.model.new_optional_fixed_size_interval_var
        for part in role.parts:
            made.append(new(start + part.offset, part.minutes, flag, ""))
        first, last = role.parts[0], role.parts[-1]
        if first.need.before:
            due = self._due(role, name, flag, first, -1)
            made.append(new(start + first.offset - first.need.before, first.need.before, due, ""))
        if last.need.after:
            due = self._due(role, name, flag, last, 1)
            made.append(new(start + last.offset + last.minutes, last.need.after, due, ""))
        return made

    def _series(self, series: Series) -> None:
        """One thing for a hard series; each further one at its price for a wished one."""
        used: dict[Thing, list[Flag]] = defaultdict(list)
        able = self._with(series.capability)
        for role, flags in self.pick.items():
            for name, flag in flags.items() if role.step in series.steps else ():
                if name in able:
                    used[self.site.things[name]].append(flag)
        weight = self.site.problem.weights.continuity
        if len(used) < 2:
            return
        serving = []
        for flags_of_one in used.values():
            serving.append(self.model.model.new_bool_var(""))
            for flag in flags_of_one:
                self.model.model.add_implication(flag, serving[-1])
        if series.same:
            self.model.model.add_at_most_one(serving)
        else:
            further = self.model.model.new_int_var(0, len(serving), "")
            self.model.model.add(further >= sum(serving) - 1)
            self.model.cost.append(weight * further)

    def _prefer(self, step: Step) -> None:
        """The price of a step that uses none of what it prefers."""
        weight = self.site.problem.weights.preference
        if not (step.prefer and step.phases and weight):
            return
        likes, options, ticks = self._likes(step), [], 0
        for role in self.site.roles[step.key]:
            for name in likes & role.starts.keys():
                if role not in self.pick:
                    ticks |= role.starts[name]
                elif name in self.pick[role]:
                    options.append(self.pick[role][name])
        if ticks & self.model.domains[step.key]:
            self.liked[step.key] = self.model.model.new_bool_var("")
            self.model.within(step.key, ticks, self.liked[step.key])
            options.append(self.liked[step.key])
        missed = self.model.model.new_bool_var("")
        self.model.model.add_bool_or([missed, *options])
        self.model.cost.append(weight * missed)

    def _booked(self, step: Step) -> None:
        """The price of a step that is moved, or keeps its start with other resources."""
        plan, weights = self.site.plan, self.site.problem.weights
        if step.key not in plan.booked:
            return
        tick, off_grid = divmod(plan.booked[step.key].start, self.site.grid)
        there = plan.booked_location == self.site.location and tick >= 0 and not off_grid
        if not there or not self.model.domains[step.key] >> tick & 1:
            self.model.cost.append(weights.moved)
            return
        stays, model = self.model.model.new_bool_var(""), self.model.model
        model.add(self.model.tick[step.key] == tick).only_enforce_if(stays)
        model.add(self.model.tick[step.key] != tick).only_enforce_if(~stays)
        kept = self._kept(step, tick)
        self.model.cost.append(weights.moved * (1 - stays))
        if kept is None:
            self.model.cost.append(weights.reassigned * stays)
        else:
            alike = self.all_of([stays, *kept])
            self.model.cost.append(weights.reassigned * (stays - alike))

    def _kept(self, step: Step, tick: int) -> list[Flag] | None:
        """The literals that all hold where every role keeps who was booked; None where that cannot be."""
        uses, flags = self.site.plan.booked[step.key].uses, []
        if [len(names) for names in uses] != [len(phase.needs) for phase in step.phases]:
            return None
        for role in self.site.roles[step.key]:
            names = {uses[part.phase][part.index] for part in role.parts}
            name = min(names)
            if len(names) > 1 or not role.starts.get(name, 0) >> tick & 1:
                return None
            if role in self.pick:
                flags.append(self.pick[role][name])
        return flags

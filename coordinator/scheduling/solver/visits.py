"""Dates with a visit, and the waiting in them, for a CP-SAT model of a plan's times."""

from collections import defaultdict
from collections.abc import Iterator

from ortools.sat.python import cp_model

from coordinator.scheduling import bits
from coordinator.scheduling.problem import Step
from coordinator.scheduling.site import patient_runs
from coordinator.scheduling.solver.model import Expr, Model, Visit

NO_END = 10**8


def add(model: Model) -> None:
    """Price the dates with a visit and the waiting, and keep to ``max_day_minutes`` and the limits on dates."""
    if not _matter(model):
        return
    visits = [
        visit for step in model.site.steps.values() if not step.remote for visit in _visits(model, step)
    ]
    by_day: dict[int, list[Visit]] = defaultdict(list)
    together = _together(model, visits)
    made: dict[int, list[Expr]] = defaultdict(list)
    for group in together:
        if group[0].date is not None and all(visit.date == group[0].date for visit in group):
            _one_date(model, group, made)
        else:
            for visit in group:
                for day in visit.on:
                    by_day[day].append(visit)
    for day, there in sorted(by_day.items()):
        made[day].append(_day(model, day, there))
    minutes = sum(visit.minutes for visit in visits)
    model.cost.append(-model.site.problem.weights.wait_minute * minutes)
    _limits(model, made)


def _matter(model: Model) -> bool:
    """Whether any price or limit asks for the dates with a visit."""
    weights, limits, plan = model.site.problem.weights, model.limits, model.site.plan
    limited = (plan.max_day_minutes, limits.visits_most, limits.dates_most)
    return bool(weights.visit_day or weights.wait_minute) or any(each is not None for each in limited)


def _limits(model: Model, made: dict[int, list[Expr]]) -> None:
    """Price the visited dates; ``made`` says for each date the literals of being visited, one at most of them true."""
    weights, limits = model.site.problem.weights, model.limits
    everything = [flag for flags in made.values() for flag in flags]
    model.cost.append(weights.visit_day * sum(everything))
    if limits.visits_most is not None and everything:
        model.model.add(sum(everything) <= limits.visits_most)
    shared = [
        flag for day, flags in made.items() if model.site.days.first + day in limits.dates for flag in flags
    ]
    if limits.dates_most is not None and shared:
        model.model.add(sum(shared) <= limits.dates_most)


def _visits(model: Model, step: Step) -> Iterator[Visit]:
    """The stretches of a step that begin on one date each: all of it where no start makes it last over midnight."""
    runs = patient_runs(step)
    if not runs:
        return
    date = model.dates.of[step.key]
    last = max(offset for phase, offset in zip(step.phases, step.offsets(), strict=True) if phase.patient)
    if _stays_in_date(model, step, last):
        minutes = sum(length for _, length in runs)
        yield Visit(step.key, runs[0][0], sum(runs[-1]), minutes, model.on[date], date)
        return
    for phase, offset in zip(step.phases, step.offsets(), strict=True):
        if phase.patient:
            on = _begins_on(model, step, offset)
            yield Visit(step.key, offset, offset + phase.minutes, phase.minutes, on, None)


def _stays_in_date(model: Model, step: Step, offset: int) -> bool:
    """Whether, ``offset`` minutes after any start, it is still the date of the start."""
    days, ticks = model.site.days, model.domains[step.key]
    for day in model.on[model.dates.of[step.key]]:
        latest = bits.last(ticks & bits.span(0, model.site.day_ticks[day][1]))
        if days.index(latest * model.site.grid + offset) != day:
            return False
    return True


def _begins_on(model: Model, step: Step, offset: int) -> dict[int, cp_model.IntVar]:
    """For each date the literal that what lies ``offset`` minutes after the start begins then."""
    site, ticks = model.site, model.domains[step.key]
    on: dict[int, cp_model.IntVar] = {}
    low, high = (site.days.index(site.grid * edge(ticks) + offset) for edge in (bits.first, bits.last))
    for day in range(low, high + 1):
        begin, end = (-(-(site.days.begins[number] - offset) // site.grid) for number in (day, day + 1))
        if there := ticks & bits.span(max(begin, 0), end - 1):
            on[day] = model.model.new_bool_var("")
            model.within(step.key, bits.span(bits.first(there), bits.last(there)), on[day])
    model.model.add_exactly_one(on.values())
    return on


def _together(model: Model, visits: list[Visit]) -> list[list[Visit]]:
    """The visits in groups, between which no date is ever shared."""
    groups: list[list[Visit]] = []
    for visit in visits:
        met = [group for group in groups if any(_may_meet(model, visit, other) for other in group)]
        groups = [group for group in groups if group not in met]
        groups.append([other for group in met for other in group] + [visit])
    return groups


def _may_meet(model: Model, one: Visit, other: Visit) -> bool:
    if not one.on.keys() & other.on.keys():
        return False
    if one.date is None or other.date is None or one.date == other.date:
        return True
    return not model.dates.apart(one.date, other.date)


def _one_date(model: Model, group: list[Visit], made: dict[int, list[Expr]]) -> None:
    """Visits that are always on one date, alone there."""
    for day, flag in group[0].on.items():
        made[day].append(flag)
    if len(group) == 1:
        _span(model, group[0].leave - group[0].arrive, 1)
        return
    low = min(bits.first(model.domains[visit.step]) for visit in group) * model.site.grid
    high = max(bits.last(model.domains[visit.step]) for visit in group) * model.site.grid
    arrive = model.model.new_int_var(low, high + max(visit.arrive for visit in group), "")
    leave = model.model.new_int_var(low, high + max(visit.leave for visit in group), "")
    for visit in group:
        model.model.add(arrive <= model.start(visit.step) + visit.arrive)
        model.model.add(leave >= model.start(visit.step) + visit.leave)
    length = model.model.new_int_var(sum(visit.minutes for visit in group), NO_END, "")
    model.model.add(length >= leave - arrive)
    _span(model, length, 1)


def _day(model: Model, day: int, there: list[Visit]) -> Expr:
    """One date that several visits may share; returns the literal of any being there."""
    flags = [visit.on[day] for visit in there]
    if len(there) == 1:
        _span(model, there[0].leave - there[0].arrive, flags[0])
        return flags[0]
    visited = model.model.new_bool_var("")
    model.model.add_bool_or([~visited, *flags])
    for clique in _cliques(model, there):
        model.model.add_at_most_one([~visited, *(visit.on[day] for visit in clique)])
    longest = max(visit.leave for visit in there)
    begin, end = model.site.days.begins[day : day + 2]
    arrive, leave = (model.model.new_int_var(begin - 1, end + longest, "") for _ in range(2))
    for visit, flag in zip(there, flags, strict=True):
        start = model.start(visit.step)
        model.model.add(arrive <= start + visit.arrive).only_enforce_if(flag)
        model.model.add(leave >= start + visit.leave).only_enforce_if(flag)
    length = model.model.new_int_var(0, end - begin + longest + 1, "")
    model.model.add(length >= leave - arrive).only_enforce_if(visited)
    model.model.add(length >= sum(visit.minutes * flag for visit, flag in zip(there, flags, strict=True)))
    _span(model, length, 1)
    return visited


def _cliques(model: Model, visits: list[Visit]) -> list[list[Visit]]:
    """The visits in groups of which no two ever begin on one date."""
    cliques: list[list[Visit]] = []
    for visit in visits:
        for clique in cliques:
            if not any(_may_meet(model, visit, other) for other in clique):
                clique.append(visit)
                break
        else:
            cliques.append([visit])
    return cliques


def _span(model: Model, length: Expr, flag: Expr) -> None:
    """Price the minutes from arrival to leaving, and keep them below the plan's ``max_day_minutes``."""
    most = model.site.plan.max_day_minutes
    weight = model.site.problem.weights.wait_minute
    if isinstance(length, int):
        if most is not None and length > most:
            if isinstance(flag, int):
                model.never()
            else:
                model.model.add(flag == 0)
        model.cost.append(weight * length * flag)
        return
    if most is not None:
        model.model.add(length <= most)
    model.cost.append(weight * length)

"""The reasons why a plan does not fit, in words for a coordinator."""

from collections.abc import Callable, Mapping
from typing import Any

from coordinator.scheduling import days
from coordinator.scheduling.answer import Reason
from coordinator.scheduling.explaining import said
from coordinator.scheduling.explaining.demands import Demand, Demands
from coordinator.scheduling.explaining.fitting import Fitting
from coordinator.scheduling.explaining.scarcity import Scarce, absent, scarce
from coordinator.scheduling.problem import Plan

Words = tuple[str, dict[str, Any]]


def no_room(fitting: Fitting, demands: Demands) -> Reason:
    """Even without any wish there is not enough time: before the horizon ends, or within the windows that stay."""
    problem, plan = fitting.problem, demands.plan
    step = max(plan.steps, key=lambda each: each.minutes).key if plan.steps else "-"
    until = said.date(days.of(problem, plan.locations[0]).wall(problem.minutes).date())
    text = f"The steps do not fit between the plan's earliest start and {until}, the end of the calendars."
    if demands.frame:
        text = (
            "That is outside the calendars, or too soon for the plan's earliest start and its steps' length."
        )
    return Reason(
        step=step, rule="no-time", text=text, facts={"earliest": plan.earliest, "until": problem.minutes}
    )


def reason(fitting: Fitting, demands: Demands, demand: Demand, rest: Plan) -> Reason:
    """One rule of a conflict; ``rest`` is the plan with only the other rules of it."""
    if demand.rule == "resources":
        return _resources(fitting, demands, demand.step, rest)
    text, facts = _WORDS[demand.rule](fitting, demands.plan, demand)
    return Reason(step=demand.step, rule=demand.rule, text=text, facts=facts)


def _link(_fitting: Fitting, plan: Plan, demand: Demand) -> Words:
    link = plan.links[demand.index]
    facts: dict[str, Any] = {"from": link.first, "to": link.then}
    for name, gap in (("days", link.days), ("minutes", link.minutes)):
        if gap is not None:
            facts[name] = [gap.least, gap.most]
    return f"{link.then} has to follow {link.first}{said.apart(link)}.", facts


def _series(_fitting: Fitting, plan: Plan, demand: Demand) -> Words:
    series = plan.series[demand.index]
    who = said.capabilities((series.capability,))
    facts = {"capability": series.capability, "steps": list(series.steps)}
    return f"One and the same {who} has to do {said.listed(series.steps)}.", facts


def _pinned(fitting: Fitting, plan: Plan, demand: Demand) -> Words:
    start, place = plan.booked[demand.step].start, plan.booked_location
    then = f"{days.of(fitting.problem, place or plan.locations[0]).wall(start):%Y-%m-%d %H:%M}"
    return f"{demand.step} has to stay where it is booked, at {then} in {place}.", {"start": start}


def _window(fitting: Fitting, plan: Plan, demand: Demand) -> Words:
    windows = plan.step(demand.step).windows or ()
    facts = {"windows": [list(each) for each in windows]}
    if len(windows) != 1:
        return f"{demand.step} has to lie in one of its windows.", facts
    low, high = (days.of(fitting.problem, plan.locations[0]).wall(minute) for minute in windows[0])
    return f"{demand.step} has to lie between {said.moment(low)} and {said.moment(high)}.", facts


def _patient(_fitting: Fitting, _plan: Plan, _demand: Demand) -> Words:
    return "The patient cannot come at the times that are left.", {}


def _day_length(_fitting: Fitting, plan: Plan, _demand: Demand) -> Words:
    return f"No day may last longer than {plan.max_day_minutes} minutes.", {"minutes": plan.max_day_minutes}


def _same_day(_fitting: Fitting, plan: Plan, demand: Demand) -> Words:
    group = plan.same_day[demand.index]
    return f"{said.listed(group)} have to be on one date.", {"steps": list(group)}


def _not_same_day(_fitting: Fitting, plan: Plan, demand: Demand) -> Words:
    group = plan.not_same_day[demand.index]
    return f"{said.listed(group)} have to be on different dates.", {"steps": list(group)}


_WORDS: Mapping[str, Callable[[Fitting, Plan, Demand], Words]] = {
    "link": _link, "series": _series, "pinned": _pinned, "window": _window, "patient": _patient,
    "day-length": _day_length, "same-day": _same_day, "not-same-day": _not_same_day,
}  # fmt: skip


def _resources(fitting: Fitting, demands: Demands, step: str, rest: Plan) -> Reason:
    """Nobody can do it, or nobody is free when it would have to be."""
    plan = demands.plan
    places = " or ".join(plan.locations)
    if missing := absent(fitting.problem, plan, step):
        text = f"{step} needs {said.a(said.capabilities(missing))}; there is none at {places}."
        facts: dict[str, Any] = {"capabilities": list(missing), "locations": list(plan.locations)}
        return Reason(step=step, rule="no-resource", text=text, facts=facts)
    found = scarce(fitting, plan, step, rest)
    text = f"No {_together(found)} for {step}{_between(found)} at {places}."
    facts = {"needs": [list(each) for _, each in found.wanted]}
    if found.first is not None and found.last is not None:
        facts = {"from": found.first.isoformat(), "to": found.last.isoformat()} | facts
    return Reason(step=step, rule="no-time", text=text, facts=facts)


def _between(found: Scarce) -> str:
    if found.first is None or found.last is None:
        return ""
    if found.first == found.last:
        return f" on {said.date(found.first)}"
    return f" between {said.date(found.first)} and {said.date(found.last)}"


def _together(found: Scarce) -> str:
    """The roles of a step that are not free, in the order of its phases."""
    phases: dict[int, list[str]] = {}
    for phase, names in sorted(found.wanted, key=lambda wanted: wanted[0]):
        phases.setdefault(phase, []).append(said.capabilities(names))
    (first, *others), *later = phases.values()
    told = [" together with ".join([f"{first} is free", *map(said.a, others)])]
    return ", followed by ".join([*told, *(" together with ".join(map(said.a, names)) for names in later)])

"""A plan with one rule given up as a whole, so that all others keep their places in it; and that rule put back."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from coordinator.scheduling.explaining.demands import Demand, Demands
from coordinator.scheduling.problem import Plan, Step


def without(plan: Plan, demand: Demand) -> Plan:
    """The plan as if one rule were not there; but a link still says what comes first."""
    return _LOOSE[demand.rule](plan, demand)


def again(changed: Plan, plan: Plan, demand: Demand) -> Plan:
    """A changed plan with the rule as it is in the plan."""
    if demand.rule in _LISTS:
        name = _LISTS[demand.rule]
        return _with_item(changed, name, demand.index, getattr(plan, name)[demand.index])
    if demand.rule == "resources":
        step = replace(changed.step(demand.step), phases=plan.step(demand.step).phases)
        return replace(_with_step(changed, step), booked=plan.booked)
    if demand.rule == "window":
        return _with_step(changed, replace(changed.step(demand.step), windows=plan.step(demand.step).windows))
    name = {"patient": "free", "day-length": "max_day_minutes", "pinned": "pinned"}[demand.rule]
    back: dict[str, Any] = {name: getattr(plan, name)}
    return replace(changed, **back)


_LISTS = {"link": "links", "series": "series", "same-day": "same_day", "not-same-day": "not_same_day"}


def _with_item(plan: Plan, name: str, index: int, item: object) -> Plan:
    items = list(getattr(plan, name))
    items[index] = item
    made: dict[str, Any] = {name: tuple(items)}
    return replace(plan, **made)


def _with_step(plan: Plan, step: Step) -> Plan:
    return replace(plan, steps=tuple(step if each.key == step.key else each for each in plan.steps))


def _link(plan: Plan, demand: Demand) -> Plan:
    return _with_item(plan, "links", demand.index, replace(plan.links[demand.index], days=None, minutes=None))


def _series(plan: Plan, demand: Demand) -> Plan:
    return _with_item(plan, "series", demand.index, replace(plan.series[demand.index], same=False))


def _group(plan: Plan, demand: Demand) -> Plan:
    name = _LISTS[demand.rule]
    return _with_item(plan, name, demand.index, getattr(plan, name)[demand.index][:1])


def _window(plan: Plan, demand: Demand) -> Plan:
    return _with_step(plan, replace(plan.step(demand.step), windows=None))


_LOOSE: Mapping[str, Callable[[Plan, Demand], Plan]] = {
    "resources": lambda plan, demand: Demands(plan).without(demand),
    "link": _link,
    "series": _series,
    "same-day": _group,
    "not-same-day": _group,
    "window": _window,
    "patient": lambda plan, _: replace(plan, free=None),
    "day-length": lambda plan, _: replace(plan, max_day_minutes=None),
    "pinned": lambda plan, demand: replace(
        plan, pinned=tuple(key for key in dict.fromkeys(plan.pinned) if key != demand.step)
    ),
}

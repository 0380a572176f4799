"""The reasons why a plan does not fit, in words for a coordinator."""

from datetime import date
from typing import Any

from coordinator.scheduling import days
from coordinator.scheduling.answer import Reason
from coordinator.scheduling.narrowing import narrow
from coordinator.scheduling.problem import Gap, Link, Need, Phase, Placement, Plan, Problem, Series
from coordinator.scheduling.site import Site


def no_room(problem: Problem, plan: Plan) -> Reason:
    """Even without any wish there is not enough time before the horizon ends."""
    step = max(plan.steps, key=lambda each: each.minutes).key if plan.steps else "-"
    until = _date(days.of(problem, plan.locations[0]).wall(problem.minutes).date())
    text = f"The steps do not fit between the plan's earliest start and {until}, the end of the calendars."
    return Reason(
        step=step, rule="no-time", text=text, facts={"earliest": plan.earliest, "until": problem.minutes}
    )


def reason(problem: Problem, plan: Plan, step: str, rule: str, about: object, rest: Plan) -> Reason:
    """One rule of a conflict; ``rest`` is the plan with only the other rules of it."""
    if rule == "resources":
        return _resources(problem, plan, step, rest)
    text, facts = _rule(problem, plan, step, rule, about)
    return Reason(step=step, rule=rule, text=text, facts=facts)


def _rule(problem: Problem, plan: Plan, step: str, rule: str, about: object) -> tuple[str, dict[str, Any]]:
    if isinstance(about, Link):
        return f"{about.then} has to follow {about.first}{_apart(about)}.", {
            "from": about.first,
            "to": about.then,
        }
    if isinstance(about, Series):
        steps = ", ".join(about.steps)
        return f"One and the same {about.capability} has to do {steps}.", {"capability": about.capability}
    if isinstance(about, Placement):
        then = (
            f"{days.of(problem, plan.booked_location or plan.locations[0]).wall(about.start):%Y-%m-%d %H:%M}"
        )
        return f"{step} has to stay where it is booked, at {then} in {plan.booked_location}.", {
            "start": about.start
        }
    if rule == "window":
        return f"{step} has to lie in one of its windows.", {"windows": about}
    if rule == "patient":
        return "The patient cannot come at the times that are left.", {}
    if rule == "day-length":
        return f"No day may last longer than {about} minutes.", {"minutes": about}
    steps = " and ".join(about) if isinstance(about, tuple) else ""
    together = "on one date" if rule == "same-day" else "on different dates"
    return f"{steps} have to be {together}.", {"steps": about}


def _apart(link: Link) -> str:
    said = [
        _gap(gap, unit) for gap, unit in ((link.days, "days"), (link.minutes, "minutes")) if gap is not None
    ]
    return f" by {' and '.join(said)}" if said else ""


def _gap(gap: Gap, unit: str) -> str:
    return f"at least {gap.least} {unit}" if gap.most is None else f"{gap.least} to {gap.most} {unit}"


def _resources(problem: Problem, plan: Plan, step: str, rest: Plan) -> Reason:
    """Nobody can do it, or nobody is free when it would have to be."""
    places = " or ".join(plan.locations)
    for phase in plan.step(step).phases:
        for need in phase.needs:
            if not any(_able(problem, need, place) for place in plan.locations):
                text = f"{step} needs a {_need(need)}; there is none at {places}."
                facts = {"capabilities": list(need.capabilities), "locations": list(plan.locations)}
                return Reason(step=step, rule="no-resource", text=text, facts=facts)
    wanted = ", followed by ".join(said for phase in plan.step(step).phases if (said := _phase(phase)))
    between, facts = _period(problem, rest, step)
    text = f"For {step} no {wanted} is free{between} at {places}."
    return Reason(step=step, rule="no-time", text=text, facts=facts)


def _able(problem: Problem, need: Need, place: str) -> bool:
    asked = set(need.capabilities)
    return any(each.location == place and each.capabilities >= asked for each in problem.resources)


def _need(need: Need) -> str:
    return " and ".join(each.replace("-", " ") for each in need.capabilities) or "resource"


def _phase(phase: Phase) -> str:
    return " together with a ".join(_need(need) for need in phase.needs)


def _period(problem: Problem, rest: Plan, step: str) -> tuple[str, dict[str, Any]]:
    """The dates on which the other rules would allow the step."""
    for place in rest.locations:
        site = Site(problem, rest, place)
        domains = narrow(site, site.domains)
        if domains is not None:
            dates = site.days_of(domains[step])
            low, high = (date.fromordinal(site.days.first + index) for index in _ends(dates))
            facts = {"from": low.isoformat(), "to": high.isoformat()}
            if low == high:
                return f" on {_date(low)}", facts
            return f" between {_date(low)} and {_date(high)}", facts
    return "", {}


def _ends(dates: int) -> tuple[int, int]:
    return (dates & -dates).bit_length() - 1, dates.bit_length() - 1


def _date(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

"""The reasons why a plan does not fit, in words for a coordinator."""

from datetime import date
from typing import Any

from coordinator.scheduling import days
from coordinator.scheduling.answer import Reason
from coordinator.scheduling.narrowing import narrow
from coordinator.scheduling.problem import Gap, Link, Need, Placement, Plan, Problem, Series
from coordinator.scheduling.roles import Role
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
                text = f"{step} needs {_a(_capabilities(need.capabilities))}; there is none at {places}."
                facts = {"capabilities": list(need.capabilities), "locations": list(plan.locations)}
                return Reason(step=step, rule="no-resource", text=text, facts=facts)
    scarce = _scarce(problem, plan, step, rest)
    between, facts = _period(problem, rest, step)
    text = f"No {_together(scarce)} for {step}{between} at {places}."
    return Reason(
        step=step, rule="no-time", text=text, facts=facts | {"needs": [list(each) for _, each in scarce]}
    )


Wanted = tuple[int, tuple[str, ...]]
"""The first phase in which someone is needed, and the capabilities."""


def _scarce(problem: Problem, plan: Plan, step: str, rest: Plan) -> list[Wanted]:
    """As few of a step's roles as are never free together while the other rules would allow the step."""
    sites = [(Site(problem, plan, place), Site(problem, rest, place)) for place in plan.locations]
    allowed = [(narrow(other, other.domains) or {}).get(step, 0) for _, other in sites]
    kept = list(range(len(sites[0][0].roles[step])))

    def never(among: list[int]) -> bool:
        return not any(
            _free(site.roles[step], among, ticks) for (site, _), ticks in zip(sites, allowed, strict=True)
        )

    if never(kept):
        for index in reversed(list(kept)):
            without = [each for each in kept if each != index]
            kept = without if without and never(without) else kept
    roles = [sites[0][0].roles[step][index] for index in kept]
    return [(role.parts[0].phase, role.parts[0].need.capabilities) for role in roles]


def _free(roles: list[Role], among: list[int], ticks: int) -> int:
    for index in among:
        ticks &= roles[index].anyone()
    return ticks


def _together(scarce: list[Wanted]) -> str:
    """The roles of a step that are not free, in the order of its phases."""
    phases: dict[int, list[str]] = {}
    for phase, capabilities in sorted(scarce, key=lambda wanted: wanted[0]):
        phases.setdefault(phase, []).append(_capabilities(capabilities))
    (first, *others), *later = phases.values()
    said = [" together with ".join([f"{first} is free", *map(_a, others)])]
    return ", followed by ".join([*said, *(" together with ".join(map(_a, names)) for names in later)])


def _a(name: str) -> str:
    """A name with its article."""
    return f"{'an' if name[:1] in 'aeiou' else 'a'} {name}"


def _able(problem: Problem, need: Need, place: str) -> bool:
    asked = set(need.capabilities)
    return any(each.location == place and each.capabilities >= asked for each in problem.resources)


def _capabilities(names: tuple[str, ...]) -> str:
    return " and ".join(each.replace("-", " ") for each in names) or "resource"


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

"""Who would have to be there for how many minutes more, so that a step can be done."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from coordinator.scheduling import bits, days
from coordinator.scheduling.explaining import said
from coordinator.scheduling.explaining.change import Change
from coordinator.scheduling.explaining.patience import less, merged
from coordinator.scheduling.explaining.scarcity import Allowed
from coordinator.scheduling.problem import Interval, Plan, Problem, Resource
from coordinator.scheduling.roles import Role

SOON = 7  # dates within which a change soon is looked for, beside the smallest one
FAR = 60  # minutes that it counts for if somebody would have to come for it alone

Minutes = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Extra:
    """For one start, what resources would have to be free for and are not."""

    minutes: int
    start: int
    spans: tuple[tuple[str, Interval], ...]


def changes(plan: Plan, problem: Problem, place: Allowed) -> Iterator[Change]:
    """The least time that somebody would have to be there for, at all and soon."""
    soon = bits.span(bits.first(place.days), bits.first(place.days) + SOON - 1) if place.days else 0
    found = (_least(problem, place, place.ticks),
             _least(problem, place, place.ground.site.on_days(place.ticks, place.days & soon)))  # fmt: skip
    for extra in dict.fromkeys(found):
        if extra is not None:
            yield _change(plan, problem, place, extra)


def _least(problem: Problem, place: Allowed, ticks: int) -> Extra | None:
    """The start for which the fewest minutes are missing, all roles together; the first of equals."""
    able = [_candidates(problem, place, role) for role in place.roles]
    if not ticks or not all(able):
        return None
    starts = np.flatnonzero(bits.flags(ticks, ticks.bit_length())).astype(np.int64) * problem.grid
    missing = [
        np.stack([_missing(each, role, starts) for each in who])
        for role, who in zip(place.roles, able, strict=True)
    ]
    total = sum((each.min(axis=0) for each in missing), np.zeros(len(starts), np.int64))
    at = int(total.argmin())
    start, spans = int(starts[at]), list[tuple[str, Interval]]()
    for role, who, short in zip(place.roles, able, missing, strict=True):
        chosen, span = who[int(short[:, at].argmin())], _claim(role, start)
        if less((span,), chosen.free):
            spans.append((chosen.key, span))
    if not spans or any(low < 0 or high > problem.minutes for _, (low, high) in spans):
        return None
    return Extra(int(total[at]), start, tuple(spans))


def _candidates(problem: Problem, place: Allowed, role: Role) -> list[Resource]:
    """Who could fill a role, if free."""
    asked = {capability for part in role.parts for capability in part.need.capabilities}
    return [
        each
        for each in problem.resources
        if each.location == place.ground.site.location and each.capabilities >= asked
    ]


def _claim(role: Role, start: int) -> Interval:
    """From when to when a role takes its resource, set-up and cleaning included."""
    first, last = role.parts[0], role.parts[-1]
    return start + first.offset - first.need.before, start + last.offset + last.minutes + last.need.after


def _missing(resource: Resource, role: Role, starts: Minutes) -> Minutes:
    """For each start the minutes that a resource would have to be there beyond its free time."""
    low, high = _claim(role, 0)
    if not resource.free:
        return np.full(len(starts), high - low + FAR, np.int64)
    edges = np.array(resource.free, np.int64)
    short = high - low - (_free(edges, starts + high) - _free(edges, starts + low))
    alone = _free(edges, starts + high + FAR) == _free(edges, starts + low - FAR)
    found: Minutes = short + FAR * ((short > 0) & alone)
    return found


def _free(edges: Minutes, until: Minutes) -> Minutes:
    """The free minutes before each of some minutes."""
    known = np.concatenate([[0], np.cumsum(edges[:, 1] - edges[:, 0])])
    index = np.searchsorted(edges[:, 0], until, side="right")
    last = np.maximum(index - 1, 0)
    inside = np.minimum(until, edges[last, 1]) - edges[last, 0]
    found: Minutes = np.where(index > 0, known[last] + inside, 0)
    return found


def _change(plan: Plan, problem: Problem, place: Allowed, extra: Extra) -> Change:
    """Some resources are free for a step at a time at which they were not."""
    calendar = days.of(problem, place.ground.site.location)
    wanted: dict[str, list[Interval]] = {}
    for name, span in extra.spans:
        wanted.setdefault(name, []).append(span)
    changed, told, size = [], [], 0
    for name, spans in wanted.items():
        was = problem.resource[name]
        more = less(merged(spans), was.free)
        changed.append(replace(was, free=merged([*was.free, *more])))
        size += sum(high - low for low, high in more)
        times = [f"{said.moment(calendar.wall(low))} to {calendar.wall(high):%H:%M}" for low, high in more]
        told.append(f"{name} be free on {' and '.join(times)}")
    text = f"Let {' and '.join(told)} for {place.step}"
    return Change(word="extend-hours", text=text, size=size, plan=plan, resources=tuple(changed))

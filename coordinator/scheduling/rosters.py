"""Who could fill the roles of a step, kept between the plans of a batch: what is booked changes only few of them."""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TypeAlias

from coordinator.scheduling import roles
from coordinator.scheduling.problem import Interval, Phase, Problem, Step
from coordinator.scheduling.roles import Duty, Role


@dataclass(slots=True)
class Roster:
    """When each could fill a role, when anyone could, and with which free times that was found: of everybody who could
    fill it if they had the time."""

    starts: dict[str, int]
    anyone: int
    times: dict[str, tuple[Interval, ...]]


Asked: TypeAlias = tuple[object, ...]


class Rosters:
    """Rosters over the whole horizon, of clinics that differ in free times only."""

    def __init__(self) -> None:
        self._duties: dict[tuple[str, tuple[Phase, ...]], list[tuple[Duty, Asked]]] = {}
        self._rosters: dict[Asked, Roster] = {}

    def of(self, problem: Problem, step: Step, location: str) -> list[Role]:
        """The roles of a step that is not pinned."""
        asked = (location, step.phases)
        if asked not in self._duties:
            duties = roles.duties(problem, step, location)
            self._duties[asked] = [(duty, (location, duty.tangled, *duty.asked)) for duty in duties]
        made = []
        for duty, sort in self._duties[asked]:
            if sort not in self._rosters:
                self._rosters[sort] = Roster({}, 0, {each.key: () for each in duty.who})
            known = self._rosters[sort]
            _renew(known, duty, problem)
            made.append(roles.known(step.key, duty.parts, known.starts, duty.tangled, known.anyone))
        return made


def kept(problem: Problem) -> Rosters:
    """What is kept for a clinic, and handed on to those that differ in free times only (``remainder``)."""
    made: Rosters = problem.__dict__.setdefault("rosters", Rosters())
    return made


def _renew(known: Roster, duty: Duty, problem: Problem) -> None:
    """Find anew what has changed since."""
    now, openings = problem.resource, problem.openings
    changed = {name for name, free in known.times.items() if now[name].free is not free}
    if changed:
        found = {name: duty.starts(now[name], openings, openings.far) if name in changed else known.starts.get(name, 0)
                 for name in known.times}  # fmt: skip
        known.starts = {name: ticks for name, ticks in found.items() if ticks}
        known.anyone = reduce(or_, known.starts.values(), 0)
        known.times |= {name: now[name].free for name in changed}

"""The steps of a plan in groups that always share a date, and what links say about those dates."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from coordinator.scheduling.problem import Plan

EVER = 10**6  # days that no horizon has


@dataclass(slots=True)
class Group:
    """Steps that always share a date. ``before`` and ``after`` are groups with the least and most days between."""

    number: int
    steps: tuple[str, ...]
    visit: bool  # the patient comes for it
    timed: bool  # it has a step with phases, so it counts for the finish
    before: dict[int, tuple[int, int]] = field(default_factory=dict)
    after: dict[int, tuple[int, int]] = field(default_factory=dict)
    apart: int = 0  # the groups, as a set of numbers, that can never share its date

    def tie(self, other: "Group", least: int, most: int) -> None:
        """Let another group follow, ``least`` to ``most`` days later."""
        low, high = self.after.get(other.number, (0, EVER))
        self.after[other.number] = other.before[self.number] = (max(low, least), min(high, most))


def of(plan: Plan) -> list[Group] | None:
    """The groups of a plan, each after all that lead to it; None where dates by themselves contradict each other."""
    number = _numbers(plan)
    steps: dict[int, list[str]] = {}
    for key in number:
        steps.setdefault(number[key], []).append(key)
    order = _in_order(plan, number)
    if order is None:
        return None
    place = {old: new for new, old in enumerate(order)}
    made = [_group(plan, place[old], steps[old]) for old in order]
    for link in plan.links:
        one, other = place[number[link.first]], place[number[link.then]]
        least, most = (link.days.least, link.days.most) if link.days else (0, None)
        if one != other:
            made[one].tie(made[other], least, EVER if most is None else most)
        elif least > 0 or (most is not None and most < 0):
            return None
    _keep_apart(plan, made, {key: place[old] for key, old in number.items()})
    return made


def _group(plan: Plan, number: int, keys: Iterable[str]) -> Group:
    steps = [plan.step(key) for key in keys]
    visit = any(phase.patient for step in steps if not step.remote for phase in step.phases)
    return Group(number, tuple(step.key for step in steps), visit, any(step.phases for step in steps))


def _numbers(plan: Plan) -> dict[str, int]:
    """A number for each step; the same where two always share a date."""
    number = {key: index for index, key in enumerate(step.key for step in plan.steps)}
    pairs = [pair for group in plan.same_day for pair in combinations(group, 2)]
    pairs += [(link.first, link.then) for link in plan.links if link.days and link.days.most == 0]
    for one, other in pairs:
        old, new = number[other], number[one]
        if old != new:
            number = {key: new if each == old else each for key, each in number.items()}
    return number


def _in_order(plan: Plan, number: dict[str, int]) -> list[int] | None:
    """The numbers so that links lead forward; None where they go round in a circle."""
    left = list(dict.fromkeys(number.values()))
    needs: dict[int, set[int]] = {each: set() for each in left}
    for link in plan.links:
        if number[link.first] != number[link.then]:
            needs[number[link.then]].add(number[link.first])
    made: list[int] = []
    while left:
        ready = [each for each in left if not needs[each] - set(made)]
        if not ready:
            return None
        made += ready
        left = [each for each in left if each not in made]
    return made


def _keep_apart(plan: Plan, made: list[Group], place: dict[str, int]) -> None:
    """Mark the groups that can never share a date: a day or more lies between, or the plan says so."""
    ahead: list[dict[int, int]] = [{} for _ in made]
    for group in reversed(made):
        for other, (least, _) in group.after.items():
            _reach(ahead[group.number], other, least)
            for far, more in ahead[other].items():
                _reach(ahead[group.number], far, least + more)
        for other, days in ahead[group.number].items():
            if days > 0:
                _apart(made, group.number, other)
    for keys in plan.not_same_day:
        for pair in combinations(keys, 2):
            _apart(made, place[pair[0]], place[pair[1]])


def _reach(found: dict[int, int], other: int, days: int) -> None:
    found[other] = max(days, found.get(other, 0))


def _apart(made: list[Group], one: int, other: int) -> None:
    made[one].apart |= 1 << other
    made[other].apart |= 1 << one


def without_tasks(groups: list[Group]) -> bool:
    """Say by links between the others what tasks ask of them; False where links cannot say it.

    A task has no cost and, but for links, any date. So for what comes before and after it, it is a longer link; and it
    finds its own date once they have theirs (``place``).
    """
    left = {group.number for group in groups}
    for task in groups:
        if task.timed:
            continue
        left.remove(task.number)
        before = {other: days for other, days in task.before.items() if other in left}
        after = {other: days for other, days in task.after.items() if other in left}
        if task.apart or any(
            len(side) > 1 and any(most < EVER for _, most in side.values()) for side in (before, after)
        ):
            return False
        for one, (least, most) in before.items():
            for other, (more, longest) in after.items():
                groups[one].tie(groups[other], least + more, min(EVER, most + longest))
    return any(group.timed for group in groups)


def place(groups: list[Group], days: dict[int, int], first: int) -> None:
    """Give each task a date, those that were left out last first; ``days`` has the dates of all other groups."""
    for task in reversed(groups):
        if not task.timed:
            low = [first, *(days[each] + least for each, (least, _) in task.before.items() if each in days)]
            low += [days[each] - most for each, (_, most) in task.after.items() if each in days]
            days[task.number] = max(low)

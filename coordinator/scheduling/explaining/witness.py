"""A proposal that shows that a plan fits: the steps one by one at their first free time, whatever it costs.

It is quick, and right where it finds one; that it finds none says nothing.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice, product

from coordinator.scheduling import bits, claims
from coordinator.scheduling.answer import Proposal
from coordinator.scheduling.explaining import ties
from coordinator.scheduling.explaining.circles import Clash
from coordinator.scheduling.explaining.ground import Ground, Serving
from coordinator.scheduling.explaining.ties import Tie
from coordinator.scheduling.problem import Interval, Placement, Plan, Step

DATES = 40  # dates that are tried for a step
TICKS = 40  # starts of a date that are tried
USES = 40  # choices of resources that are tried for a start


class Witness:
    """One try, for one way to serve the series; ``dates`` are those that the ties leave to each step."""

    def __init__(
        self, ground: Ground, plan: Plan, serving: Serving, dates: Mapping[str, int], tied: list[Tie]
    ) -> None:
        self.ground, self.plan, self.serving, self.tied = ground, plan, serving, tied
        self.site, self.grid = ground.site, ground.site.grid
        self.dates = dict(dates)
        self.steps = {step.key: step for step in plan.steps}
        self.placed: dict[str, Placement] = {}
        self.busy: list[Interval] = []
        self.visits: dict[int, list[Interval]] = defaultdict(list)
        self.taken: dict[tuple[str, str], list[Interval]] = defaultdict(list)
        self.apart: dict[str, set[str]] = defaultdict(set)
        for group in plan.not_same_day:
            for key in group:
                self.apart[key] |= set(group) - {key}

    def find(self) -> Proposal | None:
        """The proposal, if every step finds a time."""
        before: dict[str, set[str]] = {key: set() for key in self.steps}
        for link in self.plan.links:
            before[link.then].add(link.first)
        left = set(self.steps)
        while left:
            ready = (key for key in self.steps if key in left and not before[key] & left)
            key = min(ready, key=lambda each: (self.dates[each].bit_length(), self.dates[each].bit_count()))
            if not self._place(self.steps[key]):
                return None
            left.remove(key)
        steps = {key: self.placed[key] for key in self.steps}
        return Proposal(plan=self.plan.key, location=self.site.location, steps=steps)

    def _place(self, step: Step) -> bool:
        """Give a step its first time; where that is not on the first date left, the others have to follow."""
        low, high = self._between(step)
        here = self.dates[step.key]
        others = {self.site.day_at(self.placed[each].start // self.grid)
                  for each in self.apart[step.key] if each in self.placed}  # fmt: skip
        for day in islice(bits.each(here), DATES):
            if day in others:
                continue
            for tick in islice(self._ticks(step, day, low, high), TICKS):
                placed = self._uses(step, tick)
                if placed is not None and self._follow(step, day, here):
                    self._take(step, placed, day)
                    return True
        return False

    def _between(self, step: Step) -> tuple[int, int]:
        """The minutes between which the links to what is placed let a step start."""
        low, high = 0, self.site.problem.minutes
        for link in self.plan.links:
            if link.then == step.key:
                end = self.placed[link.first].start + self.steps[link.first].minutes
                low = max(low, end + (link.minutes.least if link.minutes else 0))
                if link.minutes and link.minutes.most is not None:
                    high = min(high, end + link.minutes.most)
        return low, high

    def _ticks(self, step: Step, day: int, low: int, high: int) -> Iterator[int]:
        """The starts of a step on a date, while the patient does nothing else."""
        first, last = self.site.day_ticks[day]
        first, last = max(first, -(-low // self.grid)), min(last, high // self.grid)
        ticks = self.ground.ticks(self.plan, step, self.serving)
        found = ticks >> first & bits.span(0, last - first) if first <= last else 0
        while found:
            tick = first + bits.first(found)
            begin = tick * self.grid
            after = self._free_after(step, begin)
            if after == begin and self._is_short(step, begin, day):
                yield tick
                after = begin + 1
            elif after == begin:
                after += 1
            skip = -(-after // self.grid) - first
            found = found >> skip << skip if skip > 0 else found

    def _free_after(self, step: Step, begin: int) -> int:
        """The minute from which the patient can be there for a step: its begin, or the end of what is in the way."""
        if not any(phase.patient for phase in step.phases):
            return begin
        end = begin + step.minutes
        return max((until for since, until in self.busy if since < end and begin < until), default=begin)

    def _is_short(self, step: Step, begin: int, day: int) -> bool:
        """Whether a date with the step is not too long."""
        most = self.plan.max_day_minutes
        spans = [] if step.remote else list(claims.with_patient(step, begin))
        if most is None or not spans:
            return True
        spans += self.visits[day]
        return max(end for _, end in spans) - min(start for start, _ in spans) <= most

    def _uses(self, step: Step, tick: int) -> Placement | None:
        """The step then, with resources that no other step of the plan has."""
        roles = self.ground.roles(self.plan, step)
        if not roles:
            return Placement(start=tick * self.grid, uses=tuple(() for _ in step.phases))
        barred = self.ground.barred(self.plan, step, self.serving)
        able = [
            [name for name, ticks in role.starts.items() if ticks >> tick & 1 and name not in barred]
            for role in roles
        ]
        for names in islice(product(*able), USES):
            uses = [["" for _ in phase.needs] for phase in step.phases]
            for role, name in zip(roles, names, strict=True):
                for part in role.parts:
                    uses[part.phase][part.index] = name
            placed = Placement(start=tick * self.grid, uses=tuple(map(tuple, uses)))
            if self._is_free(step, placed):
                return placed
        return None

    def _is_free(self, step: Step, placed: Placement) -> bool:
        things = self.site.things
        if any(len({things[name] for name in row}) < len(row) for row in placed.uses):
            return False
        return not any(
            claim.start < until and since < claim.end
            for claim in claims.of_step(step, placed)
            for since, until in self.taken[things[claim.resource]]
        )

    def _follow(self, step: Step, day: int, here: int) -> bool:
        """Whether all others still have dates if a step is on that one."""
        if bits.first(here) == day:
            return True
        left = ties.narrowed(self.dates | {step.key: 1 << day}, self.tied, [], (step.key,))
        if isinstance(left, Clash):
            return False
        self.dates = left
        return True

    def _take(self, step: Step, placed: Placement, day: int) -> None:
        self.placed[step.key] = placed
        self.dates[step.key] = 1 << day
        present = list(claims.with_patient(step, placed.start))
        if present:
            self.busy.append((placed.start, placed.start + step.minutes))
        if not step.remote:
            self.visits[day] += present
        for claim in claims.of_step(step, placed) if any(placed.uses) else ():
            self.taken[self.site.things[claim.resource]].append((claim.start, claim.end))

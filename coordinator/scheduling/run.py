"""How long a search may go on, and what one part of it found."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf

from coordinator.scheduling.answer import Proposal

PER_SECOND = 10_000  # units of work that count as a second: what a slow machine does in one
START = 100  # units that it takes to see what a location is like, as much as so many dates looked at


@dataclass(slots=True)
class Work:
    """What was done so far, in units that are the same on every machine: one for each set of groups on a date."""

    done: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How long a search may go on, and what makes it repeatable.

    It ends after so much ``work`` (``most``, counted together with all runs that it is a part of), so that the same
    problem and seed have the same answer everywhere; and on a machine too slow for that when the time is up.
    """

    until: float
    most: float = inf
    seed: int = 1
    cancelled: Callable[[], bool] | None = None
    work: Work = field(default_factory=Work)

    @classmethod
    def lasting(cls, seconds: float, *, seed: int = 1, cancelled: Callable[[], bool] | None = None) -> "Run":
        """A run of so many seconds, or of the work that counts as so many."""
        return cls(
            until=time.monotonic() + seconds, most=seconds * PER_SECOND, seed=seed, cancelled=cancelled
        )

    @property
    def left(self) -> float:
        """Seconds left on the clock."""
        return max(0.0, self.until - time.monotonic())

    @property
    def work_left(self) -> float:
        """Units of work left."""
        return max(0.0, self.most - self.work.done)

    @property
    def over(self) -> bool:
        """Whether it has to stop now."""
        spent = self.work.done >= self.most or self.left == 0
        return spent or (self.cancelled is not None and self.cancelled())

    def did(self, units: float) -> None:
        """Count some work."""
        self.work.done += units

    def part(self, share: float) -> "Run":
        """A part of the work that is left."""
        return replace(self, most=self.work.done + min(1.0, share) * self.work_left)

    def spare(self, seconds: float = inf) -> "Run":
        """Some seconds, also where nothing is left; what is done in them counts all the same."""
        return replace(self, until=time.monotonic() + seconds, most=inf, cancelled=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Best:
    """The best proposal of a plan so far. ``done``: proven best, or proven that there is none."""

    proposal: Proposal | None
    cost: int | None
    bound: int
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one run found: ``proposal`` and ``cost`` or None; nothing within its window costs less than ``bound``.

    ``done``: it went to the end, so ``proposal`` is the best, or there is none. ``rung``: which binding of a
    ladder it needed.
    """

    proposal: Proposal | None
    cost: int | None
    bound: int
    done: bool
    rung: int = 0


NOTHING = Best(proposal=None, cost=None, bound=0, done=True)
"""It is proven that there is no proposal."""

"""How long a search may go on, and what one part of it found."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from coordinator.scheduling.answer import Proposal


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """How long a search may go on, and what makes it repeatable."""

    until: float
    seed: int = 1
    cancelled: Callable[[], bool] | None = None

    @property
    def left(self) -> float:
        """Seconds left."""
        return max(0.0, self.until - time.monotonic())

    @property
    def over(self) -> bool:
        """Whether it has to stop now."""
        return self.left == 0 or (self.cancelled is not None and self.cancelled())


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

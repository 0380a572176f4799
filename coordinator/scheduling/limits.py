"""What an alternative must keep to beside the plan's own rules."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on a proposal; None: no bound. ``below``: the total must be less.

    ``after`` is a date of the horizon, by index, after which the last step starts; ``finish_most`` counts days as
    the cost does, ``dates`` are ordinals of which at most ``dates_most`` are visited.
    """

    below: int | None = None
    after: int | None = None
    finish_most: int | None = None
    visits_most: int | None = None
    dates: frozenset[int] = frozenset()
    dates_most: int | None = None

"""The hours of a window's dates in which something can be done, as arrays: dates by ticks of the day."""

import numpy as np
import numpy.typing as npt

from coordinator.scheduling import bits
from coordinator.scheduling.site import Site


class Hours:
    """The ticks of a window as dates by ticks of the day, only those hours in which any step could run."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self._places: dict[int, npt.NDArray[np.intp]] = {}
        self._low = [low for low, _ in site.day_ticks[: site.last_day + 1]]
        longest = max((high - low + 1 for low, high in site.day_ticks[: site.last_day + 1]), default=0)
        first, last = self._used(longest)
        self._first = first
        self.shape = (len(self._low), max(last - first + 1, 1))
        ticks = np.array(self._low)[:, None] + np.arange(first, first + self.shape[1])[None, :]
        highs = np.array([high for _, high in site.day_ticks[: site.last_day + 1]])[:, None]
        self._index = np.where(ticks <= np.minimum(highs, site.most), ticks, site.most + 1)

    def _used(self, longest: int) -> tuple[int, int]:
        """The first tick of a day in which a step could start, and the last one in which one could end."""
        site = self.site
        first, last = longest, 0
        by_length: dict[int, int] = {}
        for key, step in site.steps.items():
            if step.phases:
                by_length[step.minutes] = by_length.get(step.minutes, 0) | site.domains[key]
        for minutes, ticks in by_length.items():
            if ticks:
                at = np.flatnonzero(bits.flags(ticks, site.most + 1))
                own = at - np.array(self._low)[np.searchsorted(self._low, at, side="right") - 1]
                first = min(first, int(own.min()))
                last = max(last, int(own.max()) + minutes // site.grid - 1)
        return min(first, last), min(last, longest - 1)

    def places(self, ticks: int) -> npt.NDArray[np.intp]:
        """Where the ticks of a set are in the flat array; those that are not in these hours are left out."""
        if ticks not in self._places:
            flags = bits.flags(ticks, self.site.most + 2)[self._index]
            self._places[ticks] = np.flatnonzero(flags)
        return self._places[ticks]

    def ticks_at(self, places: npt.NDArray[np.intp]) -> npt.NDArray[np.intp]:
        """The ticks of the window that are there."""
        found: npt.NDArray[np.intp] = self._index.reshape(-1)[places]
        return found

    def tick(self, day: int, own: int) -> int:
        """The tick of the window."""
        return self._low[day] + self._first + own


def of(site: Site) -> Hours:
    """The hours of a site; made once."""
    if "hours" not in site.__dict__:
        site.__dict__["hours"] = Hours(site)
    made: Hours = site.__dict__["hours"]
    return made

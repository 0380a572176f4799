"""The dates that are left to each group in a window, and the floors of what is to be done on them."""

from functools import cached_property

import numpy as np

from coordinator.scheduling.journey.crews import Prices
from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.journey.offers import Journey
from coordinator.scheduling.journey.outlook import Outlook

NOTHING = np.zeros(0)


class View:
    """A journey in a window of dates, ready to be searched."""

    def __init__(self, journey: Journey, dates: list[int]) -> None:
        self.journey, self.dates = journey, dates
        self.own = [journey.own(group, days).prices if group.timed else NOTHING
                    for group, days in zip(journey.groups, dates, strict=True)]  # fmt: skip
        self.least = [self._least(group) for group in journey.groups]
        site = journey.site
        self.outlook = Outlook(journey.groups, dates, self.least, site.problem.weights, site.first_day)

    @cached_property
    def without_finish(self) -> Outlook:
        """The floors where it is free how late the last date is."""
        site = self.journey.site
        return Outlook(
            self.journey.groups, self.dates, self.least, site.problem.weights, site.first_day, finish=False
        )

    def tolled(self, toll: int, dates: int) -> Outlook:
        """The floors where a visit on some dates (a set) has a price on top."""
        site = self.journey.site
        return Outlook(
            self.journey.groups,
            self.dates,
            self.least,
            site.problem.weights,
            site.first_day,
            toll=(toll, dates),
        )

    @cached_property
    def without_visits(self) -> Outlook:
        """The floors where dates with a visit cost nothing; they are counted by themselves."""
        site = self.journey.site
        return Outlook(
            self.journey.groups, self.dates, self.least, site.problem.weights, site.first_day, visits=False
        )

    def _least(self, group: Group) -> Prices:
        """What a group costs at least on each date: others may fill the time that is waited for it alone."""
        own, dates = self.own[group.number], self.dates[group.number]
        if len(group.steps) < 2:
            return own
        others = (other for other in self.journey.groups if other is not group and not group.apart >> other.number & 1
                  and self.dates[other.number] & dates)  # fmt: skip
        minutes = sum(self.journey.site.steps[key].minutes for other in others for key in other.steps)
        filled = minutes * self.journey.site.problem.weights.wait_minute
        return np.maximum(own - filled, 0) if filled else own

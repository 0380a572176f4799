"""Which dates of a plan are one, and which can never be: what links and groups say about dates alone."""

from itertools import combinations

from coordinator.scheduling.site import Site


class Dates:
    """The dates of a plan's steps: steps that always start on one date share a number."""

    def __init__(self, site: Site) -> None:
        self.of = {key: number for number, key in enumerate(site.steps)}
        for group in site.plan.same_day:
            one = {self.of[key] for key in group}
            self.of = {key: min(one) if date in one else date for key, date in self.of.items()}
        self.members: dict[int, list[str]] = {}
        for key, date in self.of.items():
            self.members.setdefault(date, []).append(key)
        self._before = self._by_links(site)
        self._apart = {(min(pair), max(pair)) for pair in self._before} | self._by_groups(site)

    def apart(self, one: int, other: int) -> bool:
        """Whether two dates are proven to differ."""
        return (min(one, other), max(one, other)) in self._apart

    def _by_links(self, site: Site) -> set[tuple[int, int]]:
        """Pairs of which the first is at least a day before the second, along links."""
        reach: dict[int, dict[int, int]] = {date: {} for date in self.members}
        for link in site.plan.links:
            one, other = self.of[link.first], self.of[link.then]
            days = link.days.least if link.days else 0
            if one != other:
                reach[one][other] = max(days, reach[one].get(other, 0))
        changed = True
        while changed:
            changed = False
            for one in reversed(list(reach)):
                for other, days in list(reach[one].items()):
                    for far, more in reach[other].items():
                        total = min(1, days) or min(1, more)
                        if far != one and reach[one].get(far, -1) < total:
                            reach[one][far], changed = total, True
        return {(one, other) for one, found in reach.items() for other, days in found.items() if days}

    def _by_groups(self, site: Site) -> set[tuple[int, int]]:
        pairs = (pair for group in site.plan.not_same_day for pair in combinations(group, 2))
        found = {(self.of[one], self.of[other]) for one, other in pairs}
        return {(min(a, b), max(a, b)) for a, b in found}

    def visits_at_least(self, site: Site) -> int:
        """A number of dates with a visit that no proposal can go below: that many are apart from one another."""
        visits = [date for date, keys in self.members.items() if any(is_visit(site, key) for key in keys)]
        chosen = self._longest(visits)
        for date in visits:
            if all(self.apart(date, other) for other in chosen):
                chosen.append(date)
        return len(chosen)

    def _longest(self, visits: list[int]) -> list[int]:
        """The most visits of which each is dates before the next along links."""
        after = {one: [other for other in visits if (one, other) in self._before] for one in visits}
        best: dict[int, list[int]] = {}
        for one in sorted(visits, key=lambda date: len(after[date])):
            best[one] = [one, *max((best.get(other, []) for other in after[one]), key=len, default=[])]
        return max(best.values(), key=len, default=[])


def is_visit(site: Site, key: str) -> bool:
    """Whether a step's own date surely is a date with a visit: it begins with the patient on site."""
    step = site.steps[key]
    return bool(step.phases) and step.phases[0].patient and not step.remote

"""What must follow what on one date, and whether a plan is plain enough for the search from date to date."""

from collections.abc import Mapping

from coordinator.scheduling.journey.groups import Group
from coordinator.scheduling.problem import Link, Plan
from coordinator.scheduling.site import Site

DAY = 1440


class Order:
    """Steps as bits: ``later`` says what comes after each, ``gap`` the ticks between a step and the one before it."""

    def __init__(self, plan: Plan, grid: int) -> None:
        self.bit = {step.key: 1 << index for index, step in enumerate(plan.steps)}
        self.later = self._closed(plan.links)
        self.gap: dict[str, tuple[int, int]] = {}
        for link in plan.links:
            if link.minutes is not None and (link.minutes.least > 0 or link.minutes.most is not None):
                most = 2 * DAY // grid if link.minutes.most is None else link.minutes.most // grid
                low, high = self.gap.get(link.then, (0, most))
                self.gap[link.then] = (max(low, -(-link.minutes.least // grid)), min(high, most))

    def _closed(self, links: tuple[Link, ...]) -> Mapping[str, int]:
        """For each step everything that follows it, also by way of others."""
        later = dict.fromkeys(self.bit, 0)
        changed = True
        while changed:
            changed = False
            for link in links:
                reach = later[link.first] | self.bit[link.then] | later[link.then]
                changed |= reach != later[link.first]
                later[link.first] = reach
        return later


def is_plain(site: Site, groups: list[Group], order: Order) -> bool:
    """Whether the steps of a plan meet only through dates, the patient who does one thing after another, and series.

    Then a date is packed by itself. Everything else (a step over midnight, work beside the patient's time, minutes
    between steps of different dates) is left to the solver.
    """
    beside = {
        key: _may_share(groups, order, group) & ~order.bit[key] for group in groups for key in group.steps
    }
    return (
        all(_is_plain_step(site, key, order, beside[key], groups) for key in site.steps)
        and all(_is_plain_link(site, link, order, beside, groups) for link in site.plan.links)
        and not any(group.apart >> group.number & 1 for group in groups)
        and _are_plain_series(site)
    )


def _may_share(groups: list[Group], order: Order, group: Group) -> int:
    """The steps that may share a date with those of a group."""
    return sum(
        order.bit[key] for other in groups if not group.apart >> other.number & 1 for key in other.steps
    )


def _is_plain_step(site: Site, key: str, order: Order, beside: int, groups: list[Group]) -> bool:
    step, plan = site.steps[key], site.plan
    if not step.phases:
        return step.windows is None and key not in plan.booked
    present = [phase.patient for phase in step.phases]
    if (
        step.minutes % site.grid
        or _passes_midnight(site, key)
        or any(role.tangled for role in site.roles[key])
    ):
        return False
    if step.remote and beside:
        return False
    return all(present) or (not any(present) and _is_between(site, key, order, beside, groups))


def _passes_midnight(site: Site, key: str) -> bool:
    """Whether some start makes a step last until the next date begins."""
    return bool(site.domains[key] & site.dates.late(site.steps[key].minutes // site.grid))


def _is_between(site: Site, key: str, order: Order, beside: int, groups: list[Group]) -> bool:
    """Whether a step without the patient has its place between others of its date, with the patient."""
    together = next(group.steps for group in groups if key in group.steps)
    after = order.later[key]
    before = sum(bit for other, bit in order.bit.items() if order.later[other] & order.bit[key])
    here = sum(
        order.bit[each] for each in together if any(phase.patient for phase in site.steps[each].phases)
    )
    return not beside & ~(after | before) and bool(here & after) and bool(here & before)


def _is_plain_link(
    site: Site, link: Link, order: Order, beside: Mapping[str, int], groups: list[Group]
) -> bool:
    """Whether minutes are only asked for between one step and the next, on one date."""
    if link.minutes is None or (link.minutes.least <= 0 and link.minutes.most is None):
        return True
    group = next(group for group in groups if link.first in group.steps)
    steps = site.steps[link.first].phases and site.steps[link.then].phases
    others = beside[link.first] & ~order.bit[link.then]
    early = sum(bit for key, bit in order.bit.items() if order.later[key] & order.bit[link.first])
    return link.then in group.steps and bool(steps) and not others & ~(early | order.later[link.then])


def _are_plain_series(site: Site) -> bool:
    """Whether in each step one role at most counts for a series, and each role for one series."""
    for key in site.steps:
        counting: list[int] = []
        for series in site.plan.series:
            if key in series.steps:
                able = site.problem.able.get((site.location, series.capability), ())
                names = {each.key for each in able}
                roles = [
                    number for number, role in enumerate(site.roles[key]) if not names.isdisjoint(role.starts)
                ]
                if len(roles) > 1:
                    return False
                counting += roles
        if len(counting) > len(set(counting)):
            return False
    return True

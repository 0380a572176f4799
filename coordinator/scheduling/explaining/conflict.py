"""A smallest set of a plan's rules that cannot be kept together."""

from collections.abc import Callable, Iterable, Sequence

from coordinator.scheduling.explaining.circles import Clash
from coordinator.scheduling.explaining.demands import DAY_LENGTH, LISTS, OWN, PATIENT, Demand, Demands
from coordinator.scheduling.explaining.fitting import Fitting


def smallest(demands: Demands, fitting: Fitting) -> list[Demand] | None:
    """Rules that cannot be kept together, and could without any one of them; None: not even without all of them.

    Where time runs out there may be more of them than there have to be.
    """
    rough = _by_dates(demands, fitting, demands.all)
    if rough is None:
        rough = list(demands.all)
        if fitting.fits(demands.keep(())) is False:
            return None
        return by_halves(rough, lambda kept: fitting.fits(demands.keep(kept)) is not False)
    for index in range(len(rough)):
        others = rough[:index] + rough[index + 1 :]
        if fitting.fits(demands.keep(others)) is False:
            if not others or fitting.fits(demands.keep(())) is False:
                return None
            return by_halves(others, lambda kept: fitting.fits(demands.keep(kept)) is not False)
    return rough or None


def _by_dates(demands: Demands, fitting: Fitting, kept: Sequence[Demand]) -> list[Demand] | None:
    """Rules of which dates alone prove that they cannot be kept together, none too many; None: dates do not."""
    clash = fitting.clash(demands.keep(kept))
    if clash is None:
        return None
    left = involved(demands, kept, clash)
    for demand in list(left):
        if demand in left:
            others = [each for each in left if each is not demand]
            clash = fitting.clash(demands.keep(others))
            if clash is not None:
                left = involved(demands, others, clash)
    return left


def involved(demands: Demands, kept: Iterable[Demand], clash: Clash) -> list[Demand]:
    """Those of the rules kept that a proof rests on."""
    kept = list(kept)
    listed = {rule: [each for each in kept if each.rule == rule] for rule in LISTS}
    hard = {each.index: each for each in kept if each.rule == "series"}
    series: list[Demand | None] = [
        hard.get(n) for n, each in enumerate(demands.plan.series) if not each.same or n in hard
    ]
    by_source: dict[str, Sequence[Demand | None]] = {**listed, "series": series}
    named = {by_source[rule][number] for rule, number in clash.sources}
    plain = {each for each in kept if each in (PATIENT, DAY_LENGTH)} if clash.steps else set[Demand]()
    own = {each for each in kept if each.rule in OWN and each.step in clash.steps}
    return [each for each in kept if each in named or each in plain or each in own]


def by_halves(demands: list[Demand], fits: Callable[[Sequence[Demand]], bool]) -> list[Demand]:
    """A smallest part of demands that do not fit together, by halves (Junker's QuickXplain)."""

    def explain(background: list[Demand], added: bool, among: list[Demand]) -> list[Demand]:
        if added and not fits(background):
            return []
        if len(among) == 1:
            return among
        half = len(among) // 2
        second = explain(background + among[:half], True, among[half:])
        first = explain(background + second, bool(second), among[:half])
        return first + second

    return explain([], False, demands) if demands else []

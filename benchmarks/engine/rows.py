"""What is measured: each row of the table is one promise of the engine."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.engine import clinics, disruption, memory
from benchmarks.engine.sources import Source
from benchmarks.engine.timing import Timed, once, ours


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: what was measured, by seed, its median, what it is compared with, and what was asked for."""

    what: str
    figures: list[float]
    unit: str
    aim: str
    note: str = ""

    @property
    def median(self) -> float:
        """The middle one."""
        return median(self.figures)


class Bench:
    """Measures rows; what was timed once is remembered, so that rows can be ratios of one another."""

    def __init__(self, source: Source, seeds: list[int], runs: int, limit: float | None) -> None:
        self.source, self.seeds, self.runs, self.limit = source, seeds, runs, limit
        self._known: dict[object, list[float]] = {}

    def seconds(self, shape: str, solve: Any = None, **clinic: Any) -> list[float]:
        """How long the engine takes for each seed; every answer is judged."""
        asked = (shape, repr(solve), tuple(clinic.items()))
        if asked not in self._known:
            self._known[asked] = [
                self._judged(self.make(seed, shape, **clinic), solve) for seed in self.seeds
            ]
        return self._known[asked]

    def make(self, seed: int, shape: str, **clinic: Any) -> dict[str, Any]:
        """A problem; ``infeasible`` is a shape too."""
        return clinics.infeasible(seed) if shape == "infeasible" else self.source.make(seed, shape, **clinic)

    def _judged(self, made: dict[str, Any], solve: dict[str, Any] | None) -> float:
        return self.checked(made, ours(made, self.runs, **({"seconds": 60.0} | (solve or {})))).seconds

    def checked(self, made: dict[str, Any], timed: Timed) -> Timed:
        """The same, after the rules found nothing broken in it."""
        faults = self.source.faults(made, timed.problem, timed.answer)
        if faults:
            raise AssertionError(f"an answer is wrong: {faults[:3]}")
        return timed

    def baseline(self, shape: str, **clinic: Any) -> list[float]:
        """How long the textbook model takes; what it does not prove counts as the whole limit."""
        assert self.limit is not None
        asked = ("baseline", shape, tuple(clinic.items()))
        if asked not in self._known:
            self._known[asked] = [self._baseline(self.make(seed, shape, **clinic)) for seed in self.seeds]
        return self._known[asked]

    def _baseline(self, made: dict[str, Any]) -> float:
        limit = self.limit or 0.0
        seconds, result = once(lambda: self.source.baseline(made, limit))
        return min(seconds, limit) if result.proven else limit


def _ratios(ones: list[float], others: list[float]) -> list[float]:
    return [one / other for one, other in zip(ones, others, strict=True)]


def programme(bench: Bench) -> Iterator[Row]:
    """A course of twenty steps, six months, 80 % booked."""
    yield Row("programme, 182 days, load 0.8", [1000 * each for each in bench.seconds("programme")], "ms", "")
    if bench.limit:
        times = _ratios(bench.baseline("programme"), bench.seconds("programme"))
        yield Row(
            "  textbook model takes", times, "times as long", "at least 1,000", f"limit {bench.limit:g} s"
        )


def short(bench: Bench) -> Iterator[Row]:
    """The same where the textbook model comes to an end."""
    clinic = {"days": 70, "load": 0.4}
    yield Row(
        "programme, 70 days, load 0.4",
        [1000 * each for each in bench.seconds("programme", **clinic)],
        "ms",
        "",
    )
    if bench.limit:
        times = _ratios(bench.baseline("programme", **clinic), bench.seconds("programme", **clinic))
        yield Row(
            "  textbook model takes", times, "times as long", "at least 150", f"limit {bench.limit:g} s"
        )


def growth(bench: Bench) -> Iterator[Row]:
    """What a longer horizon, more staff and more locations cost: medians beside the median of the programme."""
    usual = median(bench.seconds("programme"))
    for what, clinic, aim in (
        ("364 days", {"days": 364}, "at most 1.5"),
        ("four times the staff and rooms", {"scale": 4}, "at most 2"),
        ("25 locations", {"locations": 25}, "at most 3"),
    ):
        times = [each / usual for each in bench.seconds("programme", **clinic)]
        yield Row(f"programme, {what}", times, "times the programme", aim)


def shapes(bench: Bench) -> Iterator[Row]:
    """Other plans, beside the median of the programme."""
    usual = median(bench.seconds("programme"))
    for shape, clinic, aim in (
        ("assessment", {}, "at most 3"),
        ("random", {}, "at most 3"),
        ("injection", {"load": 0.6}, "at most 3"),
        ("rehabilitation", {}, "at most 10"),
    ):
        times = [each / usual for each in bench.seconds(shape, **clinic)]
        yield Row(shape, times, "times the programme", aim)


def reasons(bench: Bench) -> Iterator[Row]:
    """A plan that cannot be: the proof with its reasons, and repairs, beside the median of one that can."""
    usual = median(bench.seconds("programme"))
    yield Row("infeasible, with reasons", [each / usual for each in bench.seconds("infeasible")],
              "times the programme", "at most 1")  # fmt: skip
    times = [each / usual for each in bench.seconds("infeasible", {"repairs": 3})]
    yield Row("  and 3 repairs, each tried", times, "times the programme", "at most 10")


def alternatives(bench: Bench) -> Iterator[Row]:
    """Five others of different kinds, beside the first alone."""
    times = _ratios(bench.seconds("programme", {"alternatives": 5}), bench.seconds("programme"))
    yield Row("5 alternatives", times, "times one", "at most 4")


def batches(bench: Bench) -> Iterator[Row]:
    """Many plans: how far the total is from what is proven, and how soon every plan that can be has a place."""
    for plans, seconds, aim in ((30, 20.0, "at most 1"), (200, 60.0, "at most 15")):
        gaps, firsts = [], []
        for seed in bench.seeds[:1]:
            made = bench.make(seed, "mixed", plans=plans, scale=2, days=98, load=0.5)
            gap, first = disruption.gap(bench, made, seconds)
            gaps.append(100 * gap)
            firsts.append(first)
        yield Row(f"{plans} plans at once, after {seconds:g} s", gaps, "% above the bound", aim)
        yield Row("  first whole schedule", firsts, "s", "at most 3" if plans == 200 else "")


def repair(bench: Bench) -> Iterator[Row]:
    """A practitioner is away for a week; what was booked costs to be moved."""
    gaps, seconds = [], []
    for seed in bench.seeds[:1]:
        made = disruption.away(bench, seed)
        gap, took = disruption.repaired(bench, made, 60.0)
        gaps.append(100 * gap)
        seconds.append(took)
    yield Row("a practitioner away for a week", gaps, "% above the bound", "0 (proven)")
    yield Row("  time", seconds, "s", "a hundredth of the textbook model's")


def space(bench: Bench) -> Iterator[Row]:
    """Memory of one plan above that of the interpreter with its imports and the problem."""
    used = [memory.used(bench.make(seed, "programme")) for seed in bench.seeds[:1]]
    yield Row("memory for one plan", used, "MB", "at most 60")


ROWS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    "programme": programme, "short": short, "growth": growth, "shapes": shapes, "reasons": reasons,
    "alternatives": alternatives, "batches": batches, "repair": repair, "space": space,
}  # fmt: skip

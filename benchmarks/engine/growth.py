"""The growth of the engine and of the textbook model as a picture."""

from pathlib import Path
from statistics import median

from benchmarks.engine.rows import Bench

DAYS = (35, 70, 126, 182, 273, 364)


def draw(bench: Bench, path: Path) -> None:
    """Time over the length of the horizon, on a logarithmic scale, as SVG."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "growth"  # the same picture from the same figures
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 4))
    ours = [1000 * median(bench.seconds("programme", days=days)) for days in DAYS]
    axes.plot(DAYS, ours, "o-", color="#0b6e99", label="Coordinator")
    if bench.limit:
        theirs = [1000 * median(bench.baseline("programme", days=days)) for days in DAYS]
        axes.plot(
            DAYS, theirs, "s--", color="#b4500f", label=f"textbook model (stopped at {bench.limit:g} s)"
        )
    axes.set(xlabel="days in the calendars", ylabel="milliseconds until proven best", yscale="log")
    axes.set_title("A plan of 20 steps, 75 resources, 80 % booked")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, format="svg", metadata={"Date": None})

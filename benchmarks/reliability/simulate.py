"""``simulate``: long histories by chance, program and model side by side, each from a seed that repeats it.

What is played and what is checked stands in ``tests/simulator``. A history that fails ends the run, with its last steps
and the command that plays it again.
"""

from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.progress import track

from benchmarks.reliability import asking, databases
from benchmarks.reliability.verdicts import Verdict, exactly, told
from tests.simulator.history import History

LAST_SHOWN = 40


def main(arguments: Sequence[str]) -> list[Verdict]:
    """Play ``--seeds`` histories of ``--steps`` steps each; the first difference ends it, and so does Ctrl-C."""
    parser = asking.parser("simulate", __doc__)
    parser.add_argument("--steps", type=int, default=2000, help="how long a history is (%(default)s)")
    parser.add_argument(
        "--seeds", type=int, default=50, help="how many histories, from --seed on (%(default)s)"
    )
    options = parser.parse_args(arguments)
    tally, differences = Counter[str](), 0
    seeds = range(options.seed, options.seed + options.seeds)
    for seed in track(seeds, description=f"{options.steps} steps on {options.database}"):
        history = History(seed, options.steps)
        try:
            with databases.opened(options.database) as here:
                history.play(here.url)
        except KeyboardInterrupt:
            break
        except Exception:
            differences = 1
            _tell(history, f"--database {options.database} --seed {seed} --seeds 1 --steps {options.steps}")
            break
        finally:
            tally.update(history.tally)
    return [
        *(told(what, count) for what, count in sorted(tally.items())),
        exactly("differences", differences, 0),
    ]


def _tell(history: History, again: str) -> None:
    console = Console(soft_wrap=True)
    console.print_exception()
    console.print(*history.played[-LAST_SHOWN:], sep="\n", markup=False)
    console.print(f"That was step {len(history.played)}. Again:")
    console.print(f"python -m benchmarks.reliability simulate {again}", markup=False)

"""Long histories: steps that a seed chooses, mostly those that a clinic's day is full of."""

import random
from collections import Counter
from collections.abc import Iterator

from tests.simulator.machine import Simulator
from tests.simulator.side_by_side import MOST

OFTEN = {
    "draft": 4,
    "propose": 5,
    "book": 8,
    "move": 8,
    "swap": 3,
    "shift": 3,
    "cancel": 2,
    "deliver": 4,
    "time_passes": 4,
}
"""How much more often than the others a step comes, so that there is something to move, cancel and tell of."""


class History:
    """What Hypothesis does not do: thousands of steps on one database. The same seed plays the same steps."""

    def __init__(self, seed: int, steps: int) -> None:
        self.seed, self.chance, self.steps = seed, random.Random(seed), steps
        self.played: list[str] = []
        """The steps so far, as calls."""
        self.tally = Counter[str]()
        """What came of them."""

    def play(self, url: str) -> None:
        """Play on a migrated database without rows. Raises AssertionError where program and model differ."""
        random.seed(self.seed)  # the program takes chances too: how long it waits before it tries again
        machine = Simulator(url)
        try:
            for name, arguments in self._chosen(machine):
                said = ", ".join(f"{key}={pick}" for key, pick in arguments.items())
                self.played.append(f"{name}({said})")
                getattr(machine, name)(**arguments)
                machine.all_is_as_foreseen()
        finally:
            machine.teardown()
            self._count(machine)

    def _chosen(self, machine: Simulator) -> Iterator[tuple[str, dict[str, int]]]:
        rules = {rule.function.__name__: rule for rule in machine.rules}
        for _ in range(self.steps):
            names = [
                name for name in sorted(rules) if all(holds(machine) for holds in rules[name].preconditions)
            ]
            (name,) = self.chance.choices(names, [OFTEN.get(each, 1) for each in names])
            yield name, {each: self.chance.randrange(MOST + 1) for each in rules[name].arguments}

    def _count(self, machine: Simulator) -> None:
        self.tally["steps"] = len(self.played)
        self.tally["mails"] = machine.recipients.times.total()
        self.tally.update(f"done: {deed} {subject}" for deed, subject, _ in machine.model.lines)
        for how, count in machine.outcomes.items():
            self.tally[f"ended: {how.value}"] += count

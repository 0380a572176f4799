"""The program does what the model foresees, on both databases, in short histories of all sorts and in a longer one."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.simulator.history import History
from tests.simulator.machine import Simulator

SHORT = settings(
    max_examples=6,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,  # the same in every run; long ones draw new histories
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


def test_in_short_histories(database_kind: str, request: pytest.FixtureRequest) -> None:
    """Each begins on a database of its own. The shortest that fails is printed as code."""
    home = request.getfixturevalue("sqlite_files" if database_kind == "sqlite" else "postgres")
    run_state_machine_as_test(lambda: Simulator(home.migrated()), settings=SHORT)


def test_in_a_history_of_a_seed(database_url: str) -> None:
    history = History(seed=7, steps=120)
    history.play(database_url)
    rare = {"done: book plan", "done: move appointment", "mails", "ended: refused"}
    assert rare <= {what for what, count in history.tally.items() if count}, "hardly anything was tried"

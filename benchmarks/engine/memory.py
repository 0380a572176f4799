"""How much memory one search takes, in a process of its own."""

import json
import subprocess
import sys
from typing import Any

SEARCH = """
import json, resource, sys
from coordinator.scheduling import engine, problem_file
from coordinator.scheduling.journey import prospect
problem = problem_file.from_json(json.load(sys.stdin))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
engine.solve(problem, seconds=60)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def used(made: dict[str, Any]) -> float:
    """Megabytes that the search added to the largest size of the process; on Linux, where that is counted in KB."""
    done = subprocess.run(
        [sys.executable, "-c", SEARCH], input=json.dumps(made), capture_output=True, text=True, check=True
    )
    return int(done.stdout) / 1024

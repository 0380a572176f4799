"""Lock requirements.txt and requirements-dev.txt for every platform; for maintainers, needs uv and the net.

Name new versions in the .in files first. What is locked stays where it is, unless ``--upgrade`` is given.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMPILE = ("uv", "pip", "compile", "--universal", "--python-version", "3.11", "--generate-hashes")
PLAIN = ("--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet")


def lock(source: str, target: str, *more: str) -> None:
    """Resolve one list of names into versions and hashes."""
    subprocess.run([*COMPILE, *PLAIN, *more, source, "--output-file", target], cwd=ROOT, check=True)


def main() -> None:
    for name in ("requirements", "requirements-dev"):
        lock(f"{name}.in", f"{name}.txt", *sys.argv[1:])


if __name__ == "__main__":
    main()

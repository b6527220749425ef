"""Waits for the end of the process that started it, and then buries what that one's cluster has left.

    python -m tests.slurm.undertaker FOLDER < a pipe that ends with its owner

For `kill -9` of the owner: daemons die with it by the kernel's promise, but steps and their jobs are nobody's children.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.slurm import processes


def main() -> None:
    folder = Path(sys.argv[1])
    sys.stdin.read()
    processes.kill(lambda: processes.of_cluster(folder))
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()

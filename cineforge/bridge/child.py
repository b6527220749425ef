"""Snakemake as `cineforge run` starts it: quiet from its first moment, and not outliving the command that began it.

`python -m cineforge.bridge.child FD ...`: FD is the reading end of a pipe that closes when the command is gone.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def main(arguments: list[str]) -> None:
    """Run snakemake with the arguments after the descriptor; never returns."""
    # Nothing is at work while Snakemake is imported: a signal may simply end the process.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    starter = int(arguments[0])
    threading.Thread(target=_end_with, args=(starter,), daemon=True).start()
    sys.argv = ["snakemake", *arguments[1:]]
    from snakemake.cli import main as snakemake

    snakemake()


def _end_with(starter: int) -> None:
    os.read(starter, 1)  # nothing is ever written: this returns when the other end is closed
    os.kill(os.getpid(), signal.SIGHUP)


if __name__ == "__main__":
    main(sys.argv[1:])

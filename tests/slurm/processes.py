"""Which processes belong to a cluster or to one of its nodes, and how to be rid of them for certain.

A daemon of Slurm's overwrites its environment with its title, so it is known by the files it holds open; what a job
starts is known by its environment.
"""

from __future__ import annotations

import contextlib
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil


def of_cluster(folder: Path) -> list[psutil.Process]:
    """Daemons, steps and jobs of the cluster in this folder; without this process and its parents."""
    own = {psutil.Process().pid, *(parent.pid for parent in psutil.Process().parents())}
    return [
        process
        for process in _living()
        if process.pid not in own
        and (_variable(process, "SLURM_CONF").startswith(f"{folder}/") or _holds(process, folder))
    ]


def of_node(folder: Path, node: str, log: Path) -> list[psutil.Process]:
    """The daemon of the node that writes this log, those of its steps, and all processes of its jobs."""
    return [
        process
        for process in of_cluster(folder)
        if _variable(process, "SLURMD_NODENAME") == node or _holds(process, log)
    ]


def kill(find: Callable[[], list[psutil.Process]], seconds: float = 10) -> None:
    """`kill -9` all that `find` finds, until it finds nothing: processes may start others while they are killed.

    All are stopped first, so that none lives to tell of another's death.
    """
    end = time.monotonic() + seconds
    while found := find():
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for process in found:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(number)
        psutil.wait_procs(found, timeout=1)
        if time.monotonic() > end:
            raise TimeoutError(f"still there after kill -9: {[process.pid for process in found]}")


def _living() -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE:
                yield process


def _holds(process: psutil.Process, place: Path) -> bool:
    """Whether a process has this file open, or one below this folder."""
    with contextlib.suppress(psutil.Error, OSError):
        return any(Path(file.path).is_relative_to(place) for file in process.open_files())
    return False


def _variable(process: psutil.Process, name: str) -> str:
    with contextlib.suppress(psutil.Error, OSError):
        return str(process.environ().get(name, ""))
    return ""

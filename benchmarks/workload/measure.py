"""What a command costs: processor time and memory of all that it starts, and the time that it takes."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

_PR_SET_CHILD_SUBREAPER = 36
_A_MOMENT = 3.0


@dataclass(frozen=True)
class Cost:
    """Seconds of the processors, of the clock, and the most memory in MiB; 0 where that was not looked at."""

    cpu: float
    wall: float
    memory: float = 0.0


def busy_before() -> float:
    """The share of the processors, 0 to 1, that others keep at work now: the system's load tells of minutes ago."""
    return float(psutil.cpu_percent(interval=_A_MOMENT)) / 100


def adopt_orphans() -> None:
    """Have all that commands leave behind counted as theirs (Linux): workers are no children of the command."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def cost_of(command: Sequence[str], folder: Path, *, memory: bool = False) -> Cost:
    """Run a command to its end, with all that it has started. Raises SystemExit, with what it said, when it fails.

    It has a process group of its own: who interrupts the benchmark interrupts the command through it.
    """
    log = folder / "said.log"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    with log.open("wb") as said:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            env=_environment(),
            process_group=0,
        )
        watch = _Watch(process.pid) if memory else None
        try:
            process.wait()
            wall = time.monotonic() - began
        except KeyboardInterrupt:
            _end(process)
            raise
        finally:
            peak = watch.stop() if watch else 0.0
            _reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} in {folder} failed:\n{log.read_text()[-3000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(cpu, wall, peak)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Have it end itself, as by Ctrl-C, or end it."""
    with contextlib.suppress(ProcessLookupError):  # it has ended meanwhile
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _environment() -> dict[str, str]:
    """As it is, but that compiled code may be kept: else every command would compile CineForge anew."""
    return {name: text for name, text in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _reap() -> None:
    """Wait for what the command has left behind, as it ends by itself in a moment."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


class _Watch:
    """Adds up, every so often, the memory of a process and of all below it: what is shared is counted once."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._peak = 0
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()

    def stop(self) -> float:
        self._stopped.set()
        self._thread.join()
        return self._peak / 2**20

    def _look(self) -> None:
        while not self._stopped.wait(0.2):
            found = 0
            with contextlib.suppress(psutil.Error):
                for each in (self._process, *self._process.children(recursive=True)):
                    with contextlib.suppress(psutil.Error, OSError):
                        found += each.memory_full_info().pss
            self._peak = max(self._peak, found)

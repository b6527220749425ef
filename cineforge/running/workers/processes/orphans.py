"""What modules leave running: on Linux the server that forks workers becomes its parent, and ends it with the run.

A worker's process group is ended with it, but a daemon forks twice and leaves the group. Its parent is then whoever
asked the kernel for orphans, instead of the system's first process.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
#: A process in the middle of a call to a broken disk or network does not end at once.
_PATIENCE_SECONDS = 5.0


class _State:
    #: The process that asked for orphans; its forks have not.
    adopter: int | None = None


def adopt_orphans() -> None:
    """Become the parent of all that this process's descendants leave behind, and end it when this process ends.

    Elsewhere than on Linux nothing does that, and a daemon outlives its run.
    """
    if sys.platform != "linux":
        return
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        _State.adopter = os.getpid()
        atexit.register(end_orphans)


def end_orphans() -> None:
    """End them now, if this process has become their parent: one that is left by `os._exit` calls nothing at exit."""
    if os.getpid() != _State.adopter:
        return
    until = time.monotonic() + _PATIENCE_SECONDS
    # Those that were theirs are ours next.
    while (children := _children()) and time.monotonic() < until:
        for pid in children:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.01)


def _children() -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError, IndexError, ValueError):
                # The name, in brackets, may hold anything.
                fields = (entry / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                if int(fields[1]) == os.getpid():
                    found.append(int(entry.name))
    return found

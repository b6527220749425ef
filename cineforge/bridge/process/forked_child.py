"""The process of a run, forked from the command that begins it: what both need is loaded and held once.

As a new interpreter it would import again what the command has imported: a third of a second, and memory. A fork is
safe as long as the command has one thread and has called no module: nobody holds a lock, and nothing is at work.
"""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress

from cineforge.bridge.process.signals import note_end
from cineforge.running.workers.processes.forked_here import (
    STANDARD,
    close_all_but,
    forget_handlers,
    fork,
    is_alone,
)
from cineforge.running.workers.processes.server_start import is_server_started


def may_fork() -> bool:
    """Whether this process can go on as two."""
    return is_alone() and not is_server_started()


class ForkedChild:
    """A fork, as far as `subprocess.Popen` is used here."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._status: int | None = None

    def send_signal(self, number: int) -> None:
        if self._status is None:
            os.kill(self._pid, number)

    def wait(self) -> int:
        """Its exit status, once it has ended; of a signal the number below zero. To be asked again when interrupted."""
        if self._status is None:
            ended = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOWAIT)
            assert ended is not None
            is_exit = ended.si_code == os.CLD_EXITED
            self._status = ended.si_status if is_exit else -ended.si_status
        with suppress(ChildProcessError):  # it was taken away before an interrupt came
            os.waitpid(self._pid, 0)
        return self._status


def fork_child(
    program: Callable[[], object], kept: int, environment: Mapping[str, str]
) -> ForkedChild:
    """Run a program in a fork of this process to its end, with one open file `kept` beside the standard ones.

    What this process has set up for itself is undone there.
    """

    def leave() -> None:
        close_all_but({*STANDARD, kept})
        forget_handlers()
        os.environ.clear()
        os.environ.update(environment)

    return ForkedChild(fork(leave, lambda: to_the_end(program)))


def to_the_end(program: Callable[[], object]) -> int:
    """Run it, and do what Python does at its end, but for taking apart all that is loaded; the exit status."""
    status = 1
    try:
        program()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    note_end()
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    return status

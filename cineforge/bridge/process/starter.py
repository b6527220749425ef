"""The watch over the command that started this process: as soon as that is gone, the run is told to end."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from cineforge.running.workers.processes.forked_here import is_alone

#: Seconds in which the first of two signals is surely handled.
_BETWEEN_SIGNALS = 0.5
#: Seconds that the system is given to take away a thread that has ended.
_PATIENCE = 0.2


class _Watch:
    """A thread that waits for the other end of a pipe to be closed, and can be told to leave off."""

    def __init__(self, starter: int) -> None:
        self.starter = starter
        self._read, self._write = os.pipe()
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def leave_off(self) -> None:
        os.close(self._write)
        self._thread.join()
        os.close(self._read)
        # For Python it has ended a moment earlier than for the system.
        until = time.monotonic() + _PATIENCE
        while not is_alone() and time.monotonic() < until:
            time.sleep(0.0005)

    def _wait(self) -> None:
        # Nothing is ever written: what can be read is the end.
        if self.starter in select.select([self.starter, self._read], [], [])[0]:
            _end_the_run()


_watches: list[_Watch] = []


def end_with(starter: int) -> None:
    """End this process when all that hold the other end of the pipe `starter` are gone."""
    _watches.append(_Watch(starter))


@contextmanager
def unwatched() -> Iterator[None]:
    """Without the watch, and the thread that it takes: for what must be done while there is one thread alone."""
    starters = [watch.starter for watch in _watches]
    while _watches:
        _watches.pop().leave_off()
    try:
        yield
    finally:
        for starter in starters:
            end_with(starter)


def _end_the_run() -> None:
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        os.kill(os.getpid(), signal.SIGHUP)
        return
    # Under `nohup`: the second SIGTERM ends a run at once.
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_BETWEEN_SIGNALS)
    os.kill(os.getpid(), signal.SIGTERM)

"""Moments at which a signal must not raise: what runs just then would swallow it, or leave something half done."""

from __future__ import annotations

import os
import threading
import time
from types import FrameType

#: Seconds after which a signal comes again that a finalizer swallowed, or that came at such a moment.
_AGAIN_AFTER = 0.05
#: No longer than this: whoever is called while something is imported would never end else.
_PATIENCE = 5.0
#: Python keeps the lock of its imports for ever when it is stopped in between; C code that imports something takes an
#: interrupt for a thing that is missing.
_IMPORTS = "<frozen importlib._bootstrap>"
#: Its C code takes an interrupt for an error of its own while it builds a class, or passes over it and builds another.
_BUILDS_IN_C = "pydantic"
_waits_since: list[float] = []
#: Signals that are on their way once more.
_coming: list[int] = []


def comes_again(number: int, frame: FrameType | None) -> bool:
    """Whether what the main thread was at, when a signal came, has to go on first: then it is sent once more."""
    _coming.clear()
    if not _is_bad(frame):
        _waits_since.clear()
        return False
    now = time.monotonic()
    _waits_since[:] = _waits_since or [now]
    if now - _waits_since[0] > _PATIENCE:
        return False
    send_again(number)
    return True


def send_again(number: int) -> None:
    """Send a signal to this process once more, a moment later."""
    _coming.append(number)
    again = threading.Timer(_AGAIN_AFTER, os.kill, (os.getpid(), number))
    again.daemon = True
    again.start()


def let_come() -> None:
    """Wait for a signal that is on its way: a process that is forked now would never hear of it."""
    while _coming:
        time.sleep(_AGAIN_AFTER)


def _is_bad(frame: FrameType | None) -> bool:
    while frame is not None:
        name = str(frame.f_globals.get("__name__"))
        if frame.f_code.co_filename == _IMPORTS or name.partition(".")[0] == _BUILDS_IN_C:
            return True
        frame = frame.f_back
    return False

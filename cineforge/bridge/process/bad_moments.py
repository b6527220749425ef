"""Moments at which a signal must not raise: what runs just then would swallow it, or leave something half done."""

from __future__ import annotations

import os
import threading
from types import FrameType

#: Seconds after which a signal comes again that a finalizer swallowed, or that came at such a moment.
_AGAIN_AFTER = 0.05
#: What of Python's imports must not end between taking their lock and giving it back: it does not see to that itself.
_IMPORTS = "<frozen importlib._bootstrap>"
_WITH_THEIR_LOCK = {"_get_module_lock", "cb", "__enter__", "__exit__"}
#: Its C code takes an interrupt for an error of its own while it builds a class, or passes over it and builds another.
_BUILDS_IN_C = "pydantic"


def is_bad_moment(frame: FrameType | None) -> bool:
    """Whether what the main thread was at, when a signal came, has to go on first."""
    if frame is None:
        return False
    code = frame.f_code
    if code.co_filename == _IMPORTS and code.co_name in _WITH_THEIR_LOCK:
        return True
    return str(frame.f_globals.get("__name__")).partition(".")[0] == _BUILDS_IN_C


def send_again(number: int) -> None:
    """Send a signal to this process once more, a moment later."""
    again = threading.Timer(_AGAIN_AFTER, os.kill, (os.getpid(), number))
    again.daemon = True
    again.start()

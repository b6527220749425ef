"""Waiting for a lock of the kernel's that another process holds, and saying so."""

from __future__ import annotations

import fcntl
import logging
import time
from pathlib import Path

_SILENT_SECONDS = 2.0
_LOOK_SECONDS = 0.01
_log = logging.getLogger(__name__)


def lock(descriptor: int, path: Path, how: int = fcntl.LOCK_EX) -> None:
    """Take a lock, however long that takes; what takes longer than two seconds is said once. Raises OSError."""
    until = time.monotonic() + _SILENT_SECONDS
    while time.monotonic() < until:
        try:
            fcntl.flock(descriptor, how | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOOK_SECONDS)
        else:
            return
    _log.warning("another process keeps %s locked: waiting for it", path)
    fcntl.flock(descriptor, how)

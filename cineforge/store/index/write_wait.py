"""Waiting to write to the index while another process does."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

from cineforge.store.index.sqlite_errors import is_busy

BUSY_SECONDS = 120.0
#: SQLite itself waits no longer: by itself it looks the less often the longer it has waited, so that who came last
#: comes first.
LOOK_SECONDS = 0.003
_SILENT_SECONDS = 2.0
_log = logging.getLogger(__name__)


class WriteWait:
    """The waiting of one transaction, which is tried again each time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._began: float | None = None
        self._was_logged = False

    def wait(self, error: Exception) -> bool:
        """Wait a moment if another connection has what was needed, but not for minutes; False when it is no use."""
        if not (isinstance(error, sqlite3.Error) and is_busy(error)):
            return False
        now = time.monotonic()
        self._began = now if self._began is None else self._began
        if now - self._began > BUSY_SECONDS:
            return False
        if now - self._began > _SILENT_SECONDS and not self._was_logged:
            self._was_logged = True
            _log.warning("another process keeps %s locked: waiting for it", self._path)
        time.sleep(LOOK_SECONDS)
        return True

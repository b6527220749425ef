"""Waiting for one's turn to write."""

from __future__ import annotations

import sqlite3
import time

from cineforge.store.index.failures import is_busy

BUSY_SECONDS = 120.0
_LOOK_SECONDS = 0.003


def begin_writing(db: sqlite3.Connection) -> None:
    """Begin a write transaction. Raises sqlite3.OperationalError when another one lasts for minutes.

    SQLite by itself looks the less often the longer it has waited, so that who came last comes first.
    """
    give_up = time.monotonic() + BUSY_SECONDS
    db.execute("PRAGMA busy_timeout = 0")
    try:
        while True:
            try:
                db.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() > give_up:
                    raise
            time.sleep(_LOOK_SECONDS)
    finally:
        db.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")

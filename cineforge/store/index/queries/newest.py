"""The newest version that an index knows: another one after each version, judgement and hold that is registered."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from cineforge.store import layout

#: Its row, which only grows until all is registered anew, and its seal.
Newest = tuple[int, str]


def newest(db: sqlite3.Connection) -> Newest:
    """Of an index without any version, no row has this number."""
    row = db.execute("SELECT id, seal FROM version ORDER BY id DESC LIMIT 1").fetchone()
    return (0, "") if row is None else (row[0], row[1])


def newest_in_file(project: Path) -> Newest | None:
    """The same by a glance at the file, whatever the folders say; None where it cannot be read at once."""
    path = project / layout.INDEX
    try:
        address = f"{path.absolute().as_uri()}?mode=rw"
        with closing(sqlite3.connect(address, uri=True, timeout=0.1)) as db:
            return newest(db)
    except sqlite3.Error:
        return None

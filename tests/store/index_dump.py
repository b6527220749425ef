"""Everything an index holds, so that two indexes can be compared."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from cineforge.store.index.consistency import named_rows
from cineforge.store.index.rebuild import rebuild
from cineforge.store.index.tables.schema import create_tables


def live_dump(project: Path) -> set[Any]:
    """The content of the project's own index."""
    db = sqlite3.connect(project / ".cineforge" / "index.sqlite")
    try:
        return set(named_rows(db))
    finally:
        db.close()


def rebuilt_dump(project: Path) -> set[Any]:
    """The content that an index has when it is made from the folders alone."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        create_tables(db)
        assert rebuild(db, project) == []
        return set(named_rows(db))
    finally:
        db.close()

"""What a store leaves behind in the folders when it has published: the project's name, and a fresh stamp."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path

from cineforge.model.errors import ProjectBusy, StoreDamaged
from cineforge.store.disk.durable import CannotWrite
from cineforge.store.index.database import Index
from cineforge.store.index.marks import name_project, read_marks, stamp
from cineforge.store.index.tables import origin


def leave_stamp(index: Index, project: Path) -> None:
    """Stamp the folders, and let the index know. If that fails, the next command looks more closely; no more."""
    with suppress(CannotWrite, ProjectBusy, StoreDamaged, OSError):
        index.write(lambda db: _stamp(db, project))


def _stamp(db: sqlite3.Connection, project: Path) -> None:
    before, known = read_marks(project), origin.marks(db)
    fresh = {"stamp": stamp(project)}
    if not before["project"]:
        fresh["project"] = name_project(project, origin.first_seal(db))
    # What came from elsewhere meanwhile, with a stamp of its own, has yet to be registered.
    if before["stamp"] == known.get("stamp", ""):
        origin.keep_marks(db, fresh)

"""What an error of SQLite says of the index: that it is unusable, not to be written just now, or locked."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from cineforge.model.errors import ProjectBusy, StoreDamaged
from cineforge.model.refs import ArtifactRef
from cineforge.store.disk.durable import CannotWrite, has_room, may_grow, too_large_here

_UNUSABLE = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CONSTRAINT,
        sqlite3.SQLITE_MISMATCH,
    }
)
_UNWRITABLE = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY})


class IndexContradicted(StoreDamaged):
    """The index has something in one place that it denies in another: a bit of it was flipped. It is made anew."""

    def __init__(self, ref: ArtifactRef) -> None:
        super().__init__(
            f"the index was damaged: it names {ref} in one place only. It was made anew from the folders:"
            " type the command again."
        )


def is_unusable(error: Exception) -> bool:
    """Whether the file is no index (any more), and must be made anew."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:  # ours, of `_open`
        return isinstance(error, sqlite3.DatabaseError)
    return (code & 0xFF) in _UNUSABLE or str(error).startswith(("no such table", "no such column"))


def is_unwritable(error: Exception) -> bool:
    """Whether the system refused to open, read or write the file: it may be gone."""
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _UNWRITABLE


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another connection has what this one waits for."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def explained(error: sqlite3.Error, path: Path) -> Exception:
    """What to raise in its place: what is wrong with the index at `path`, and what to do."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if is_busy(error):
        return ProjectBusy(f"another process keeps {path} locked: wait for it, or end it")
    if code in _UNWRITABLE and not may_grow(path):
        return too_large_here(path)
    full = code == sqlite3.SQLITE_FULL or (code in _UNWRITABLE and not has_room(path.parent))
    if full or code in _UNWRITABLE:
        return CannotWrite.because(path.parent.parent, str(error), full=full)
    return StoreDamaged(
        f"{path} cannot be used: {error}. It is derived: delete it, then run cineforge reindex."
    )

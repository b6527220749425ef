"""The files that an index consists of: made, opened, checked and removed."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from cineforge.model.errors import StoreDamaged
from cineforge.store import layout
from cineforge.store.disk.durable import CannotWrite
from cineforge.store.disk.safe_files import is_regular, kind_of
from cineforge.store.index.rebuild import rebuild
from cineforge.store.index.tables import origin, schema
from cineforge.store.index.write_wait import LOOK_SECONDS

#: What an index consists of.
PARTS = ("", "-wal", "-shm", "-journal")


def create(path: Path, project: Path) -> None:
    """Make the file under another name: nobody may open a half-made one, nor one that is not in WAL mode yet."""
    fresh = path.with_name("index.fresh")
    remove(fresh)
    with closing(_connect(fresh)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("BEGIN IMMEDIATE")
        schema.create_tables(db)
        rebuild(db, project)
        origin.keep_marks(db, {origin.FILE: str(fresh.stat().st_ino)})
        db.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION}")
        db.execute("COMMIT")
    remove(path)  # SQLite would read a log left by an older file into this one
    fresh.rename(path)


def open_checked(path: Path) -> sqlite3.Connection:
    """Connect to an index of this version of the program. Raises sqlite3.DatabaseError for any other file."""
    db = _connect(path)
    try:
        if db.execute("PRAGMA user_version").fetchone() != (schema.SCHEMA_VERSION,):
            raise sqlite3.DatabaseError("the index was written by another version of cineforge")
        if not schema.is_ours(db):
            raise sqlite3.DatabaseError("the index has other tables than it was made with")
        db.execute("PRAGMA cache_size = -4096")
    except BaseException:
        db.close()
        raise
    return db


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(
        path, timeout=LOOK_SECONDS, isolation_level=None, check_same_thread=False
    )


def closed_to_us(path: Path) -> Path | None:
    """What keeps us from writing (or making) the index and what SQLite keeps beside it: a folder, or the file."""
    folder = path.parent
    if not folder.exists():
        folder = folder.parent
    if not os.access(folder, os.W_OK | os.X_OK):
        return folder
    return path if path.exists() and not os.access(path, os.R_OK | os.W_OK) else None


def only_readable(project: Path) -> CannotWrite:
    """What to raise for a write to an index that may not be written, by the name of what is closed."""
    closed = closed_to_us(project / layout.INDEX) or project
    return CannotWrite.because(closed, "it may only be read", full=False)


def require_files(path: Path) -> None:
    """Raise StoreDamaged for what SQLite would write through, or wait for."""
    for suffix in PARTS:
        part = path.with_name(path.name + suffix)
        if os.path.lexists(part) and not is_regular(part):
            raise StoreDamaged(f"{part} is {kind_of(part)}: remove it, and the index is made again")


def remove(path: Path) -> None:
    """Remove a database with what belongs to it."""
    for suffix in PARTS:
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def require_project(project: Path, path: Path) -> None:
    """Raise StoreDamaged when all is gone that was there: others at work may make a moved project's folder anew."""
    if not (path.parent.exists() or (project / layout.ARTIFACTS).exists()):
        raise StoreDamaged(
            f"the project is no longer at {project}: nothing of it is there (was it moved?)"
        )


def open_project(project: Path, path: Path) -> int:
    """A descriptor of the project's folder, for a lock. Raises StoreDamaged when it was moved."""
    try:
        return os.open(project, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        require_project(project, path)
        raise


def is_hard_linked(path: Path) -> bool:
    """Whether the file, or what SQLite keeps beside it, has another name elsewhere."""
    for suffix in ("", "-wal", "-shm"):
        with suppress(OSError):
            if os.stat(f"{path}{suffix}").st_nlink > 1:  # noqa: PTH116
                return True
    return False


def shared_memory(path: Path) -> Path:
    """What SQLite keeps beside an index as long as anybody has it open."""
    return path.with_name(path.name + "-shm")

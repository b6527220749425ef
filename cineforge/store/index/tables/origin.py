"""What an index remembers of the project and the folders that it was made from, and of its own file."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Mapping

from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store.index.tables.columns import make_ref

#: The name under which the index remembers the inode of its own file. A copy has another.
FILE = "file"
#: The name under which it remembers one version that could not be read when it was made anew.
UNREAD = "unread"
#: The name under which it remembers one that the system did not let be read then, and that may be whole.
CLOSED = "closed"
#: The name of this making of the index: as long as it is the same, rows of versions have only been added.
MADE = "made"


def marks(db: sqlite3.Connection) -> dict[str, str]:
    """The marks of the folders as they were last seen, and of the file."""
    return dict(db.execute("SELECT name, value FROM mark"))


def keep_marks(db: sqlite3.Connection, seen: Mapping[str, str]) -> None:
    """Remember marks as they are now."""
    db.executemany("INSERT OR REPLACE INTO mark VALUES (?, ?)", seen.items())


def make_known_anew(db: sqlite3.Connection) -> None:
    """Let nobody who remembers rows of versions take those that are there for the same."""
    keep_marks(db, {MADE: secrets.token_hex(8)})


def note_gone(db: sqlite3.Connection, versions: Iterable[tuple[ArtifactRef, str]]) -> None:
    """Remember versions that were known, each with its seal: their numbers are not given again."""
    db.executemany(
        "INSERT OR IGNORE INTO gone VALUES (?, ?, ?, ?)",
        [(ref.artifact_type, ref.key.entity_dir, ref.version, seal) for ref, seal in versions],
    )


def gone(db: sqlite3.Connection) -> dict[ArtifactRef, str]:
    """The versions that were known and are not there any more, or others in their place; with their seals."""
    rows = db.execute("SELECT type, entity, number, seal FROM gone")
    return {make_ref(*row[:3]): row[3] for row in rows}


def forget_gone(db: sqlite3.Connection) -> None:
    """Go on as if they had never been."""
    db.execute("DELETE FROM gone")


def forget_returned(db: sqlite3.Connection) -> None:
    """Those that are there again are gone no more; nor those that only a damaged row had under another name.

    A seal holds the name of its version, so there is no other with the same.
    """
    db.execute("DELETE FROM gone WHERE seal IN (SELECT seal FROM version)")


def entities(db: sqlite3.Connection, artifact_type: str) -> set[str]:
    """The folder names of all artifacts of a type that have a version."""
    rows = db.execute(
        "SELECT entity FROM artifact WHERE type = ? AND head IS NOT NULL", (artifact_type,)
    )
    return {row[0] for row in rows}


#: From each type to the next one by the index of names: DISTINCT would go through all artifacts.
_TYPES = (
    "WITH RECURSIVE found(type) AS ("
    " SELECT min(type) FROM artifact WHERE head IS NOT NULL"
    " UNION ALL SELECT (SELECT min(type) FROM artifact WHERE type > found.type AND head IS NOT NULL)"
    " FROM found WHERE found.type IS NOT NULL"
    ") SELECT type FROM found WHERE type IS NOT NULL"
)


def types(db: sqlite3.Connection) -> set[str]:
    """All types that have a version."""
    return {row[0] for row in db.execute(_TYPES)}


def seals(db: sqlite3.Connection, key: ArtifactKey) -> dict[int, str]:
    """By number, the seals of an artifact's versions."""
    rows = db.execute(
        "SELECT v.number, v.seal FROM artifact a JOIN version v ON v.artifact = a.id"
        " WHERE a.type = ? AND a.entity = ?",
        (key.artifact_type, key.entity_dir),
    )
    return dict(rows)


def announced(db: sqlite3.Connection, key: ArtifactKey) -> set[int]:
    """The numbers of versions that somebody is about to register."""
    rows = db.execute(
        "SELECT number FROM intent WHERE type = ? AND entity = ?",
        (key.artifact_type, key.entity_dir),
    )
    return {row[0] for row in rows}


def first_seal(db: sqlite3.Connection) -> str:
    """The seal of the oldest version: what all clones of a project have in common. Empty without any."""
    row = db.execute("SELECT seal FROM version ORDER BY created_at, seal LIMIT 1").fetchone()
    return row[0] if row else ""

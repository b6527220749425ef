"""One version looked up by its name; where there is none, the nearest name that is there."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from difflib import get_close_matches

from cineforge.model.errors import NotFound
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store.index.queries.query import artifacts, versions
from cineforge.store.index.sqlite_errors import IndexContradicted


@dataclass(frozen=True)
class VersionRow:
    """One published version by its row ids, with what a child's lineage records of it."""

    id: int
    artifact: int
    number: int
    content: str
    seal: str
    is_head: int


def find_version(db: sqlite3.Connection, ref: ArtifactRef) -> VersionRow | None:
    row = db.execute(
        "SELECT v.id, a.id, v.number, c.digest, v.seal, a.head = v.id FROM artifact a"
        " JOIN version v ON v.artifact = a.id JOIN content c ON c.id = v.content"
        " WHERE a.type = ? AND a.entity = ? AND v.number = ?",
        (ref.artifact_type, ref.key.entity_dir, ref.version),
    ).fetchone()
    return VersionRow(*row) if row else None


def sealed_of_head(db: sqlite3.Connection, key: ArtifactKey, number: int) -> tuple[str, str] | None:
    """The content and the seal of a version, if it is the head of its artifact."""
    row: tuple[str, str] | None = db.execute(
        "SELECT c.digest, v.seal FROM artifact a JOIN version v ON v.id = a.head"
        " JOIN content c ON c.id = v.content WHERE a.type = ? AND a.entity = ? AND a.number = ?",
        (key.artifact_type, key.entity_dir, number),
    ).fetchone()
    return row


def require_version(db: sqlite3.Connection, ref: ArtifactRef) -> VersionRow:
    """The version's row; raises NotFound with the nearest name there is, or IndexContradicted."""
    row = find_version(db, ref)
    if row is None:
        if _is_listed(db, ref):
            raise IndexContradicted(ref)
        return _not_found(db, ref)
    return row


def _is_listed(db: sqlite3.Connection, ref: ArtifactRef) -> bool:
    """Whether the rows themselves have the version: who asked may have it from there."""
    row = db.execute(
        "SELECT 1 FROM version v NOT INDEXED JOIN artifact a NOT INDEXED ON a.id = v.artifact"
        " WHERE a.type = ? AND a.entity = ? AND v.number = ?",
        (ref.artifact_type, ref.key.entity_dir, ref.version),
    ).fetchone()
    return row is not None


def _not_found(db: sqlite3.Connection, ref: ArtifactRef) -> VersionRow:
    known = versions(db, ref.key)
    if known:
        raise NotFound(
            f"there is no {ref}: {ref.key} has {len(known)} version(s), the latest is {known[-1]}"
        )
    of_type = [str(key) for key in artifacts(db, ref.artifact_type)]
    names = of_type or sorted({key.artifact_type for key in artifacts(db, None)})
    close = get_close_matches(
        str(ref.key) if of_type else ref.artifact_type, names, n=1, cutoff=0.3
    )
    if close:
        hint = f"did you mean '{close[0]}'?"
    elif names:
        hint = f"known: {', '.join(names[:8])}{', ...' if len(names) > 8 else ''}"
    else:
        hint = "the project has no artifacts yet"
    raise NotFound(f"there is no {ref}: {hint}")

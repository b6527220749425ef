"""On what a version stands: its own lineage, or that of the record which judged it unchanged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

#: By which collection a version was kept, if by any; its row; and what it is an edit of.
_STANDS_ON = (
    "SELECT j.collection, v.id, v.edited_artifact, v.edited_number FROM (SELECT ?1 AS artifact, ?2 AS number) w"
    " LEFT JOIN judged j ON j.artifact = w.artifact AND j.number = w.number AND j.kept = 1"
    " LEFT JOIN version v ON v.artifact = w.artifact AND v.number = w.number"
)


def basis_version(db: sqlite3.Connection, artifact: int, number: int) -> int | None:
    """The row id of the version whose lineage and gathered sets are the basis of this one.

    The newest collection that lists exactly this version, if it found it unchanged; for a person's edit else,
    the basis of the version that was edited; else the version itself. None when that was deleted by hand.
    """
    seen: set[tuple[int, int]] = set()
    while (artifact, number) not in seen:
        seen.add((artifact, number))
        kept, version, edited, edited_number = db.execute(_STANDS_ON, (artifact, number)).fetchone()
        if kept is not None:
            return int(kept)
        if version is None or edited is None:
            return None if version is None else int(version)
        artifact, number = edited, edited_number
    return None


def renew_bases(
    db: sqlite3.Connection, moved: Iterable[int], judged: Iterable[tuple[int, int]]
) -> set[int]:
    """Renew the basis of heads that moved or that a collection judged; returns those whose basis is another now."""
    rebased: set[int] = set()
    moved = set(moved)
    some_edited = db.execute(_SOME_EDITED).fetchone() is not None
    # What moved needs no look, unless somebody may have edited it. Most fan-outs move what they judge.
    asked = judged if some_edited else [each for each in judged if each[0] not in moved]
    for artifact in moved | _heads_on(db, asked):
        number, old = db.execute(
            "SELECT number, basis FROM artifact WHERE id = ?", (artifact,)
        ).fetchone()
        new = basis_version(db, artifact, number)
        if new != old:
            db.execute("UPDATE artifact SET basis = ? WHERE id = ?", (new, artifact))
            rebased.add(artifact)
    _renew_edges(db, rebased)
    return rebased


_SOME_EDITED = "SELECT 1 FROM version WHERE edited_artifact IS NOT NULL LIMIT 1"


def _heads_on(db: sqlite3.Connection, versions: Iterable[tuple[int, int]]) -> set[int]:
    """The artifacts whose head is one of these versions, or a person's edit of one, however often edited."""
    heads: set[int] = set()
    pending = list(versions)
    seen = set(pending)
    while pending:
        version = pending.pop()
        is_head = "SELECT 1 FROM artifact WHERE id = ? AND number = ?"
        if db.execute(is_head, version).fetchone():
            heads.add(version[0])
        edits = (
            "SELECT artifact, number FROM version WHERE edited_artifact = ? AND edited_number = ?"
        )
        for edit in db.execute(edits, version).fetchall():
            if edit not in seen:
                seen.add(edit)
                pending.append(edit)
    return heads


def _renew_edges(db: sqlite3.Connection, artifacts: set[int]) -> None:
    rows = [(artifact,) for artifact in artifacts]
    db.executemany("DELETE FROM edge WHERE child = ?", rows)
    db.executemany(
        "INSERT OR IGNORE INTO edge (parent, child, content)"
        " SELECT l.artifact, a.id, l.content FROM artifact a JOIN lineage l ON l.version = a.basis WHERE a.id = ?",
        rows,
    )

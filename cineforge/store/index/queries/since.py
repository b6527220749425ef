"""What has changed in an index since a moment of it."""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

from cineforge.model.health import ASSESSMENT_TYPE, HOLD_TYPE
from cineforge.model.refs import ArtifactKey, ArtifactRef, lean_ref
from cineforge.store.index.tables import origin
from cineforge.store.index.tables.columns import entity_of


class Moment(NamedTuple):
    """Rows of versions are only added, each with a higher number, until an index is `made` anew or put right."""

    made: str
    row: int


def moment(db: sqlite3.Connection) -> Moment | None:
    """The present moment; None of an index that does not tell when it was made."""
    made = origin.marks(db).get(origin.MADE)
    (row,) = db.execute("SELECT coalesce(max(id), 0) FROM version").fetchone()
    return Moment(made, row) if made else None


#: Versions that came, and what those among them that are somebody's words speak of.
_CHANGED = (
    "SELECT a.type, a.entity FROM version v JOIN artifact a ON a.id = v.artifact WHERE v.id > ?1"
    " UNION SELECT a.type, a.entity FROM assessed s JOIN artifact a ON a.id = s.artifact"
    " JOIN artifact r ON r.type = ?2 AND r.entity = s.entity"
    " JOIN version v ON v.artifact = r.id AND v.number = s.record WHERE v.id > ?1"
    " UNION SELECT a.type, a.entity FROM hold h JOIN artifact a ON a.id = h.artifact"
    " JOIN artifact r ON r.type = ?3 AND r.entity = h.entity"
    " JOIN version v ON v.artifact = r.id AND v.number = h.record WHERE v.id > ?1"
)


def changed_since(db: sqlite3.Connection, then: Moment) -> frozenset[ArtifactKey] | None:
    """The artifacts that got versions since, or of which somebody has said something; None where nobody can tell."""
    now = moment(db)
    if now is None or now.made != then.made or now.row < then.row:
        return None
    if now.row == then.row:
        return frozenset()
    rows = db.execute(_CHANGED, (then.row, ASSESSMENT_TYPE, HOLD_TYPE))
    return frozenset(ArtifactKey(type_, entity_of(entity)) for type_, entity in rows)


def head_at(db: sqlite3.Connection, key: ArtifactKey, then: Moment) -> ArtifactRef | None:
    """The head that an artifact had; None if it had none."""
    (number,) = db.execute(
        "SELECT max(v.number) FROM artifact a JOIN version v ON v.artifact = a.id"
        " WHERE a.type = ? AND a.entity = ? AND v.id <= ?",
        (*(key.artifact_type, key.entity_dir), then.row),
    ).fetchone()
    return None if number is None else lean_ref(key, number)

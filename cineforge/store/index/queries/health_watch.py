"""Which heads' health changed since one last looked: noted by SQLite itself, on this connection only."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from cineforge.model.health import ArtifactHealth
from cineforge.model.refs import ArtifactKey
from cineforge.store.index.queries.query import health_case
from cineforge.store.index.tables.columns import entity_of

_FLAGS = ("stale", "confirmed", "verdict")


@dataclass(frozen=True)
class HealthChange:
    """The head of an artifact went from one health to another; `after` may be a newer version's."""

    key: ArtifactKey
    before: ArtifactHealth
    after: ArtifactHealth


def watch(db: sqlite3.Connection) -> None:
    """Note changes from now on; again does nothing."""
    db.execute(
        "CREATE TEMP TABLE IF NOT EXISTS health_before"
        " (artifact INTEGER PRIMARY KEY, stale INTEGER, confirmed INTEGER, verdict INTEGER)"
    )
    differs = " OR ".join(f"OLD.{flag} IS NOT NEW.{flag}" for flag in _FLAGS)
    # The first change since the last look wins: what lies between is nobody's business.
    db.execute(
        f"CREATE TEMP TRIGGER IF NOT EXISTS health_watch BEFORE UPDATE OF {', '.join(_FLAGS)}"
        f" ON main.artifact WHEN OLD.head IS NOT NULL AND ({differs})"
        " BEGIN INSERT OR IGNORE INTO health_before"
        " VALUES (OLD.id, OLD.stale, OLD.confirmed, OLD.verdict); END"
    )


def changes(db: sqlite3.Connection) -> list[HealthChange]:
    """What changed since the last call, in order of the artifacts' names."""
    watch(db)
    rows = db.execute(
        f"SELECT a.type, a.entity, {health_case('b')}, {health_case('a')}"
        " FROM health_before b JOIN main.artifact a ON a.id = b.artifact ORDER BY a.type, a.entity"
    ).fetchall()
    db.execute("DELETE FROM health_before")
    return [
        HealthChange(
            ArtifactKey(type_, entity_of(entity)), ArtifactHealth(before), ArtifactHealth(after)
        )
        for type_, entity, before, after in rows
        if before != after
    ]

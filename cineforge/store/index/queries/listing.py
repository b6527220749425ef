"""The heads of a project a page at a time, of some type and health, or with some letters in their names."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from cineforge.model.refs import ArtifactKey
from cineforge.store.index.queries import query
from cineforge.store.index.queries.query import HeadRow
from cineforge.store.index.tables.columns import entity_of, from_microseconds


@dataclass(frozen=True)
class Wanted:
    """Which heads to list. What is empty does not narrow; `health` may also be `vanished` or `held`."""

    artifact_type: str = ""
    health: str = ""
    letters: str = ""
    run_id: str = ""


def list_heads(
    db: sqlite3.Connection, wanted: Wanted, *, start: int, limit: int
) -> tuple[list[HeadRow], int]:
    """Some of the heads in the order that people count in (`scene_2` before `scene_10`), and how many there are."""
    clauses, values = _narrowing(wanted)
    rows = db.execute(
        f"{query.SELECT_HEADS} WHERE {clauses} ORDER BY a.type, length(a.entity), a.entity LIMIT ? OFFSET ?",
        (*values, limit, start),
    )
    (total,) = db.execute(
        f"SELECT count(*) FROM ({query.SELECT_HEADS} WHERE {clauses})", values
    ).fetchone()
    return list(query.head_rows(rows).values()), total


def _narrowing(wanted: Wanted) -> tuple[str, list[str]]:
    clauses, values = ["a.head IS NOT NULL"], []
    if wanted.artifact_type:
        clauses.append("a.type = ?")
        values.append(wanted.artifact_type)
    if wanted.health == "held":
        clauses.append(f"({query.HELD})")
    elif wanted.health == "vanished":
        clauses.append("a.vanished = 1")
    elif wanted.health:
        clauses.append(f"a.vanished = 0 AND {query.HEALTH} = ?")
        values.append(wanted.health)
    if wanted.letters:
        clauses.append("instr(a.type || '/' || a.entity, ?) > 0")
        values.append(wanted.letters.lower())
    if wanted.run_id:
        clauses.append("v.run_id = ?")
        values.append(wanted.run_id)
    return " AND ".join(clauses), values


def head_numbers(db: sqlite3.Connection, artifact_type: str) -> dict[str | None, int]:
    """By entity, the versions of the heads of a type."""
    rows = db.execute(
        "SELECT entity, number FROM artifact WHERE type = ? AND head IS NOT NULL", (artifact_type,)
    )
    return {entity_of(entity): number for entity, number in rows}


def named_count(db: sqlite3.Connection, collection: ArtifactKey, member_type: str) -> int:
    """How many members of a type the head of a collection names."""
    (count,) = db.execute(
        "SELECT count(*) FROM artifact c JOIN named n ON n.collection = c.id AND n.now = 1"
        " JOIN artifact m ON m.id = n.member WHERE c.type = ? AND c.entity = ? AND m.type = ?",
        (collection.artifact_type, collection.entity_dir, member_type),
    ).fetchone()
    return int(count)


def minutes(db: sqlite3.Connection) -> list[datetime]:
    """The last moment of every minute in which versions were made."""
    rows = db.execute(
        "SELECT max(created_at) FROM version GROUP BY created_at / 60000000 ORDER BY created_at"
    )
    return [from_microseconds(moment) for (moment,) in rows]

"""Which heads stand on some artifacts, over any number of steps: what may turn stale when those change."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cineforge.model.health import Verdict
from cineforge.model.names import COLLECTION_SUFFIX, NO_ENTITY
from cineforge.model.refs import ArtifactKey, ArtifactRef
from cineforge.store.index.tables.columns import VERDICTS, make_ref


class MadeForAll(NamedTuple):
    """The artifacts of one type that are made for the members of another that a collection names now."""

    collection: ArtifactKey
    member_type: str
    made_type: str


def valid_heads_downstream(
    db: sqlite3.Connection,
    changing: Iterable[ArtifactKey],
    judged: Iterable[ArtifactKey],
    both: Iterable[MadeForAll] = (),
) -> list[ArtifactRef]:
    """The valid heads downstream of what is changing, but for what is judged anew, which will fit, and its way.

    A collection stands for itself and for the members that it names.
    """
    changing = list(changing)
    made = {artifact for each in both for artifact in _made_for(db, each)}
    above = _with_members(db, changing) | made
    settled = _with_members(db, judged) | made
    frontier = (_children(db, above) | _gatherers(db, changing)) - settled
    downstream: set[int] = set()
    while frontier:
        downstream |= frontier
        frontier = _children(db, frontier) - downstream - settled
    rows = db.execute(
        "SELECT a.type, a.entity, a.number FROM json_each(?) f JOIN artifact a ON a.id = f.value"
        " WHERE a.head IS NOT NULL AND a.vanished = 0 AND a.stale = 0"
        f" AND a.verdict <> {VERDICTS[Verdict.NEEDS_REVISION]} ORDER BY a.type, a.entity",
        (json.dumps(sorted(downstream - above)),),
    )
    return [make_ref(*row) for row in rows]


def _made_for(db: sqlite3.Connection, wanted: MadeForAll) -> Iterator[int]:
    rows = db.execute(
        "SELECT a.id FROM artifact c JOIN named n ON n.collection = c.id AND n.now = 1"
        " JOIN artifact m ON m.id = n.member AND m.type = ?"
        " JOIN artifact a ON a.type = ? AND a.entity = m.entity"
        " WHERE c.type = ? AND c.entity = ?",
        (wanted.member_type, wanted.made_type, *_place(wanted.collection)),
    )
    return (row[0] for row in rows)


def _place(key: ArtifactKey) -> tuple[str, str]:
    return key.artifact_type, key.entity_dir


def _with_members(db: sqlite3.Connection, keys: Iterable[ArtifactKey]) -> set[int]:
    rows = {found for key in keys if (found := _row(db, key)) is not None}
    return rows | _members(db, rows)


def _row(db: sqlite3.Connection, key: ArtifactKey) -> int | None:
    query = "SELECT id FROM artifact WHERE type = ? AND entity = ?"
    row = db.execute(query, _place(key)).fetchone()
    return int(row[0]) if row else None


def _members(db: sqlite3.Connection, artifacts: set[int]) -> set[int]:
    rows = db.execute(
        "SELECT n.member FROM json_each(?) f JOIN named n ON n.collection = f.value WHERE n.now = 1",
        (json.dumps(list(artifacts)),),
    )
    return {row[0] for row in rows}


def _children(db: sqlite3.Connection, artifacts: set[int]) -> set[int]:
    rows = db.execute(
        "SELECT DISTINCT e.child FROM json_each(?) f JOIN edge e ON e.parent = f.value",
        (json.dumps(list(artifacts)),),
    )
    return {row[0] for row in rows}


def _gatherers(db: sqlite3.Connection, keys: list[ArtifactKey]) -> set[int]:
    """Who gathered what these collections name."""
    named = {
        (key.artifact_type.removesuffix(COLLECTION_SUFFIX), key.entity_dir)
        for key in keys
        if key.artifact_type.endswith(COLLECTION_SUFFIX)
    }
    if not named:
        return set()
    stages = {stage for stage, _ in named}
    rows = db.execute(
        "SELECT g.child, s.stage, s.scope FROM gathering g JOIN gathered s ON s.id = g.gathered"
    )
    return {
        child
        for child, stage, scope in rows
        if (stage, scope) in named or (scope == NO_ENTITY and stage in stages)
    }

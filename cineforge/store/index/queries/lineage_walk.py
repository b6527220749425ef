"""What versions were made from, and what was made from them, directly or not."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable

from cineforge.model.refs import ArtifactRef
from cineforge.store.index.queries.lookup import require_version
from cineforge.store.index.tables.columns import make_ref

Neighbours = Callable[[sqlite3.Connection, ArtifactRef], list[ArtifactRef]]


def lineage(db: sqlite3.Connection, ref: ArtifactRef) -> list[ArtifactRef]:
    """The versions that a version was made from, in the order stated."""
    rows = db.execute(
        "SELECT p.type, p.entity, l.number FROM artifact a JOIN version v ON v.artifact = a.id"
        " JOIN lineage l ON l.version = v.id JOIN artifact p ON p.id = l.artifact"
        " WHERE a.type = ? AND a.entity = ? AND v.number = ? ORDER BY l.position",
        (ref.artifact_type, ref.key.entity_dir, ref.version),
    )
    return list(dict.fromkeys(make_ref(*row) for row in rows))


def dependents(db: sqlite3.Connection, ref: ArtifactRef) -> list[ArtifactRef]:
    """The versions made from a version."""
    rows = db.execute(
        "SELECT DISTINCT c.type, c.entity, v.number FROM artifact a"
        " JOIN lineage l ON l.artifact = a.id AND l.number = ?3"
        " JOIN version v ON v.id = l.version JOIN artifact c ON c.id = v.artifact"
        " WHERE a.type = ?1 AND a.entity = ?2 ORDER BY c.type, c.entity, v.number",
        (ref.artifact_type, ref.key.entity_dir, ref.version),
    )
    return [make_ref(*row) for row in rows]


def descendants(
    db: sqlite3.Connection, ref: ArtifactRef, depth: int | None
) -> dict[ArtifactRef, list[ArtifactRef]]:
    """For a version and all downstream of it, down to so many steps, the versions made from each. Raises NotFound.

    A query for each step, not for each version.
    """
    root = require_version(db, ref)
    refs = {(root.artifact, root.number): ref}
    downstream: dict[ArtifactRef, list[ArtifactRef]] = {}
    level = [(root.artifact, root.number)]
    while level and (depth is None or depth > 0):
        depth = None if depth is None else depth - 1
        rows = db.execute(
            "WITH parent (artifact, number) AS MATERIALIZED"
            " (SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(?))"
            " SELECT DISTINCT p.artifact, p.number, c.id, c.type, c.entity, v.number FROM parent p"
            " CROSS JOIN lineage l ON l.artifact = p.artifact AND l.number = p.number"
            " CROSS JOIN version v ON v.id = l.version CROSS JOIN artifact c ON c.id = v.artifact"
            " ORDER BY c.type, c.entity, v.number",
            (json.dumps(level),),
        )
        for place in level:
            downstream[refs[place]] = []
        level = []
        for artifact, number, child, type_, entity, version in rows:
            place = (child, version)
            if place not in refs:
                refs[place] = make_ref(type_, entity, version)
                level.append(place)
            downstream[refs[artifact, number]].append(refs[place])
    return downstream


def walk(
    db: sqlite3.Connection, ref: ArtifactRef, neighbours: Neighbours, transitive: bool
) -> list[ArtifactRef]:
    """Direct neighbours, or all that can be reached, the nearest first. Raises NotFound."""
    require_version(db, ref)
    return reach(db, ref, neighbours, transitive)


def reach(
    db: sqlite3.Connection, ref: ArtifactRef, neighbours: Neighbours, transitive: bool
) -> list[ArtifactRef]:
    """As `walk`, also from a version that is not there (any more)."""
    found = dict.fromkeys(neighbours(db, ref))
    if transitive:
        pending = list(found)
        for near in pending:
            for far in neighbours(db, near):
                if far not in found:
                    found[far] = None
                    pending.append(far)
    return list(found)

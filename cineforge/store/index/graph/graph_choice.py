"""Which artifacts a drawing shows: sets of row ids, by a query each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable

from cineforge.model.health import ASSESSMENT_TYPE, HOLD_TYPE, PROJECT_CONFIG_TYPE
from cineforge.model.names import COLLECTION_SUFFIX, is_collection
from cineforge.model.refs import ArtifactRef
from cineforge.store.index.health import basis as health_basis
from cineforge.store.index.queries.lookup import VersionRow
from cineforge.store.index.queries.query import HELD, health_case

STATE = f"CASE WHEN a.vanished THEN 'vanished' ELSE {health_case('a')} END"
#: Nobody reads these: they have no lineage, and are read of the artifacts that they are about.
_RECORDS = (ASSESSMENT_TYPE, HOLD_TYPE, PROJECT_CONFIG_TYPE)
ORDINARY = (
    f"a.head IS NOT NULL AND a.type NOT IN ({', '.join(repr(each) for each in _RECORDS)})"
    f" AND a.type NOT LIKE '%{COLLECTION_SUFFIX}'"
)
LISTED = "SELECT value FROM json_each(?)"


def ordinary(db: sqlite3.Connection, types: Collection[str]) -> set[int]:
    """The artifacts of these types, or of all but those that hold records."""
    if types:
        of_types = f"a.head IS NOT NULL AND a.type IN ({LISTED})"
        rows = db.execute(f"SELECT a.id FROM artifact a WHERE {of_types}", (id_list(types),))
    else:
        rows = db.execute(f"SELECT a.id FROM artifact a WHERE {ORDINARY}")
    return {row[0] for row in rows}


def known_types(db: sqlite3.Connection) -> list[str]:
    rows = db.execute("SELECT DISTINCT type FROM artifact WHERE head IS NOT NULL ORDER BY type")
    return [row[0] for row in rows]


def ids_of(db: sqlite3.Connection, refs: Iterable[ArtifactRef]) -> dict[int, ArtifactRef]:
    """The row ids of the artifacts of these refs."""
    found: dict[int, ArtifactRef] = {}
    for ref in refs:
        row = db.execute(
            "SELECT id FROM artifact WHERE type = ? AND entity = ?",
            (ref.artifact_type, ref.key.entity_dir),
        ).fetchone()
        if row is not None:
            found[row[0]] = ref
    return found


def out_of_date(db: sqlite3.Connection) -> set[int]:
    """The heads that are stale or of which a revision is asked for."""
    rows = db.execute(
        f"SELECT a.id FROM artifact a WHERE {ORDINARY} AND a.vanished = 0"
        f" AND {health_case('a')} IN ('stale', 'needs_revision')"
    )
    return {row[0] for row in rows}


def reached(
    db: sqlite3.Connection, starts: Iterable[int], *, up: bool, depth: int | None
) -> set[int]:
    """What heads stand on, directly or not (or what stands on them), with the heads themselves."""
    here, there = ("child", "parent") if up else ("parent", "child")
    step = (
        f"WITH level (id) AS MATERIALIZED ({LISTED})"
        f" SELECT DISTINCT e.{there} FROM level CROSS JOIN edge e ON e.{here} = level.id"
    )
    found = set(starts)
    level = set(found)
    while level and (depth is None or depth > 0):
        depth = None if depth is None else depth - 1
        level = {row[0] for row in db.execute(step, (id_list(level),))} - found
        found |= level
    return found


def basis_of(db: sqlite3.Connection, version: VersionRow) -> dict[int, int]:
    """By artifact, the number of it on which a version stands."""
    found: dict[int, int] = {}
    for edge in health_basis.basis_of(db, version.artifact, version.number).edges:
        found[edge.parent] = max(edge.number, found.get(edge.parent, 0))
    return found


def readers_of(db: sqlite3.Connection, version: VersionRow) -> set[int]:
    """The heads that stand on the content of a version."""
    rows = db.execute(
        "SELECT DISTINCT e.child FROM version v JOIN edge e ON e.parent = v.artifact AND e.content = v.content"
        " WHERE v.id = ?",
        (version.id,),
    )
    return {row[0] for row in rows}


def first_of(
    db: sqlite3.Connection,
    chosen: Collection[int],
    before: Collection[int],
    artifact_type: str,
    limit: int,
) -> list[int]:
    """The first so many artifacts of a type: those of `before`, what is out of date, what is held; then all else."""
    rows = db.execute(
        "SELECT a.id FROM artifact a JOIN version v ON v.id = a.head LEFT JOIN hold h ON h.artifact = a.id"
        f" WHERE a.type = ? AND a.id IN ({LISTED}) ORDER BY a.id NOT IN ({LISTED}),"
        f" {STATE} IN ('valid', 'vanished'), NOT {HELD}, length(a.entity), a.entity LIMIT ?",
        (artifact_type, id_list(chosen), id_list(before), limit),
    )
    return [row[0] for row in rows]


def types_of(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, str]:
    """The types of artifacts."""
    rows = db.execute(
        "SELECT a.id, a.type FROM json_each(?) j CROSS JOIN artifact a ON a.id = j.value",
        (id_list(ids),),
    )
    return dict(rows.fetchall())


def collections_of(db: sqlite3.Connection, ids: Iterable[int]) -> set[int]:
    """Those of the artifacts that are collections."""
    return {id_ for id_, type_ in types_of(db, ids).items() if is_collection(type_)}


def of_types(db: sqlite3.Connection, ids: Collection[int], types: Collection[str]) -> set[int]:
    """Those of the artifacts that are of these types."""
    rows = db.execute(
        "SELECT a.id FROM json_each(?) j CROSS JOIN artifact a ON a.id = j.value"
        f" WHERE a.type IN ({LISTED})",
        (id_list(ids), id_list(types)),
    )
    return {row[0] for row in rows}


def type_counts(db: sqlite3.Connection, ids: Collection[int]) -> dict[str, int]:
    """How many of the artifacts are of each type."""
    rows = db.execute(
        "SELECT a.type, count(*) FROM json_each(?) j CROSS JOIN artifact a ON a.id = j.value GROUP BY a.type",
        (id_list(ids),),
    )
    return dict(rows.fetchall())


def id_list(values: Iterable[int] | Iterable[str]) -> str:
    return json.dumps(list(values))

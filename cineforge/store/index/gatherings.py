"""The sets of entity ids that heads gathered, compared with what the collections name now."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from cineforge.model.names import COLLECTION_SUFFIX, NO_ENTITY, collection_type, is_collection


@dataclass(frozen=True)
class SetChange:
    """How a gathered set differs now: ids that came and went, and the collections (row ids) that tell so."""

    came: tuple[str, ...]
    went: tuple[str, ...]
    collections: tuple[int, ...]


def renew_gatherings(
    db: sqlite3.Connection, rebased: Iterable[int], content: Iterable[int], flipped: Iterable[int]
) -> set[int]:
    """Compare anew the sets of rebased heads and of all that gather from changed or flipped collections.

    Returns the artifacts whose causes may be others now.
    """
    rows = [(artifact,) for artifact in rebased]
    db.executemany("DELETE FROM gathering WHERE child = ?", rows)
    db.executemany(
        "INSERT INTO gathering (child, gathered, differs)"
        " SELECT a.id, g.id, 0 FROM artifact a JOIN gathered g ON g.version = a.basis WHERE a.id = ?",
        rows,
    )
    affected: set[int] = set()
    for artifact in rebased:
        query = "SELECT gathered FROM gathering WHERE child = ?"
        affected.update(row[0] for row in db.execute(query, (artifact,)))
    for collection in {*content, *flipped}:
        affected |= _sets_over(db, collection)
    touched: set[int] = set()
    for gathered in affected:
        differs = set_change(db, gathered) is not None
        query = "SELECT child FROM gathering WHERE gathered = ? AND (differs = 1 OR ?)"
        touched.update(row[0] for row in db.execute(query, (gathered, differs)))
        db.execute(
            "UPDATE gathering SET differs = ?1 WHERE gathered = ?2 AND differs <> ?1",
            (differs, gathered),
        )
    return touched


def _sets_over(db: sqlite3.Connection, artifact: int) -> set[int]:
    artifact_type, entity = db.execute(
        "SELECT type, entity FROM artifact WHERE id = ?", (artifact,)
    ).fetchone()
    if not is_collection(artifact_type):
        return set()
    rows = db.execute(
        "SELECT id FROM gathered g WHERE stage = ? AND scope IN (?, ?)"
        " AND EXISTS (SELECT 1 FROM gathering WHERE gathered = g.id)",
        (artifact_type.removesuffix(COLLECTION_SUFFIX), entity, NO_ENTITY),
    )
    return {row[0] for row in rows}


def set_change(db: sqlite3.Connection, gathered: int) -> SetChange | None:
    """How one recorded set differs from what the collections name now; None when it does not.

    Of a single collection, its head is the cause. Of all collections of a stage, the causes are those that name
    an id which came, and those that ever named an id which went.
    """
    stage, member_type, scope, ids = db.execute(
        "SELECT stage, member_type, scope, ids FROM gathered WHERE id = ?", (gathered,)
    ).fetchone()
    recorded = set(json.loads(ids))
    now: dict[str, set[int]] = {}
    ever: dict[str, set[int]] = {}
    for collection, entity, current, vanished in db.execute(
        "SELECT c.id, m.entity, n.now, c.vanished FROM artifact c"
        " JOIN named n ON n.collection = c.id JOIN artifact m ON m.id = n.member"
        " WHERE c.type = ?1 AND (?2 = '_' OR c.entity = ?2) AND m.type = ?3 AND m.entity <> '_'",
        (collection_type(stage), scope, member_type),
    ):
        ever.setdefault(entity, set()).add(collection)
        if current and (scope != NO_ENTITY or not vanished):
            now.setdefault(entity, set()).add(collection)
    came, went = now.keys() - recorded, recorded - now.keys()
    if not came and not went:
        return None
    everyone = {
        row[0]
        for row in db.execute(
            "SELECT id FROM artifact WHERE type = ?1 AND (?2 = '_' OR entity = ?2) AND head IS NOT NULL",
            (collection_type(stage), scope),
        )
    }
    if scope != NO_ENTITY:
        causes = everyone
    else:
        causes = set().union(
            *(now[id_] for id_ in came), *(ever.get(id_, everyone) for id_ in went)
        )
    if not causes:
        return None
    return SetChange(tuple(sorted(came)), tuple(sorted(went)), tuple(sorted(causes)))

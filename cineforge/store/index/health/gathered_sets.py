"""The sets of entity ids that heads gathered, compared with what the collections name now."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from cineforge.model.names import COLLECTION_SUFFIX, NO_ENTITY, collection_type
from cineforge.store.index.health.basis import (
    JUDGED_HEAD,
    SOME_OF_IT,
    Bases,
    basis_of,
    on_themselves,
)
from cineforge.store.index.tables.columns import in_pieces


@dataclass(frozen=True)
class SetChange:
    """How a gathered set differs now: ids that came and went, and the collections (row ids) that tell so."""

    came: tuple[str, ...]
    went: tuple[str, ...]
    collections: tuple[int, ...]


def renew_gatherings(
    db: sqlite3.Connection, bases: Bases, content: Iterable[int], flipped: Iterable[int]
) -> set[int]:
    """Compare anew the sets of heads on other bases and of all that gather from changed or flipped collections.

    Returns the artifacts whose causes may be others now.
    """
    affected = _renew_sets(db, bases.renewed) | _add_sets(db, bases.refined)
    affected |= _sets_over(db, chain(content, flipped))
    touched: set[int] = set()
    naming = Naming(db)
    for gathered in affected:
        differs = naming.change(gathered) is not None
        query = "SELECT child FROM gathering WHERE gathered = ? AND (differs = 1 OR ?)"
        touched.update(row[0] for row in db.execute(query, (gathered, differs)))
        db.execute(
            "UPDATE gathering SET differs = ?1 WHERE gathered = ?2 AND differs <> ?1",
            (differs, gathered),
        )
    return touched


def _renew_sets(db: sqlite3.Connection, artifacts: set[int]) -> set[int]:
    """Enter the sets that the heads' bases gathered, in place of those of the ones before; returns them."""
    of_many = on_themselves(db, artifacts)
    by_several = {artifact for artifact, _ in of_many}
    query = (
        "SELECT a.id, g.id FROM json_each(?1) w CROSS JOIN artifact a ON a.id = w.value"
        f" JOIN gathered g ON g.version = a.basis WHERE NOT {SOME_OF_IT}"
        " UNION ALL SELECT a.id, g.id FROM json_each(?1) w CROSS JOIN artifact a ON a.id = w.value"
        f" CROSS JOIN judged j ON {JUDGED_HEAD} CROSS JOIN json_each(j.sets) s"
        " CROSS JOIN gathered g ON g.version = j.collection AND g.position = s.value"
    )
    sets: set[tuple[int, int]] = set()
    for piece in in_pieces(each for each in artifacts if each not in by_several):
        sets.update(db.execute(query, (piece,)))
    for artifact, number in of_many:
        sets.update((artifact, each) for each in basis_of(db, artifact, number).sets)
    for piece in in_pieces(artifacts):
        db.execute(
            "DELETE FROM gathering WHERE child IN (SELECT value FROM json_each(?))", (piece,)
        )
    return _enter(db, sets)


def _add_sets(db: sqlite3.Connection, refined: Iterable[int]) -> set[int]:
    """Enter the sets that these heads gathered themselves, beside those of what they refined; returns them."""
    query = (
        "SELECT a.id, g.id FROM json_each(?) w CROSS JOIN artifact a ON a.id = w.value"
        " JOIN gathered g ON g.version = a.head"
    )
    return _enter(db, set(db.execute(query, (json.dumps([*refined]),))))


def _enter(db: sqlite3.Connection, sets: set[tuple[int, int]]) -> set[int]:
    insert = "INSERT INTO gathering (child, gathered, differs) VALUES (?, ?, 0)"
    db.executemany(insert, sets)
    return {gathered for _, gathered in sets}


def _sets_over(db: sqlite3.Connection, artifacts: Iterable[int]) -> set[int]:
    """The sets that were gathered from those of the artifacts that are collections."""
    found: set[int] = set()
    query = (
        "SELECT a.type, a.entity FROM json_each(?) w CROSS JOIN artifact a ON a.id = w.value"
        f" WHERE a.type LIKE '%{COLLECTION_SUFFIX}'"
    )
    named = [each for piece in in_pieces(artifacts) for each in db.execute(query, (piece,))]
    for artifact_type, entity in named:
        rows = db.execute(
            "SELECT id FROM gathered g WHERE stage = ? AND scope IN (?, ?)"
            " AND EXISTS (SELECT 1 FROM gathering WHERE gathered = g.id)",
            (artifact_type.removesuffix(COLLECTION_SUFFIX), entity, NO_ENTITY),
        )
        found.update(row[0] for row in rows)
    return found


@dataclass
class _Names:
    """By entity id, the collections that name it now, and those that ever did; and all that have a version."""

    now: dict[str, set[int]]
    ever: dict[str, set[int]]
    collections: set[int]


class Naming:
    """What the collections name, read once for all the sets that are compared within one transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._read: dict[tuple[str, str, str], _Names] = {}

    def change(self, gathered: int) -> SetChange | None:
        """How one recorded set differs from what the collections name now; None when it does not.

        Of a single collection, its head is the cause. Of all collections of a stage, the causes are those that name
        an id which came, and those that ever named an id which went.
        """
        stage, member_type, scope, ids = self._db.execute(
            "SELECT stage, member_type, scope, ids FROM gathered WHERE id = ?", (gathered,)
        ).fetchone()
        names = self._names(stage, member_type, scope)
        recorded = set(json.loads(ids))
        came, went = names.now.keys() - recorded, recorded - names.now.keys()
        causes: set[int] = set()
        if scope != NO_ENTITY:
            causes = names.collections if came or went else causes
        else:
            causes.update(*(names.now[id_] for id_ in came))
            causes.update(*(names.ever.get(id_, names.collections) for id_ in went))
        if not causes:
            return None
        return SetChange(tuple(sorted(came)), tuple(sorted(went)), tuple(sorted(causes)))

    def _names(self, stage: str, member_type: str, scope: str) -> _Names:
        known = self._read.get((stage, member_type, scope))
        if known is None:
            known = self._read[stage, member_type, scope] = self._load(stage, member_type, scope)
        return known

    def _load(self, stage: str, member_type: str, scope: str) -> _Names:
        everywhere = scope == NO_ENTITY
        wanted = "c.type = ? AND c.head IS NOT NULL" + ("" if everywhere else " AND c.entity = ?")
        place = [collection_type(stage)] if everywhere else [collection_type(stage), scope]
        rows = self._db.execute(f"SELECT c.id FROM artifact c WHERE {wanted}", place)
        names = _Names({}, {}, {row[0] for row in rows})
        for collection, entity, type_, current, vanished in self._db.execute(
            "SELECT c.id, m.entity, m.type, n.now, c.vanished FROM artifact c"
            f" JOIN named n ON n.collection = c.id JOIN artifact m ON m.id = n.member WHERE {wanted}",
            place,
        ):
            if type_ != member_type or entity == NO_ENTITY:
                continue
            names.ever.setdefault(entity, set()).add(collection)
            if current and not (everywhere and vanished):
                names.now.setdefault(entity, set()).add(collection)
        return names

"""What a drawing of the artifacts needs, by a few queries: rows for what is drawn, sums for what is not."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from cineforge.model.refs import ArtifactRef
from cineforge.store.index.graph.graph_choice import LISTED, STATE, id_list
from cineforge.store.index.health.assessed import load_graph
from cineforge.store.index.health.gathered_sets import Naming
from cineforge.store.index.queries.query import HELD
from cineforge.store.index.tables.columns import from_microseconds, make_ref

#: Where something is drawn: an artifact by its row id, or a group by its type.
Place = int | str


@dataclass(frozen=True, slots=True)
class NodeRow:
    """One artifact by its head."""

    id: int
    ref: ArtifactRef
    state: str
    held: bool
    by_hand: bool
    versions: int
    edits: int
    made_at: datetime
    run_id: str | None


@dataclass(frozen=True, slots=True)
class GroupRow:
    """Artifacts of one type that are in one state."""

    artifact_type: str
    state: str
    count: int
    held: int
    by_hand: int
    versions: int
    edits: int


@dataclass(frozen=True, slots=True)
class EdgeRow:
    """Between artifacts (row ids) or types: how many there are, and by how many the reader is stale."""

    source: Place
    target: Place
    count: int
    changed: int
    carried: int


def first_out_of_date(
    db: sqlite3.Connection, ids: Collection[int], limit: int
) -> dict[str, list[ArtifactRef]]:
    """By type the first so many of the artifacts that are stale or to be revised."""
    rows = db.execute(
        "SELECT type, entity, number FROM (SELECT a.type, a.entity, a.number, row_number() OVER"
        " (PARTITION BY a.type ORDER BY length(a.entity), a.entity) AS place"
        " FROM json_each(?) j CROSS JOIN artifact a ON a.id = j.value"
        f" WHERE {STATE} IN ('stale', 'needs_revision')) WHERE place <= ? ORDER BY type, place",
        (id_list(ids), limit),
    )
    found: dict[str, list[ArtifactRef]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(make_ref(*row))
    return found


def node_rows(db: sqlite3.Connection, ids: Collection[int]) -> list[NodeRow]:
    """The artifacts asked for, in order of their names."""
    rows = db.execute(
        f"SELECT a.id, a.type, a.entity, a.number, {STATE}, {HELD}, v.by_hand,"
        " (SELECT count(*) FROM version o WHERE o.artifact = a.id),"
        " (SELECT count(*) FROM version o WHERE o.artifact = a.id AND o.by_hand = 1),"
        " v.created_at, v.run_id"
        f" FROM json_each(?) j CROSS JOIN artifact a ON a.id = j.value JOIN version v ON v.id = a.head"
        " LEFT JOIN hold h ON h.artifact = a.id ORDER BY a.type, length(a.entity), a.entity",
        (id_list(ids),),
    )
    return [
        NodeRow(
            id_,
            make_ref(*name),
            state,
            bool(held),
            bool(hand),
            versions,
            edits,
            from_microseconds(at),
            run,
        )
        for id_, *name, state, held, hand, versions, edits, at, run in rows
    ]


def group_rows(db: sqlite3.Connection, ids: Collection[int]) -> list[GroupRow]:
    """The artifacts asked for, counted by type and state."""
    rows = db.execute(
        f"SELECT a.type, {STATE} AS state, count(*), sum({HELD}), sum(v.by_hand), sum(n.versions), sum(n.edits)"
        " FROM json_each(?) j CROSS JOIN artifact a ON a.id = j.value JOIN version v ON v.id = a.head"
        " LEFT JOIN hold h ON h.artifact = a.id JOIN"
        " (SELECT artifact, count(*) AS versions, sum(by_hand) AS edits FROM version GROUP BY artifact) n"
        " ON n.artifact = a.id GROUP BY a.type, state ORDER BY a.type, state",
        (id_list(ids),),
    )
    return [GroupRow(*row) for row in rows]


def edge_rows(
    db: sqlite3.Connection, opened: Collection[int], grouped: Collection[int]
) -> list[EdgeRow]:
    """The edges among the artifacts given, those of grouped ones summed by type.

    Staleness of readers with an assessment that examined something is not told: see `judged_paths`.
    """
    rows = db.execute(
        "WITH node (id, name, stale, content) AS MATERIALIZED ("
        " SELECT a.id, a.id, a.stale AND NOT a.vanished AND NOT a.examined, a.content"
        "  FROM json_each(?) j CROSS JOIN artifact a ON a.id = j.value"
        " UNION ALL SELECT a.id, a.type, a.stale AND NOT a.vanished AND NOT a.examined, a.content"
        "  FROM json_each(?) j CROSS JOIN artifact a ON a.id = j.value)"
        " SELECT source, target, count(*), sum(stale AND differs), sum(stale AND NOT differs AND passes) FROM ("
        "  SELECT p.name AS source, c.name AS target, c.stale AS stale, b.stale AS passes,"
        "   max(e.content <> p.content) AS differs"
        "  FROM node p CROSS JOIN edge e ON e.parent = p.id CROSS JOIN node c ON c.id = e.child"
        "  CROSS JOIN artifact b ON b.id = p.id GROUP BY e.parent, e.child"
        ") GROUP BY source, target ORDER BY source, target",
        (id_list(opened), id_list(grouped)),
    )
    return [EdgeRow(*row) for row in rows]


def judged_paths(db: sqlite3.Connection, ids: Collection[int]) -> Iterator[tuple[int, int, bool]]:
    """By what those of the artifacts are stale of which an assessment examined something.

    Pairs of what was read and its reader, with whether what was read is another now (or is stale itself). What the
    assessment took away is left out.
    """
    rows = db.execute(
        f"SELECT a.id FROM artifact a WHERE a.id IN ({LISTED})"
        " AND a.examined = 1 AND a.stale = 1 AND a.vanished = 0",
        (id_list(ids),),
    )
    readers = [row[0] for row in rows]
    if not readers:
        return
    graph = load_graph(db, readers)
    causes = graph.causes()
    for reader in readers:
        removed = graph.removed.get(reader, set())
        changed = graph.direct.get(reader, set()) - removed
        yield from ((parent, reader, True) for parent in sorted(changed))
        for parent in graph.above.get(reader, ()):
            if parent not in changed and causes.get(parent, set()) - removed:
                yield parent, reader, False


def members_changed(db: sqlite3.Connection, ids: Collection[int]) -> set[tuple[int, int]]:
    """Pairs of a collection and one of the artifacts that is stale because its members are others now.

    Of readers of which an assessment examined something `judged_paths` tells.
    """
    rows = db.execute(
        "SELECT g.child, g.gathered FROM gathering g JOIN artifact a ON a.id = g.child"
        " WHERE g.differs = 1 AND a.stale = 1 AND a.vanished = 0 AND a.examined = 0"
        f" AND a.id IN ({LISTED})",
        (id_list(ids),),
    ).fetchall()
    naming = Naming(db)
    found: set[tuple[int, int]] = set()
    for reader, gathered in rows:
        change = naming.change(gathered)
        found.update((each, reader) for each in (change.collections if change else ()))
    return found


def used_rows(db: sqlite3.Connection, ids: Collection[int]) -> list[tuple[int, int, int]]:
    """What was read, its reader among the artifacts, and the version read: the newest, where it was several."""
    rows = db.execute(
        "SELECT l.artifact, a.id, max(l.number) FROM json_each(?) j CROSS JOIN artifact a ON a.id = j.value"
        " CROSS JOIN lineage l ON l.version = a.basis GROUP BY l.artifact, a.id",
        (id_list(ids),),
    )
    return rows.fetchall()

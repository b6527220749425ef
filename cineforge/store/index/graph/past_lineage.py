"""What stood on what at a moment: the heads of then, and what each of them had been made from."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass

from cineforge.model.refs import ArtifactRef
from cineforge.store.index.graph.graph_choice import ORDINARY
from cineforge.store.index.health.basis import basis_of
from cineforge.store.index.tables.columns import make_ref


@dataclass(frozen=True, slots=True)
class PastHead:
    """A head of then. `now` is the number of the head now."""

    ref: ArtifactRef
    now: int
    run_id: str | None


@dataclass(frozen=True)
class PastLineage:
    """The heads of then by their row ids, and pairs of them: what was read, and its reader."""

    heads: dict[int, PastHead]
    pairs: set[tuple[int, int]]


#: With max() the other columns are of the row that has it. A member that a fan-out had found unchanged by then
#: stands on what that fan-out read; `follows` are edits and refinements, which stand on what came before them.
_HEADS = (
    "SELECT w.id, w.type, w.entity, w.number, w.now, w.run_id, w.follows, coalesce(c.id, w.version) FROM ("
    "SELECT a.id, a.type, a.entity, max(v.number) AS number, v.id AS version, v.run_id, a.number AS now,"
    " v.refined OR v.edited_artifact IS NOT NULL AS follows"
    f" FROM artifact a JOIN version v ON v.artifact = a.id WHERE {ORDINARY} AND v.created_at <= ?1 GROUP BY a.id) w"
    " LEFT JOIN judged j ON j.artifact = w.id AND j.number = w.number AND j.kept = 1"
    " LEFT JOIN version c ON c.id = j.collection AND c.created_at <= ?1"
)
_PAIRS = (
    "SELECT DISTINCT l.artifact, json_extract(w.value, '$[0]') FROM json_each(?) w"
    " CROSS JOIN lineage l ON l.version = json_extract(w.value, '$[1]')"
)


def past_lineage(db: sqlite3.Connection, moment: int) -> PastLineage:
    """What had been made by a moment (microseconds since 1970, UTC), records of judgement and collections left out."""
    heads: dict[int, PastHead] = {}
    records: list[tuple[int, int]] = []
    pairs: set[tuple[int, int]] = set()
    for id_, type_, entity, number, now, run_id, follows, record in db.execute(_HEADS, (moment,)):
        heads[id_] = PastHead(make_ref(type_, entity, number), now, run_id)
        if follows:
            pairs.update((edge.parent, id_) for edge in basis_of(db, id_, number).edges)
        else:
            records.append((id_, record))
    pairs.update(db.execute(_PAIRS, (json.dumps(records),)))
    return PastLineage(
        heads, {(up, down) for up, down in pairs if up in heads and down in heads and up != down}
    )

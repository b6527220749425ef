"""Heads with an assessment that examined something: their health follows from the sets of causes, not from flags."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable

from cineforge.model.health import Verdict
from cineforge.store.index.health.causes import CauseGraph
from cineforge.store.index.health.gathered_sets import Naming
from cineforge.store.index.tables.columns import VERDICTS


def settle_assessed(
    db: sqlite3.Connection, assessed: Iterable[int], region: Collection[int]
) -> None:
    """Renew `stale` and `confirmed` of assessed heads, where the flags within `region` are not to be trusted."""
    assessed = list(assessed)
    graph = load_graph(db, assessed, distrust=region)
    causes = graph.causes()
    confirming = VERDICTS[Verdict.CONFIRMED]
    for artifact in assessed:
        removed = graph.removed.get(artifact, set()) & graph.unassessed(artifact, causes)
        stale = bool(causes.get(artifact))
        db.execute(
            "UPDATE artifact SET stale = ?, confirmed = (verdict = ? AND ?) WHERE id = ?",
            (stale, confirming, bool(removed) and not stale, artifact),
        )


def load_graph(
    db: sqlite3.Connection, start: Iterable[int], distrust: Collection[int] = ()
) -> CauseGraph[int]:
    """The graph above some heads, by artifact row id. What is not stale has no causes and ends the search.

    The flags of artifacts in `distrust` may be wrong: the search goes on through these.
    """
    graph: CauseGraph[int] = CauseGraph()
    naming = Naming(db)
    pending = list(start)
    seen = set(pending)
    while pending:
        artifact = pending.pop()
        _load_node(db, graph, naming, artifact)
        for upper, stale in db.execute(
            "SELECT DISTINCT p.id, p.stale FROM edge e JOIN artifact p ON p.id = e.parent"
            " WHERE e.child = ? ORDER BY p.id",
            (artifact,),
        ):
            if not stale and upper not in distrust:
                continue
            graph.above.setdefault(artifact, []).append(upper)
            if upper not in seen:
                seen.add(upper)
                pending.append(upper)
    return graph


def _load_node(
    db: sqlite3.Connection, graph: CauseGraph[int], naming: Naming, artifact: int
) -> None:
    direct = {
        row[0]
        for row in db.execute(
            "SELECT p.id FROM edge e JOIN artifact p ON p.id = e.parent"
            " WHERE e.child = ? AND e.content <> p.content",
            (artifact,),
        )
    }
    for (gathered,) in db.execute(
        "SELECT gathered FROM gathering WHERE child = ? AND differs = 1", (artifact,)
    ).fetchall():
        change = naming.change(gathered)
        direct.update(change.collections if change else ())
    if direct:
        graph.direct[artifact] = direct
    number, examined = db.execute(
        "SELECT number, examined FROM artifact WHERE id = ?", (artifact,)
    ).fetchone()
    if examined:
        graph.removed[artifact] = removed_by_assessment(db, artifact, number)


def removed_by_assessment(db: sqlite3.Connection, artifact: int, number: int) -> set[int]:
    """The artifacts whose present head the latest assessment of this version examined, or one of same content."""
    row = db.execute(
        "SELECT examined FROM assessed WHERE artifact = ? AND number = ?", (artifact, number)
    ).fetchone()
    if row is None:
        return set()
    return {
        examined
        for examined, version in json.loads(row[0])
        if db.execute(
            "SELECT 1 FROM version v JOIN artifact a ON a.id = v.artifact"
            " WHERE v.artifact = ? AND v.number = ? AND v.content = a.content",
            (examined, version),
        ).fetchone()
    }
